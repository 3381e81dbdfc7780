"""Which containers a finished recording may come in, and what each is called.

The table is also a wall: libav opens no other, so that none that reads further files or addresses (playlists, scripts)
is ever tried on a stranger's bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

GSM_FRAME_BYTES = 33
"""Of GSM 06.10 at full rate: 20 ms."""

GSM_FRAMES = 16
"""Whose marks must be right where no name says what the file is: 64 bits do not agree by chance."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A container's short name and MIME types; `video_name` is what people call it with pictures in it."""

    name: str
    mime_type: str
    video_name: str = ""
    video_mime_type: str = ""

    def called(self, *, video: bool) -> tuple[str, str]:
        """Return the name and MIME type of a file of this kind."""
        if video:
            return self.video_name or self.name, self.video_mime_type or self.mime_type
        return self.name, self.mime_type


KINDS: dict[str, FileKind] = {
    "wav": FileKind("wav", "audio/wav"),
    "w64": FileKind("w64", "audio/x-w64"),
    "aiff": FileKind("aiff", "audio/aiff"),
    "caf": FileKind("caf", "audio/x-caf"),
    "au": FileKind("au", "audio/basic"),
    "mp3": FileKind("mp3", "audio/mpeg"),
    "aac": FileKind("aac", "audio/aac"),
    "flac": FileKind("flac", "audio/flac"),
    "ogg": FileKind("ogg", "audio/ogg", "ogv", "video/ogg"),
    "amr": FileKind("amr", "audio/amr"),
    "gsm": FileKind("gsm", "audio/gsm"),
    "asf": FileKind("wma", "audio/x-ms-wma", "wmv", "video/x-ms-wmv"),
    "avi": FileKind("avi", "video/x-msvideo"),
    "flv": FileKind("flv", "video/x-flv"),
    "mpeg": FileKind("mpg", "video/mpeg"),
    "mpegts": FileKind("ts", "video/mp2t"),
    "matroska": FileKind("mka", "audio/x-matroska", "mkv", "video/x-matroska"),
    "webm": FileKind("webm", "audio/webm", "webm", "video/webm"),
    "mov": FileKind("m4a", "audio/mp4", "mp4", "video/mp4"),
    "quicktime": FileKind("mov", "video/quicktime"),
}
"""By libav's demuxer; it has one for both of Matroska and WebM, and one for MPEG-4 and QuickTime."""

DEMUXERS = ",".join(name for name in KINDS if name not in ("webm", "quicktime"))
"""What libav may open."""


def find_kind(demuxer: str, head: bytes, brand: str) -> FileKind:
    """Return the kind of a file that `demuxer` (its names, with commas) reads; `brand` is an MPEG-4's own word."""
    first = demuxer.partition(",")[0]
    if first == "matroska" and b"webm" in head[:64]:  # the document type stands in its header
        first = "webm"
    if first == "mov" and brand.strip() == "qt":
        first = "quicktime"
    return KINDS[first]


def is_gsm(head: bytes, name: str) -> bool:
    """Tell whether bytes are GSM 06.10: it has no header, only four bits in front of every frame.

    A file whose name says so needs one frame of them, another one many.
    """
    marks = head[: GSM_FRAMES * GSM_FRAME_BYTES : GSM_FRAME_BYTES]
    enough = 1 if name.lower().endswith(".gsm") else GSM_FRAMES
    return len(marks) >= enough and all(mark >> 4 == 0xD for mark in marks)
