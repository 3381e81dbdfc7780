"""Laws of sealed bytes and of the key file."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import StartupError
from stream_server.store.sealing import KEY_BYTES, Seal, SealBroken, find_key

SEAL = Seal(bytes(range(KEY_BYTES)))


@given(st.binary(max_size=2_000), st.text(max_size=50))
def test_what_was_sealed_opens_in_its_row(plain: bytes, row: str) -> None:
    """Whatever the bytes and the row's name."""
    assert SEAL.open(SEAL.seal(plain, row), row) == plain


def test_a_value_opens_in_no_other_row() -> None:
    """What was moved to another row is not taken for that row's."""
    with pytest.raises(SealBroken):
        SEAL.open(SEAL.seal(b"voice", "a"), "b")


def test_another_key_opens_nothing() -> None:
    """Who has the database has not the voices."""
    other = Seal(bytes(KEY_BYTES))
    with pytest.raises(SealBroken):
        other.open(SEAL.seal(b"voice", "a"), "a")
    assert other.key_id != SEAL.key_id


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_a_changed_value_does_not_open(place: int) -> None:
    """One flipped bit anywhere is noticed: format, nonce, text, tag."""
    sealed = bytearray(SEAL.seal(b"voice", "a"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        SEAL.open(bytes(sealed), "a")


@pytest.mark.parametrize("length", range(30))
def test_a_cut_value_does_not_open(length: int) -> None:
    """Neither does what is left of one."""
    with pytest.raises(SealBroken):
        SEAL.open(SEAL.seal(b"voice", "a")[:length], "a")


def test_one_thing_sealed_twice_looks_different() -> None:
    """Nobody can tell that two rows hold the same, and nothing of it shows."""
    plain = b"the same voice" * 10
    first, second = SEAL.seal(plain, "a"), SEAL.seal(plain, "a")
    assert first[1:] != second[1:]
    assert plain[:8] not in first


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """Its owner alone may read it, and it stays the same."""
    path = tmp_path / "new" / "voices.key"
    key = find_key(path)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert find_key(path) == key
    assert [each.name for each in path.parent.iterdir()] == ["voices.key"]


def test_processes_that_start_together_share_a_key(tmp_path: Path) -> None:
    """The first one's stands."""
    path = tmp_path / "voices.key"
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: find_key(path), range(32)))) == 1


@pytest.mark.parametrize("content", [b"", b"short", bytes(KEY_BYTES + 1)])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """One sentence that names the setting and the file, not what is in it."""
    path = tmp_path / "voices.key"
    path.write_bytes(content)
    with pytest.raises(StartupError, match=r"voices_key_file: .*voices\.key is not a key"):
        find_key(path)


def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """A folder is no key file, a file is no folder."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "voices.key"):
        with pytest.raises(StartupError, match="voices_key_file"):
            find_key(path)
