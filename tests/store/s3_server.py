"""A stand-in for S3: moto's server in a process of its own, spoken to over a real socket.

No registry that tests may use has a real S3 server that starts without more around it; moto checks no signatures.
"""

from __future__ import annotations

import re
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator

import pytest

from tests.sdks.environments import python_client


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Give the address of a running server."""
    command = [str(python_client("moto")), "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)))
        yield found[0]
        process.kill()


@pytest.fixture
def s3_url(s3_endpoint: str) -> str:
    """Give the URL of an empty bucket."""
    bucket = f"media-{uuid.uuid4().hex}"
    urllib.request.urlopen(urllib.request.Request(f"{s3_endpoint}/{bucket}", method="PUT")).close()
    return f"s3://{bucket}/recordings?endpoint={s3_endpoint}"
