"""Recordings are decoded in processes that may end badly without anybody else noticing."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from stream_server.audio import media, media_file
from stream_server.audio.media import decode, probe
from stream_server.errors import RecordingTooLong, UnsupportedAudio
from stream_server.session.options import AudioFormat
from tests.audio.files import make_file


@pytest.fixture
def path(tone: Callable[..., Any], tmp_path: Path) -> Path:
    """Give a stereo recording of three seconds."""
    return make_file(tmp_path / "a.flac", tone(3.0, rate=16_000, channels=2))


def children() -> list[psutil.Process]:
    """Return the processes that decode for us."""
    mine = psutil.Process().children(recursive=True)
    return [each for each in mine if "stream_server.audio.media_child" in " ".join(each.cmdline())]


@pytest.mark.parametrize("per_channel", [True, False])
def test_the_process_says_what_the_file_says(per_channel: bool, path: Path) -> None:
    """Bit for bit, and is gone afterwards."""
    assert probe(path) == media_file.probe(path)
    options: dict[str, Any] = {"per_channel": per_channel, "longest_seconds": 60, "rate": 8_000}
    here, there = list(media_file.decode(path, **options)), list(decode(path, **options))
    assert all(np.array_equal(*pair) for pair in zip(here, there, strict=True))
    assert [block.shape[1] for block in there] == [2 if per_channel else 1] * len(here)
    assert children() == []


def test_raw_sound_is_declared_to_the_process(tmp_path: Path) -> None:
    """And so is a name."""
    (tmp_path / "raw").write_bytes(bytes(16_000))
    raw = AudioFormat(encoding="pcm_s16le", sample_rate=8_000)
    assert probe(tmp_path / "raw", raw).seconds == 1
    assert sum(map(len, decode(tmp_path / "raw", raw=raw, longest_seconds=2))) == 16_000
    (tmp_path / "gsm").write_bytes(bytes([0xD0]) * 33)
    assert probe(tmp_path / "gsm", name="a.gsm").format == "gsm"


def test_errors_come_over(path: Path, tmp_path: Path) -> None:
    """As what they are, with their words."""
    with pytest.raises(RecordingTooLong, match="2 s"):
        list(decode(path, longest_seconds=2))
    (tmp_path / "empty").touch()
    with pytest.raises(UnsupportedAudio, match="is empty"):
        probe(tmp_path / "empty")
    assert children() == []


def test_who_stops_listening_ends_the_process(path: Path) -> None:
    """A recording that is cancelled decodes no further."""
    blocks = decode(path, longest_seconds=60)
    next(blocks)
    assert len(children()) == 1
    blocks.close()  # type: ignore[attr-defined]  # a generator
    assert children() == []


def test_a_few_bytes_that_want_all_memory(tone: Callable[..., Any], tmp_path: Path) -> None:
    """An index of two kilobytes that announces forty million packets is refused, and takes nothing of ours."""
    path = make_file(tmp_path / "a.m4a", tone(2.0, rate=16_000), options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    count = 40_000_000
    sizes, chunks, times = (data.index(name) for name in (b"stsz", b"stsc", b"stts"))
    struct.pack_into(">II", data, sizes + 8, 1, count)
    struct.pack_into(">IIII", data, chunks + 8, 1, 1, count, 1)
    struct.pack_into(">III", data, times + 8, 1, count, 1_024)
    path.write_bytes(data)
    before = psutil.Process().memory_info().rss
    with pytest.raises(UnsupportedAudio):
        list(decode(path, longest_seconds=60))
    with suppress(UnsupportedAudio):  # libav may tell the head of what it has no memory for
        probe(path)
    assert psutil.Process().memory_info().rss - before < 100 << 20


def test_a_process_that_hangs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for."""
    monkeypatch.setattr(media, "COMMAND", (media.COMMAND[0], "-c", "import time; time.sleep(1000)"))
    monkeypatch.setattr(media, "STALL_SECONDS", 0.2)
    with pytest.raises(UnsupportedAudio, match="longer"):
        probe(path)


@pytest.mark.parametrize(
    "program", ["raise SystemExit(1)", "import os; os.abort()", "import sys; sys.stdout.write('half')"]
)
def test_a_process_that_breaks(program: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs its own recording alone."""
    monkeypatch.setattr(media, "COMMAND", (media.COMMAND[0], "-c", program))
    with pytest.raises(UnsupportedAudio, match="breaks"):
        probe(path)
