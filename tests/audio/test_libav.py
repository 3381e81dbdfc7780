"""libav decodes what it can and says what it skipped."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stream_server.audio.libav import Damage, decode
from stream_server.audio.sniff import Kind
from stream_server.errors import UnsupportedAudio

KINDS = {"flac": Kind.FLAC, "mp3": Kind.MP3, "ogg": Kind.OGG, "webm": Kind.WEBM, "adts": Kind.ADTS, "aiff": Kind.AIFF}


class Unseekable:
    """A file that can only be read on, in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, 100))


def collect(data: bytes, kind: Kind, damage: Damage | None = None) -> np.ndarray:
    """Decode everything, without seeking."""
    return np.concatenate([samples for samples, _ in decode(Unseekable(data), kind, damage or Damage())])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind(name: str, channels: int, encode: Callable[..., bytes], tone: Any) -> None:
    """Every kind gives back the sound that was encoded, channel by channel, without seeking."""
    decoded = collect(encode(name, tone(1.0, channels=channels)), KINDS[name])
    assert decoded.shape[1] == channels
    assert 46_000 < len(decoded) < 52_000
    for channel in range(channels):
        spectrum = np.abs(np.fft.rfft(decoded[4_000:44_000, channel]))
        assert np.argmax(spectrum) * 48_000 / 40_000 == pytest.approx(300 * (channel + 1), abs=3)
        # The middle only: codecs ring where a tone begins and ends.
        assert np.std(decoded[8_000:40_000, channel]) == pytest.approx(0.4 / np.sqrt(2), rel=0.1)


def test_lossless_is_lossless(encode: Callable[..., bytes], tone: Any) -> None:
    """FLAC gives exactly the 16-bit samples."""
    sound = tone(0.5)
    assert np.abs(collect(encode("flac", sound), Kind.FLAC) - sound).max() <= 1 / 32768


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "webm", "adts"])
def test_truncated_keeps_what_was_there(name: str, encode: Callable[..., bytes], tone: Any) -> None:
    """A stream that breaks off gives what came before."""
    data = encode(name, tone(4.0))
    assert len(collect(data[: len(data) * 3 // 4], KINDS[name])) > 48_000


@pytest.mark.parametrize("name", ["flac", "mp3", "adts"])
def test_trailing_garbage_is_tolerated(name: str, encode: Callable[..., bytes], tone: Any) -> None:
    """Zeros behind the end change nothing."""
    data = encode(name, tone(1.0))
    assert abs(len(collect(data + bytes(5_000), KINDS[name])) - len(collect(data, KINDS[name]))) <= 4_096


def test_broken_frames_are_counted(encode: Callable[..., bytes], tone: Any) -> None:
    """Damage in the middle costs its frames and no more."""
    data = bytearray(encode("adts", tone(4.0)))
    middle = len(data) // 2
    data[middle : middle + 60] = np.random.default_rng(1).bytes(60)
    damage = Damage()
    assert len(collect(bytes(data), Kind.ADTS, damage)) > 3.5 * 48_000
    assert damage.frames > 0


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.RAW])
@pytest.mark.parametrize("length", [0, 1, 5_000])
def test_garbage_is_refused(kind: Kind, length: int) -> None:
    """Random bytes of any kind end in one sentence."""
    with pytest.raises(UnsupportedAudio):
        collect(np.random.default_rng(7).bytes(length), kind)
