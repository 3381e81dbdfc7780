"""Subtitles as files: SubRip and WebVTT. Pure.

Positions are samples of one clock, whose rate comes with them.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from stream_server.text.cue_times import stand
from stream_server.text.cues import Cue, called, divide, label
from stream_server.text.lines import break_lines
from stream_server.text.transcripts import SaidWord


def cues(utterances: Iterable[Sequence[SaidWord]], clock_rate: int) -> list[Cue]:
    """Return what was said as cues that are divided well and stand as long as they are read."""
    return stand(divide(utterances, clock_rate), clock_rate)


def as_srt(cues: Iterable[Cue], clock_rate: int) -> str:
    """Return SubRip: numbered cues, times with a comma; the speaker before the words."""
    blocks = [
        [str(number), _times(cue, clock_rate, ","), *break_lines([label(cue.speaker), *cue.words]), ""]
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join("\n".join(block) for block in blocks)


def as_vtt(cues: Iterable[Cue], clock_rate: int) -> str:
    """Return WebVTT; the speaker is a voice span, as https://www.w3.org/TR/webvtt1/ has it."""
    blocks = [["WEBVTT", ""]]
    for cue in cues:
        voice = f"<v {html.escape(called(cue.speaker), quote=False)}>" if cue.speaker else ""
        first, *others = (html.escape(line, quote=False) for line in break_lines(cue.words))
        blocks.append([_times(cue, clock_rate, "."), voice + first, *others, ""])
    return "\n".join("\n".join(block) for block in blocks)


def timestamp(samples: int, clock_rate: int, point: str) -> str:
    """Return HH:MM:SS and milliseconds behind `point`; part of one counts as nothing."""
    milliseconds = samples * 1000 // clock_rate
    seconds = milliseconds // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{milliseconds % 1000:03}"


def _times(cue: Cue, clock_rate: int, point: str) -> str:
    return f"{timestamp(cue.start, clock_rate, point)} --> {timestamp(cue.end, clock_rate, point)}"
