"""TLS files that can be used or not; `test_port` talks over TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_server.errors import StartupError
from stream_server.net.tls import make_tls


def test_no_certificate_means_plain_text() -> None:
    """TLS is a choice."""
    assert make_tls(None, None) is None


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_bad_files(tmp_path: Path, content: str | None) -> None:
    """Files that are missing or hold something else are one sentence that names the settings."""
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(StartupError, match="tls_certificate and tls_key"):
        make_tls(file, file)
