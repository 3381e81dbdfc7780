"""Read a transcript from the text of a file: plain text, STM, RTTM, JSON, SRT and WebVTT.

STM and RTTM are NIST's: `file channel speaker start end [<label>] words…` and `SPEAKER file channel start duration
<NA> <NA> speaker <NA> <NA>`, a turn a line, times in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.fields import Place, check_order, read_seconds
from stream_server.evaluate.records import parse_json
from stream_server.evaluate.subtitles import parse_subtitles
from stream_server.evaluate.transcript import Segment, Transcript

SUFFIXES = {
    ".txt": "text", ".stm": "stm", ".rttm": "rttm", ".json": "json", ".jsonl": "json", ".srt": "srt", ".vtt": "vtt",
}  # fmt: skip

IGNORED_WORDS = "ignore_time_segment_in_scoring"
IGNORED_SPEAKERS = ("inter_segment_gap", "excluded_region")
"""How STM marks what is not to be scored (NIST SCTK, `sclite`)."""

_LABEL = re.compile(r"<[^<>\s]+>")


def parse(content: str, form: str, source: str) -> Transcript:
    """Return a transcript; `source` names it in errors. Raises `InvalidConfiguration` with the line that is wrong."""
    parser = PARSERS.get(form)
    if parser is None:
        raise InvalidConfiguration(f"{source}: format must be one of {', '.join(PARSERS)}")
    return parser(content.removeprefix("\ufeff"), Place(source))


def format_of(name: str) -> str | None:
    """Return the format that a file's name promises; None for others."""
    return SUFFIXES.get(PurePath(name).suffix.lower())


def parse_text(content: str, place: Place) -> Transcript:
    """Take every line as words of nobody in particular."""
    del place
    lines = (line.strip() for line in content.splitlines())
    return Transcript(segments=tuple(Segment(text=line) for line in lines if line), possible=frozenset({"words"}))


def parse_stm(content: str, place: Place) -> Transcript:
    """Read STM; one recording in one file."""
    segments: list[Segment] = []
    recording: str | None = None
    for line, here in _lines(content, place, comment=";;"):
        fields = line.split(maxsplit=5)
        if len(fields) < 5:
            raise here.wrong("STM has file, channel, speaker, start and end before the words")
        recording = _same_recording(fields[0], recording, here)
        start, end = read_seconds(fields[3], "start", here), read_seconds(fields[4], "end", here)
        check_order(start, end, here)
        text = _without_label(fields[5]) if len(fields) > 5 else ""
        if fields[2] not in IGNORED_SPEAKERS and text.lower() != IGNORED_WORDS:
            segments.append(Segment(text=text, speaker=fields[2], start=start, end=end))
    return Transcript(segments=tuple(segments))


def parse_rttm(content: str, place: Place) -> Transcript:
    """Read the `SPEAKER` lines of RTTM; one recording in one file."""
    segments: list[Segment] = []
    recording: str | None = None
    for line, here in _lines(content, place, comment=";;"):
        fields = line.split()
        if fields[0] != "SPEAKER":
            continue
        if len(fields) < 8:
            raise here.wrong("RTTM has eight fields or more in a SPEAKER line, the eighth is the speaker")
        recording = _same_recording(fields[1], recording, here)
        start, duration = read_seconds(fields[3], "start", here), read_seconds(fields[4], "duration", here)
        segments.append(Segment(speaker=fields[7], start=start, end=start + duration))
    return Transcript(segments=tuple(segments), possible=frozenset({"speakers", "times"}))


def _lines(content: str, place: Place, *, comment: str) -> Iterator[tuple[str, Place]]:
    """Yield each line that holds something, and where it is."""
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith(comment):
            yield line.strip(), place.line(number)


def _same_recording(name: str, recording: str | None, place: Place) -> str:
    if recording is not None and name != recording:
        raise place.wrong("this is another recording than that of the lines above; give each a file of its own")
    return name


def _without_label(words: str) -> str:
    """Drop the label that may stand before the words, as `<o,f0,male>`."""
    first, _, rest = words.partition(" ")
    return rest.strip() if _LABEL.fullmatch(first) else words


PARSERS: dict[str, Callable[[str, Place], Transcript]] = {
    "text": parse_text,
    "stm": parse_stm,
    "rttm": parse_rttm,
    "json": parse_json,
    "srt": parse_subtitles,
    "vtt": parse_subtitles,
}
