"""Where audio comes from: files whole and with every channel, standard input as it comes."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import wave
from pathlib import Path
from typing import Self

import pytest

from stream_server.sample import sample_meeting
from stream_server.session.options import AudioFormat
from stream_server.sources import Source, SourceError, file_source, open_source

CLIPS = Path(__file__).parent / "audio" / "clips"


async def read(source: Source) -> bytes:
    """Return everything a source says."""
    return b"".join([block async for block in source.blocks()])


def write_wav(path: Path, *, rate: int, channels: int, seconds: float = 0.25) -> bytes:
    """Write a WAV file of known samples; return them."""
    size = round(rate * seconds) * channels * 2
    samples = (bytes(range(256)) * (size // 256 + 1))[:size]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return samples


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (8_000, 2), (48_000, 3), (44_100, 8)])
async def test_files_keep_rate_channels_and_every_sample(tmp_path: Path, rate: int, channels: int) -> None:
    """What the wire takes goes out as it is in the file."""
    samples = write_wav(tmp_path / "a.wav", rate=rate, channels=channels)
    source = file_source(tmp_path / "a.wav")
    assert source.audio == AudioFormat(encoding="pcm_s16le", sample_rate=rate, channels=channels)
    assert source.bytes_per_second == rate * channels * 2
    assert await read(source) == samples


async def test_files_come_in_blocks_of_a_tenth_of_a_second() -> None:
    """Short enough to be live; only the last one may be shorter."""
    meeting = sample_meeting()
    sizes = [len(block) async for block in file_source(meeting.audio, meeting.tracks).blocks()]
    assert set(sizes[:-1]) == {9_600}
    assert sum(sizes) == round(meeting.seconds * 16_000) * 6


async def test_a_rate_that_the_wire_does_not_take_is_resampled(tmp_path: Path) -> None:
    """96 kHz recordings can be streamed all the same."""
    write_wav(tmp_path / "a.wav", rate=96_000, channels=1, seconds=1)
    source = file_source(tmp_path / "a.wav")
    assert source.audio.sample_rate == 16_000
    assert len(await read(source)) == pytest.approx(32_000, abs=64)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.wav", None, "cannot be read: No such file"),
        ("text.wav", b"these are words, not sounds\n" * 40, "cannot be read"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, name: str, content: bytes | None, sentence: str) -> None:
    """One sentence names the file and what is wrong with it."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=sentence):
        open_source(str(tmp_path / name))


def test_too_many_channels_are_refused(tmp_path: Path) -> None:
    """The wire takes eight."""
    write_wav(tmp_path / "a.wav", rate=16_000, channels=9)
    with pytest.raises(SourceError, match="9 channels"):
        open_source(str(tmp_path / "a.wav"))


async def test_a_truncated_file_gives_what_is_whole(tmp_path: Path) -> None:
    """A recording that was cut off is streamed up to the cut."""
    whole = (CLIPS / "weather.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    assert await read(file_source(tmp_path / "cut.flac"))


async def test_standard_input_passes_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes of a pipe are not looked at; the server sniffs what they are."""
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(reading, "rb", buffering=0))
    source = open_source("-")
    assert (source.audio.encoding, source.bytes_per_second) == (None, None)
    await asyncio.to_thread(os.write, writing, b"RIFF and so on")
    os.close(writing)
    assert await read(source) == b"RIFF and so on"


async def test_standard_input_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`stream-server transcribe - < recording` works as a pipe does."""
    (tmp_path / "raw").write_bytes(b"\x01\x02" * 20_000)
    with (tmp_path / "raw").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", file)
        declared = AudioFormat(encoding="pcm_s16le", sample_rate=8_000)
        source = open_source("-", declared)
        assert source.audio == declared
        assert await read(source) == b"\x01\x02" * 20_000


def test_the_microphone_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional package one sentence tells how to get it."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SourceError, match=r"pip install 'stream-server\[mic\]'"):
        open_source("mic")


async def test_the_microphone_is_heard_until_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks come from the sound library's own thread; the device is given back at the end."""

    class Device:
        PortAudioError = OSError
        open = False

        def RawInputStream(self, *, callback: object, **_settings: object) -> Device:  # noqa: N802
            self.callback = callback
            return self

        def __enter__(self) -> Self:
            self.open = True
            self.callback(io.BytesIO(b"\x01\x02").getbuffer(), 1, None, None)  # type: ignore[operator]
            return self

        def __exit__(self, *_: object) -> None:
            self.open = False

    device = Device()
    monkeypatch.setitem(sys.modules, "sounddevice", device)  # type: ignore[arg-type]
    blocks = open_source("mic").blocks()
    assert await anext(blocks) == b"\x01\x02"
    assert device.open
    await blocks.aclose()  # type: ignore[attr-defined]
    assert not device.open
