"""Containers are called by their names, and none is opened that leads elsewhere."""

from __future__ import annotations

import pytest

from stream_server.audio.file_kinds import DEMUXERS, GSM_FRAME_BYTES, GSM_FRAMES, KINDS, find_kind, is_gsm


@pytest.mark.parametrize(
    ("demuxer", "head", "brand", "name"),
    [
        ("wav", b"", "", "wav"),
        ("matroska,webm", b"\x1a\x45\xdf\xa3...webm", "", "webm"),
        ("matroska,webm", b"\x1a\x45\xdf\xa3...matroska", "", "mka"),
        ("mov,mp4,m4a,3gp,3g2,mj2", b"", "qt  ", "mov"),
        ("mov,mp4,m4a,3gp,3g2,mj2", b"", "M4A ", "m4a"),
    ],
)
def test_demuxers_of_several_kinds(demuxer: str, head: bytes, brand: str, name: str) -> None:
    """What libav reads alike, people call differently."""
    assert find_kind(demuxer, head, brand).name == name


def test_a_film_is_called_otherwise() -> None:
    """Where the same container holds sound or a film."""
    assert KINDS["asf"].called(video=False) == ("wma", "audio/x-ms-wma")
    assert KINDS["asf"].called(video=True) == ("wmv", "video/x-ms-wmv")
    assert KINDS["avi"].called(video=False) == KINDS["avi"].called(video=True) == ("avi", "video/x-msvideo")


def test_nothing_that_names_further_files_is_opened() -> None:
    """Playlists, scripts, pictures by number and devices are not on the list."""
    leading = {"hls", "concat", "dash", "sdp", "rtsp", "image2", "lavfi", "ffmetadata", "mpjpeg", "tedcaptions", "imf"}
    assert leading.isdisjoint(DEMUXERS.split(","))


def test_gsm_needs_marks_at_the_right_places() -> None:
    """One frame with a name, many without; a mark that is missing is no GSM."""
    frame = b"\xd5" + bytes(GSM_FRAME_BYTES - 1)
    assert is_gsm(frame, "a.GSM")
    assert not is_gsm(frame, "a.wav")
    assert is_gsm(frame * GSM_FRAMES, "")
    assert not is_gsm(frame * (GSM_FRAMES - 1) + bytes(GSM_FRAME_BYTES), "a.gsm")
    assert not is_gsm(b"", "a.gsm")
