"""One contract over every place where recordings are kept, and keys that lead nowhere else."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stream_server.errors import NotFound, StartupError, StorageFull, StoreUnavailable
from stream_server.store import local_media
from stream_server.store.local_media import LocalMedia
from stream_server.store.media import MediaStore, check_key, check_owner, folder_of, mime_type_of, new_key
from stream_server.store.object_media import PIECE_BYTES
from stream_server.store.s3_media import open_s3

KEYS = ("anything", "anything")


@pytest_asyncio.fixture(params=["local", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MediaStore]:
    """Give an empty store of each kind."""
    if request.param == "local":
        yield LocalMedia(tmp_path / "media")
    else:
        yield open_s3(request.getfixturevalue("s3_url"), *KEYS)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """Give a file that takes several reads."""
    path = tmp_path / "upload"
    path.write_bytes(os.urandom(2 * PIECE_BYTES + 7))
    return path


async def everything(store: MediaStore, key: str, start: int, end: int) -> bytes:
    """Read a range."""
    return b"".join([piece async for piece in store.read(key, start, end)])


async def test_what_is_put_is_there(store: MediaStore, upload: Path, tmp_path: Path) -> None:
    """A file is found under its key, whole and in parts, and as a file."""
    content, before = upload.read_bytes(), time.time()  # noqa: ASYNC240  # a file in a test
    key = new_key("acme", "anna", "audio/mpeg")
    await store.put(key, upload)
    found = await store.find(key)
    assert (found.key, found.size, found.mime_type) == (key, len(content), "audio/mpeg")
    assert abs(found.modified_at - before) < 60
    assert found.etag
    assert '"' not in found.etag
    for start, end in (
        (0, len(content)),
        (0, 1),
        (5, 5),
        (PIECE_BYTES - 1, PIECE_BYTES + 1),
        (len(content) - 3, len(content)),
    ):
        assert await everything(store, key, start, end) == content[start:end]
    async with store.as_file(key, tmp_path / "scratch") as path:
        assert path.read_bytes() == content
    assert not (tmp_path / "scratch").exists()


async def test_an_empty_recording(store: MediaStore, tmp_path: Path) -> None:
    """Nothing is something, too."""
    (tmp_path / "empty").touch()
    await store.put("acme/-/a.wav", tmp_path / "empty")
    assert (await store.find("acme/-/a.wav")).size == 0
    assert await everything(store, "acme/-/a.wav", 0, 0) == b""


async def test_what_is_deleted_is_gone(store: MediaStore, upload: Path) -> None:
    """Once; a second time there is nothing to delete."""
    await store.put("acme/-/a.wav", upload)
    await store.delete("acme/-/a.wav")
    for again in (store.delete, store.find):
        with pytest.raises(NotFound):
            await again("acme/-/a.wav")


async def test_a_key_can_be_put_again(store: MediaStore, upload: Path, tmp_path: Path) -> None:
    """The later file counts, and its tag is another."""
    await store.put("acme/-/a.wav", upload)
    first = await store.find("acme/-/a.wav")
    (tmp_path / "other").write_bytes(b"other")
    await store.put("acme/-/a.wav", tmp_path / "other")
    found = await store.find("acme/-/a.wav")
    assert (found.size, found.etag == first.etag) == (5, False)


async def test_the_old_are_listed(store: MediaStore, upload: Path, tmp_path: Path) -> None:
    """What was put before a moment, of every organisation."""
    (tmp_path / "other").write_bytes(b"other")
    await store.put("acme/-/a.wav", upload)
    await store.put("other/anna/b.mp3", tmp_path / "other")
    assert sorted([key async for key in store.list_older(time.time() + 60)]) == ["acme/-/a.wav", "other/anna/b.mp3"]
    assert [key async for key in store.list_older(time.time() - 60)] == []


@pytest.mark.parametrize(
    "key",
    [
        *("", "a", "a/b", "/a/b/c", "a/b/c/", "a//c", "a/b/c/d", "../b/c", "a/../c", "a/b/..", "a/b/.hidden"),
        *(
            "a/b/c\\..\\d",
            "a/b/c\0",
            "a/b/c\n",
            "a/b/%2e%2e",
            "a/b/ç",
            "a/b/c d",
            "a/b/" + "c" * 300,
            "~/b/c",
            "C:/b/c",
        ),
    ],
)
async def test_keys_that_are_none(key: str, store: MediaStore, upload: Path) -> None:
    """Whatever leads elsewhere is not there, and nothing is put there."""
    with pytest.raises(NotFound):
        await store.put(key, upload)
    for act in (store.find, store.delete):
        with pytest.raises(NotFound):
            await act(key)
    with pytest.raises(NotFound):
        await everything(store, key, 0, 1)


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("organisation", ["acme", "default", "../..", "Zürich AG", "a/b", "", ".", "x-61", "ACME"])
@pytest.mark.parametrize("user", [None, "anna", "../anna", "-", "anna@example.com"])
def test_a_new_key_is_one_and_its_owners(organisation: str, user: str | None) -> None:
    """Whatever organisations and users are called."""
    key = new_key(organisation, user, "video/webm")
    assert check_key(key) == key
    assert check_owner(key, organisation, user) == key
    assert check_owner(key, organisation, None) == key
    for other in ((organisation + "2", None), (organisation, "somebody else")):
        with pytest.raises(NotFound):
            check_owner(key, *other)


def test_no_two_names_have_one_folder() -> None:
    """A name that looks like what another becomes becomes something else itself."""
    names = ["acme", "ACME", "Acme", "acme/", folder_of("ACME"), "-", "", "x-"]
    assert len({folder_of(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("mime_type", "back"),
    [
        *((each, each) for each in ("audio/wav", "audio/webm", "video/webm", "audio/mp4", "video/mp4", "audio/amr")),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
    ],
)
def test_a_key_says_what_it_is(mime_type: str, back: str) -> None:
    """Sound and films are served as what they are, everything else as bytes."""
    assert mime_type_of(new_key("acme", None, mime_type)) == back


def test_no_ending_is_a_page() -> None:
    """Somebody who chose a key could still not have a script run."""
    assert {mime_type_of(f"a/b/c.{ending}") for ending in ("html", "svg", "js", "xml", "", "htm")} == {
        "application/octet-stream"
    }


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_files_are_their_owners_alone(upload: Path, tmp_path: Path) -> None:
    """Directories of recordings open for nobody else, and no half of a file is ever under its key."""
    store = LocalMedia(tmp_path / "media")
    await store.put("acme/-/a.wav", upload)
    assert [(tmp_path / "media" / part).stat().st_mode & 0o077 for part in ("", "acme", "acme/-")] == [0, 0, 0]
    assert [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()] == ["a.wav"]
    assert not upload.exists()  # noqa: ASYNC240  # same


async def test_a_directory_that_is_full(upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room is said to be no room, any other trouble to be trouble; neither leaves half a file."""

    def move(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(number, "no")

    store = LocalMedia(tmp_path / "media")
    monkeypatch.setattr(local_media.shutil, "move", move)
    for number, error in ((errno.ENOSPC, StorageFull), (errno.EIO, StoreUnavailable)):  # noqa: B007  # `move` uses it
        with pytest.raises(error):
            await store.put("acme/-/a.wav", upload)
        assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


async def test_a_server_that_is_away(s3_endpoint: str, upload: Path) -> None:
    """A bucket that is not there is the server's trouble, and its address stays out of what is said."""
    store = open_s3(f"s3://nothing-here?endpoint={s3_endpoint}", *KEYS)
    with pytest.raises((StoreUnavailable, NotFound)) as raised:
        await store.put("acme/-/a.wav", upload)
    assert s3_endpoint not in raised.value.message


async def test_nobody_there(upload: Path) -> None:
    """A server that does not answer is given up soon."""
    store = open_s3("s3://bucket?endpoint=http://127.0.0.1:1", *KEYS)
    with pytest.raises(StoreUnavailable):
        await store.put("acme/-/a.wav", upload)


@pytest.mark.parametrize(
    "url", ["", "media", "http://host/bucket", "s3://", "s3:///a", "s3://key:word@bucket/", "s3://bucket?acl=public"]
)
def test_urls_that_are_none(url: str) -> None:
    """The start says what is wanted, without the URL, which may hold a secret."""
    with pytest.raises(StartupError, match="s3://bucket/prefix") as raised:
        open_s3(url, *KEYS)
    assert "word" not in raised.value.message


def test_keys_come_in_pairs() -> None:
    """One alone is a mistake."""
    with pytest.raises(StartupError, match="together"):
        open_s3("s3://bucket", "anything", None)
