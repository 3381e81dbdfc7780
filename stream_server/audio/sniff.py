"""Tell from the first bytes what kind of audio this is.

Clients declare "wav" and send WebM, or declare nothing. Magic numbers of four bytes and more are believed whatever was
declared. A bare MPEG or ADTS sync word (11 or 12 bits) also happens in raw samples, so where raw audio was declared
two headers at the right distance are wanted.
"""

from __future__ import annotations

from enum import Enum, auto

from stream_server.errors import UnsupportedAudio


class Kind(Enum):
    """What the bytes are."""

    RAW = auto()
    WAV = auto()
    FLAC = auto()
    MP3 = auto()
    OGG = auto()
    WEBM = auto()
    MP4 = auto()
    ADTS = auto()
    AIFF = auto()


_MAGICS: tuple[tuple[int, bytes, Kind], ...] = (
    (8, b"WAVE", Kind.WAV),
    (0, b"fLaC", Kind.FLAC),
    (0, b"OggS", Kind.OGG),
    (0, b"\x1a\x45\xdf\xa3", Kind.WEBM),
    (4, b"ftyp", Kind.MP4),
    (0, b"ID3", Kind.MP3),
    (8, b"AIFF", Kind.AIFF),
    (8, b"AIFC", Kind.AIFF),
)
_OUTER: dict[Kind, tuple[bytes, ...]] = {
    Kind.WAV: (b"RIFF", b"RF64", b"BW64"),
    Kind.AIFF: (b"FORM",),
}
"""What must stand at offset 0 as well."""

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"#!AMR", "AMR"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (ASF, WMA)"),
    (b"caff", "CAF"),
)
_WANTED = "send WAV, FLAC, MP3, Ogg, WebM, MP4 or AAC, or declare a raw encoding"


def sniff(first: bytes, raw_declared: bool, at_end: bool = False) -> Kind | None:
    """Return the kind, or None if more bytes are needed (never when `at_end`).

    Raises `UnsupportedAudio` for formats that are not taken, and for unknown bytes where nothing raw was declared.
    """
    waiting = False
    for offset, magic, kind in _MAGICS:
        verdict = _matches(first, offset, magic, _OUTER.get(kind, ()))
        if verdict:
            return kind
        waiting = waiting or verdict is None
    for magic, name in _REFUSED:
        if first.startswith(magic):
            raise UnsupportedAudio(f"{name} audio is not supported; {_WANTED}")
        waiting = waiting or magic.startswith(first)
    if waiting and not at_end:
        return None
    return _sniff_sync(first, raw_declared, at_end)


def _matches(first: bytes, offset: int, magic: bytes, outer: tuple[bytes, ...]) -> bool | None:
    """Return True or False, or None while the bytes so far fit but are too few."""
    if outer and not any(_agree(first, begin) for begin in outer):
        return False
    if not _agree(first[offset:], magic):
        return False
    return True if len(first) >= offset + len(magic) else None


def _agree(found: bytes, wanted: bytes) -> bool:
    shared = min(len(found), len(wanted))
    return found[:shared] == wanted[:shared]


def _sniff_sync(first: bytes, raw_declared: bool, at_end: bool) -> Kind | None:
    """Look for an MPEG or ADTS frame; believe one header where nothing was declared, two where raw audio was."""
    for kind, frame_length, header_bytes in ((Kind.MP3, mpeg_frame_length, 4), (Kind.ADTS, adts_frame_length, 7)):
        if not at_end and len(first) < header_bytes and first[:1] == b"\xff":
            return None
        length = frame_length(first)
        if length is None:
            continue
        if not raw_declared:
            return kind
        if len(first) < length + header_bytes and not at_end:
            return None
        if frame_length(first[length:]) is not None and first[1] == first[length + 1]:
            return kind
    if raw_declared:
        return Kind.RAW
    if not first:
        raise UnsupportedAudio(f"no audio arrived; {_WANTED}")
    raise UnsupportedAudio(f"the audio is of no known format; {_WANTED}")


_LAYER_3_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LAYER_3_KBPS_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def mpeg_frame_length(data: bytes) -> int | None:
    """Return the bytes of the MPEG layer III frame that begins here, or None (ISO 11172-3 2.4.1.3)."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3 or data[3] & 3 == 2:
        return None
    kbps = (_LAYER_3_KBPS if version == 3 else _LAYER_3_KBPS_LOW)[bitrate]
    samples_per_byte_second = 144 if version == 3 else 72
    return samples_per_byte_second * kbps * 1000 // _MPEG_RATES[version][rate] + (data[2] >> 1 & 1)


def adts_frame_length(data: bytes) -> int | None:
    """Return the bytes of the ADTS frame that begins here, or None (ISO 13818-7 6.2)."""
    if len(data) < 7 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0 or data[2] >> 2 & 15 > 12:
        return None
    length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return length if length > 7 else None
