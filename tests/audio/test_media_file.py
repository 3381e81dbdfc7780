"""Files are looked into and decoded, whoever sent them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.audio.media_file import MediaInfo, decode, probe
from stream_server.errors import RecordingTooLong, UnsupportedAudio
from stream_server.session.options import AudioFormat
from tests.audio.files import MAKINGS, make_file

CALLED = {
    "wav": ("wav", "audio/wav"),
    "mp3": ("mp3", "audio/mpeg"),
    "m4a": ("m4a", "audio/mp4"),
    "ogg": ("ogg", "audio/ogg"),
    "weba": ("webm", "audio/webm"),
    "flac": ("flac", "audio/flac"),
    "wma": ("wma", "audio/x-ms-wma"),
    "amr": ("amr", "audio/amr"),
    "mp4": ("mp4", "video/mp4"),
    "webm": ("webm", "video/webm"),
    "mov": ("mov", "video/quicktime"),
    "avi": ("avi", "video/x-msvideo"),
    "mkv": ("mkv", "video/x-matroska"),
    "wmv": ("wmv", "video/x-ms-wmv"),
    "mpg": ("mpg", "video/mpeg"),
}
RAW = AudioFormat(encoding="pcm_s16le", sample_rate=8_000)


@pytest.fixture
def sound(tone: Callable[..., Any]) -> Any:
    """Give two seconds of 300 Hz."""
    return tone(2.0, rate=16_000)


def collect(path: Path, **options: Any) -> np.ndarray:
    """Decode a whole file."""
    return np.concatenate(list(decode(path, **{"longest_seconds": 60.0, **options})))


def pitch(samples: np.ndarray) -> float:
    """Return the loudest frequency of a second in the middle, at 16 kHz."""
    middle = samples[len(samples) // 2 - 8_000 :][:16_000]
    return float(np.argmax(np.abs(np.fft.rfft(middle))))


@pytest.mark.parametrize("kind", CALLED)
def test_every_kind_is_known_and_decoded(kind: str, sound: Any, tmp_path: Path) -> None:
    """Each container is called by its name, and its sound comes out at the rate that is asked for, as it went in."""
    path = make_file(tmp_path / f"upload.{kind}", sound)
    info = probe(path)
    assert (info.format, info.mime_type) == CALLED[kind]
    assert (info.sample_rate, info.channels) == (MAKINGS[kind].rate, 1)
    assert info.seconds == pytest.approx(2, abs=0.2)
    decoded = collect(path)
    assert decoded.dtype == np.float32
    assert decoded.shape[1] == 1
    assert len(decoded) == pytest.approx(32_000, abs=2_500)
    assert pitch(decoded[:, 0]) == pytest.approx(300, abs=3)


def test_the_name_of_a_file_decides_nothing(sound: Any, tmp_path: Path) -> None:
    """A WebM that is called a WAV is a WebM."""
    path = make_file(tmp_path / "call.wav", sound, kind="weba")
    assert probe(path, name="call.wav").format == "webm"
    assert pitch(collect(path, name="call.wav")[:, 0]) == pytest.approx(300, abs=3)


@pytest.mark.parametrize("frames", [15, 16, 100])
def test_gsm_is_known_by_its_frames_or_its_name(frames: int, tmp_path: Path) -> None:
    """Full-rate GSM has no header: many frames tell what it is, a few only with a name that ends in .gsm."""
    path = tmp_path / "upload"
    frame = bytes([0xD0 | 5, *np.random.default_rng(1).integers(0, 256, 32, np.uint8)])
    path.write_bytes(frame * frames)
    assert probe(path, name="CALL.GSM").mime_type == "audio/gsm"
    assert len(collect(path, name="CALL.GSM")) == frames * 320
    if frames > 15:
        assert collect(path).any()
    else:
        with pytest.raises(UnsupportedAudio):
            probe(path)


def test_channels_are_mixed_or_kept_apart(tone: Callable[..., Any], tmp_path: Path) -> None:
    """A stereo file gives the mean of its channels, or each."""
    path = make_file(tmp_path / "call.flac", tone(2.0, rate=16_000, channels=2))
    apart, mixed = collect(path, per_channel=True), collect(path)
    assert [pitch(apart[:, channel]) for channel in (0, 1)] == [300, 600]
    assert np.allclose(apart.mean(axis=1, keepdims=True), mixed, atol=1e-6)


def test_no_more_channels_are_kept_apart_than_a_session_has(tmp_path: Path) -> None:
    """Nine channels can be mixed, and not made nine tracks of."""
    path = tmp_path / "nine.wav"
    data = np.full((16_000, 9), 1_000, "<i2").tobytes()
    header = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 0, b"WAVEfmt ", 16, 1, 9, 16_000, 288_000, 18, 16, b"data", 0)
    path.write_bytes(header + data)
    assert collect(path).shape == (16_000, 1)
    with pytest.raises(UnsupportedAudio, match="9 channels"):
        collect(path, per_channel=True)


def test_blocks_are_about_a_second(sound: Any, tmp_path: Path) -> None:
    """Whoever takes blocks holds a second of them, not a file."""
    path = make_file(tmp_path / "a.mp3", np.concatenate([sound] * 3))
    sizes = [len(block) for block in decode(path, longest_seconds=60)]
    assert all(16_000 <= size < 18_000 for size in sizes[:-1])
    assert len(sizes) == 6


# ── raw sound ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "width", "mime_type"),
    [("pcm_s16le", 2, "audio/pcm"), ("pcm_mulaw", 1, "audio/basic"), ("pcm_alaw", 1, "audio/x-alaw-basic")],
)
def test_declared_raw_sound(encoding: str, width: int, mime_type: str, tmp_path: Path) -> None:
    """Bytes without a header are what was declared."""
    path = tmp_path / "raw"
    path.write_bytes(bytes(range(1, 251)) * 64 * width)
    raw = AudioFormat(encoding=encoding, sample_rate=8_000, channels=2)
    assert probe(path, raw) == MediaInfo(
        format="raw", mime_type=mime_type, sample_rate=8_000, channels=2, seconds=pytest.approx(1.0)
    )
    assert collect(path, raw=raw, per_channel=True).shape == (16_000, 2)


@pytest.mark.parametrize("kind", ["wav", "amr", "wma"])
def test_a_container_is_one_in_spite_of_what_was_declared(kind: str, sound: Any, tmp_path: Path) -> None:
    """Clients declare raw samples and send files."""
    path = make_file(tmp_path / f"a.{kind}", sound)
    assert probe(path, RAW).format == kind
    assert pitch(collect(path, raw=RAW)[:, 0]) == pytest.approx(300, abs=3)


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("raw", [None, RAW])
def test_an_empty_file(raw: AudioFormat | None, tmp_path: Path) -> None:
    """Nothing is said to be nothing."""
    (tmp_path / "a").touch()
    for look in (lambda: probe(tmp_path / "a", raw), lambda: collect(tmp_path / "a", raw=raw)):
        with pytest.raises(UnsupportedAudio, match="is empty"):
            look()


@pytest.mark.parametrize("kind", ["mp4", "webm", "avi", "mpg", "wmv"])
def test_a_video_without_sound(kind: str, tmp_path: Path) -> None:
    """A silent film is told apart from a broken file."""
    path = make_file(tmp_path / f"a.{kind}", None)
    with pytest.raises(UnsupportedAudio, match="no sound in it"):
        probe(path)


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}])
def test_an_encrypted_mp4(options: dict[str, str], sound: Any, tmp_path: Path) -> None:
    """A file under common encryption is called encrypted, wherever its index stands."""
    lock = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "00" * 16, "encryption_kid": "11" * 16}
    path = make_file(tmp_path / "a.mp4", sound, options=lock | options)
    with pytest.raises(UnsupportedAudio, match="encrypted"):
        probe(path)


def test_an_encrypted_wma(sound: Any, tmp_path: Path) -> None:
    """A file with a content encryption object is called encrypted."""
    path = make_file(tmp_path / "a.wma", sound)
    data = bytearray(path.read_bytes())
    data[30:46] = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
    path.write_bytes(data)
    with pytest.raises(UnsupportedAudio, match="encrypted"):
        probe(path)


@pytest.mark.parametrize(
    "content",
    [
        b"just a letter, " * 400,
        b"\x00" * 5_000,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period/></MPD>',
        b"\x89PNG\r\n\x1a\n" + bytes(300),
        b"PK\x03\x04" + bytes(300),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"OggS" + bytes(10),
    ],
)
def test_what_is_no_recording(content: bytes, tmp_path: Path) -> None:
    """Texts, pictures, archives and playlists are refused, and a playlist's entries never opened."""
    path = tmp_path / "a.m3u8"
    path.write_bytes(content)
    for look in (lambda: probe(path, name="a.m3u8"), lambda: collect(path)):
        with pytest.raises(UnsupportedAudio):
            look()


