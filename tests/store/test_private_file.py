"""A file that its owner alone may read is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_server.store.private_file import written_aside


def test_it_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    """Content and rights are there before anybody moves it; the folder is made on the way."""
    path = tmp_path / "keys" / "one.key"
    with written_aside(path, b"secret") as scratch:
        assert (scratch.parent, scratch.read_bytes(), scratch.stat().st_mode & 0o777) == (path.parent, b"secret", 0o600)
        scratch.replace(path)
    assert [each.name for each in path.parent.iterdir()] == ["one.key"]


def test_nothing_stays_of_what_nobody_took(tmp_path: Path) -> None:
    """Nor of what failed on the way."""
    with pytest.raises(RuntimeError), written_aside(tmp_path / "one.key", b"secret"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
