"""Read a transcript from subtitles: SubRip and WebVTT. A WebVTT voice (`<v Ann>`) is a speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from stream_server.evaluate.fields import Place, check_order, read_seconds
from stream_server.evaluate.transcript import Segment, Transcript

ARROW = "-->"

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z0-9][^<>]*>|\{\\[^{}]*\}")


def parse_subtitles(content: str, place: Place) -> Transcript:
    """Read cues: a line with an arrow between two times, then text up to an empty line; the rest is passed over."""
    segments: list[Segment] = []
    lines = content.splitlines()
    for index, line in enumerate(lines):
        if ARROW not in line:
            continue
        here = place.line(index + 1)
        left, _, right = line.partition(ARROW)
        start, end = _seconds(left.strip(), here), _seconds(next(iter(right.split()), ""), here)
        check_order(start, end, here)
        segments += _voices(_text_below(lines, index), start, end)
    return Transcript(segments=tuple(segments))


def _text_below(lines: Sequence[str], index: int) -> str:
    """Return the lines of a cue; one that runs into the next cue's times ends before them and their number."""
    text: list[str] = []
    for line in lines[index + 1 :]:
        if ARROW in line:
            if text and text[-1].strip().isdecimal():
                text.pop()
            break
        if not line.strip():
            break
        text.append(line)
    return " ".join(text)


def _voices(text: str, start: float, end: float) -> list[Segment]:
    """Return a segment for each voice of a cue; they share its times."""
    before, *parts = _VOICE.split(text)
    pairs = [(None, before), *zip(parts[::2], parts[1::2], strict=True)]
    segments = [
        Segment(text=_plain(said), speaker=voice and unescape(voice).strip(), start=start, end=end)
        for voice, said in pairs
    ]
    return [segment for segment in segments if segment.text]


def _plain(text: str) -> str:
    """Return text without tags, its entities as characters."""
    return " ".join(unescape(_TAG.sub("", text)).split())


def _seconds(clock: str, place: Place) -> float:
    """Return the seconds of `H:MM:SS,mmm`; the hours may be left out."""
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise place.wrong("a cue's times must be like 00:00:01,000 --> 00:00:02,500")
    hours, minutes, seconds, fraction = match.groups()
    return read_seconds(int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}"), "time", place)