def test_a_rate_that_makes_bytes_into_days(tmp_path: Path) -> None:
    """A WAV that says one sample a second is refused."""
    header = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 0, b"WAVEfmt ", 16, 1, 1, 1, 2, 2, 16, b"data", 0)
    (tmp_path / "a.wav").write_bytes(header + bytes(200_000))
    with pytest.raises(UnsupportedAudio, match="1 Hz"):
        probe(tmp_path / "a.wav")


def test_a_small_file_that_is_long_inside(tmp_path: Path) -> None:
    """What comes out is counted, not what the header says: twenty kilobytes of FLAC hold minutes."""
    path = make_file(tmp_path / "a.flac", np.zeros((1_600_000, 1), np.float32))
    lying = bytearray(path.read_bytes())
    lying[21:26] = bytes([lying[21] & 0xF0, 0, 0, 0, 10])  # ten samples in all
    path.write_bytes(lying)
    blocks = decode(path, longest_seconds=30)
    assert sum(len(next(blocks)) for _ in range(20)) >= 20 * 16_000
    with pytest.raises(RecordingTooLong, match="30 s"):
        list(blocks)


@pytest.mark.parametrize("kind", ["mp3", "ogg", "weba", "flac", "mp4", "mpg", "wma", "amr"])
def test_what_of_a_damaged_file_can_be_decoded_is(kind: str, sound: Any, tmp_path: Path) -> None:
    """A hole in the middle costs the hole."""
    noise = 0.1 * np.random.default_rng(2).standard_normal((160_000, 1))  # in a bare tone every place looks alike
    path = make_file(tmp_path / f"a.{kind}", (np.concatenate([sound] * 5) + noise).astype(np.float32))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 500] = np.random.default_rng(1).bytes(500)
    path.write_bytes(data)
    assert len(collect(path)) > 8 * 16_000


@pytest.mark.parametrize("kind", ["wav", "mp3", "ogg", "weba", "flac", "mpg", "wma"])
def test_a_file_that_breaks_off(kind: str, sound: Any, tmp_path: Path) -> None:
    """What came before the end is used."""
    path = make_file(tmp_path / f"a.{kind}", np.concatenate([sound] * 5))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 3 * 16_000 < len(collect(path)) < 7 * 16_000


def test_an_mp4_without_its_index(sound: Any, tmp_path: Path) -> None:
    """An MP4 that was cut before its index cannot be read, and that is said."""
    path = make_file(tmp_path / "a.m4a", sound)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnsupportedAudio, match="damaged"):
        probe(path)


@pytest.mark.shared
def test_real_files(recordings: Path) -> None:
    """Every container beside the repository is decoded to its length."""
    for path in sorted((recordings / "container").iterdir()):
        info = probe(path, name=path.name)
        assert len(collect(path)) / 16_000 == pytest.approx(info.seconds, abs=0.25), path.name


@pytest.mark.shared
def test_malformed_files(recordings: Path) -> None:
    """Broken files are decoded or refused in a sentence, never worse."""
    for path in sorted((recordings / "malformed").iterdir()):
        with suppress(UnsupportedAudio):
            collect(path)
