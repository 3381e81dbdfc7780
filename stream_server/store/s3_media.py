"""Recordings in a bucket of S3, or of what speaks like it (MinIO, Ceph, Garage, R2 …)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.store import S3Store
from yarl import URL

from stream_server.errors import StartupError
from stream_server.store.object_media import ObjectMedia

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

PARAMETERS = ("endpoint", "region")

USUAL_REGION = "us-east-1"
"""What servers that have no regions expect to hear."""

CONNECT_SECONDS = 10
REQUEST_SECONDS = 300
"""For one part of a recording, either way."""

MOST_RETRIES = 3
RETRY_SECONDS = 20
"""While somebody waits: a server that is away for longer is away."""


def open_s3(url: str, access_key: str | None, secret_key: str | None) -> ObjectMedia:
    """Return the recordings at `s3://bucket/prefix?endpoint=https://host&region=name`; raises `StartupError`.

    Without keys those of the machine are used, as Amazon's own tools find them.
    """
    bucket, prefix, query = _parse(url)
    config: S3Config = {"bucket": bucket, "region": query.get("region", USUAL_REGION)}
    options: ClientConfig = {
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "timeout": timedelta(seconds=REQUEST_SECONDS),
    }
    if endpoint := query.get("endpoint"):
        config["endpoint"] = endpoint
        options["allow_http"] = endpoint.startswith("http://")
    if (access_key is None) != (secret_key is None):
        raise StartupError("settings media_access_key and media_secret_key must be given together")
    if access_key is not None and secret_key is not None:
        config["access_key_id"], config["secret_access_key"] = access_key, secret_key
    retries: RetryConfig = {"max_retries": MOST_RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}
    return ObjectMedia(S3Store(prefix=prefix or None, config=config, client_options=options, retry_config=retries))


def _parse(url: str) -> tuple[str, str, dict[str, str]]:
    try:
        parsed = URL(url)
        query = dict(parsed.query)
        if parsed.scheme != "s3" or not parsed.host or parsed.user or not set(query) <= set(PARAMETERS):
            raise ValueError  # noqa: TRY301  # one sentence for all of it
    except ValueError:
        raise StartupError(
            "setting media_url: s3://bucket/prefix?endpoint=https://host&region=name is wanted"
        ) from None
    return parsed.host, parsed.path.strip("/"), query
