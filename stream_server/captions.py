"""Captions in a terminal: from the native wire's events to the characters to write. Pure.

On a terminal what is being said is rewritten in place at the bottom, one paragraph per track, stable words plain and
tentative ones dim; a final is written once above it and stays. Without a terminal only finals are written, a line each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from unicodedata import category, combining, east_asian_width

Message: TypeAlias = dict[str, Any]

RESET, BOLD, DIM, RED, YELLOW = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m"
TRACK_COLOURS = ("\x1b[36m", "\x1b[35m", "\x1b[32m", "\x1b[34m", "\x1b[33m", "\x1b[31m")
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
CLEAR_LINE_END, CLEAR_BELOW = "\x1b[K", "\x1b[J"

LONGEST_LIVE_LINES = 4
"""Lines that one unfinished paragraph may take; its beginning gives way to its end."""


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one style: an escape sequence, or empty."""

    text: str
    style: str = ""


class Captions:
    """Turns each event into what to write to the terminal, in one piece so that nothing flickers.

    `width` and `height` may be set whenever the terminal changes. Nothing is written by this class.
    """

    def __init__(self, *, tty: bool, width: int = 80, height: int = 24) -> None:
        self.width = width
        self.height = height
        self._tty = tty
        self._tracks: tuple[str, ...] = ()
        self._names: dict[int, str | None] = {}
        """What speakers are called, where that became clear later."""
        self._live: dict[int, Message] = {}
        self._live_lines = 0
        self._notice = ""

    def render(self, event: Message) -> str:
        """Return the characters that show this event; empty if there is nothing to show."""
        match event["type"]:
            case "ready":
                self._tracks = tuple(event["tracks"])
                return ""
            case "partial" | "nothing_said" | "lag" if self._tty:
                self._note(event)
                return self._redraw([])
            case "final":
                return self._final(event)
            case "revision":
                self._names |= {each["id"]: each["name"] for each in event["names"]}
                return ""
            case "warning" | "error" as kind:
                return self._remark(YELLOW if kind == "warning" else RED, event)
            case "closed":
                return self.close()
        return ""

    def close(self) -> str:
        """Return what leaves the terminal tidy: unfinished captions vanish, the cursor comes back."""
        self._live.clear()
        self._notice = ""
        return self._redraw([]) + SHOW_CURSOR if self._tty else ""

    def _note(self, event: Message) -> None:
        """Take what changes the live lines alone."""
        match event["type"]:
            case "partial":
                self._live[event["track"]] = event
            case "nothing_said":
                self._live.pop(event["track"], None)
            case "lag":
                behind = f"recognition is {event['lag_ms'] / 1000:.1f} s behind"
                self._notice = "" if event["level"] == "ok" else behind

    def _final(self, event: Message) -> str:
        spoken = self._live.get(event["track"])
        if spoken is not None and spoken["start_sample"] <= event["start_sample"]:
            del self._live[event["track"]]
        if not event["text"]:
            return self._redraw([]) if self._tty else ""
        if not self._tty:
            return f"[{clock(event['start_seconds'])}] {self._name(event)}: {event['text']}\n"
        head = self._head(event["start_seconds"], self._name(event), event["track"], BOLD)
        return self._redraw(wrap(head, [Span(event["text"])], self.width))

    def _name(self, event: Message) -> str:
        """Return who speaks: by name, by number, or the track where nobody knows."""
        speaker, track = event.get("speaker"), event["track"]
        if speaker is not None:
            return self._names.get(speaker["id"]) or speaker.get("name") or f"Speaker {speaker['id']}"
        return self._tracks[track] if track < len(self._tracks) else f"track {track + 1}"

    def _remark(self, style: str, event: Message) -> str:
        text = f"{event['type']}: {event['message']}"
        return self._redraw(wrap([], [Span(text, style)], self.width)) if self._tty else f"{text}\n"

    def _redraw(self, settled: Sequence[str]) -> str:
        """Go back over the live lines, write settled ones for good and the live ones below them."""
        live = self._live_area()
        back = "\r" + (f"\x1b[{self._live_lines - 1}A" if self._live_lines > 1 else "")
        fewer = CLEAR_BELOW if self._live_lines > len(settled) + len(live) else ""
        self._live_lines = len(live)
        body = "".join(f"{line}{CLEAR_LINE_END}\r\n" for line in settled)
        body += "\r\n".join(f"{line}{CLEAR_LINE_END}" for line in live)
        if not live:
            body += CLEAR_LINE_END
        return f"{HIDE_CURSOR}{back}{body}{fewer}"

    def _live_area(self) -> list[str]:
        lines: list[str] = []
        for track, event in sorted(self._live.items()):
            head = self._head(event["start_seconds"], self._name(event), track, "")
            spans = [Span(event["stable_text"]), Span(event["tentative_text"], DIM)]
            lines += wrap(head, spans, self.width, at_most=LONGEST_LIVE_LINES)
        if self._notice:
            lines += wrap([], [Span(self._notice, DIM)], self.width)
        return lines[-max(1, self.height - 1) :]

    def _head(self, start_seconds: float, name: str, track: int, style: str) -> list[Span]:
        room = max((cells(each) for each in (*self._tracks, name)), default=0)
        pad = " " * (room - cells(name))
        colour = TRACK_COLOURS[track % len(TRACK_COLOURS)]
        return [Span(f"{clock(start_seconds):>7}  ", DIM), Span(name + pad, colour + style), Span("  ")]


def clock(seconds: float) -> str:
    """Return a position as M:SS, or H:MM:SS from an hour on."""
    whole = int(seconds)
    minutes = f"{whole // 60 % 60}:{whole % 60:02}"
    return minutes if whole < 3600 else f"{whole // 3600}:{minutes:0>5}"


def cells(text: str) -> int:
    """Return how many terminal cells a text takes: two for wide characters, none for marks and controls."""
    return sum(map(_cell, text))


def wrap(head: Sequence[Span], body: Sequence[Span], width: int, at_most: int | None = None) -> list[str]:
    """Break styled text into lines that fit `width` cells, indented to the end of `head`.

    Breaks at spaces, inside a word only when it is wider than a line. With `at_most` the first lines are left out and
    an ellipsis stands in their place.
    """
    indent = sum(cells(span.text) for span in head)
    if indent > width // 2:
        head, body, indent = (), [*head, *body], 0
    rows = _rows(body, max(2, width - indent - 1))
    if at_most is not None and len(rows) > at_most:
        rows = rows[-at_most:]
        rows[0] = [Span("…", DIM), *rows[0][1:]]
    first = "".join(map(_styled, head))
    return [(first if number == 0 else " " * indent) + "".join(map(_styled, row)) for number, row in enumerate(rows)]


def _rows(body: Sequence[Span], room: int) -> list[list[Span]]:
    """Fill lines of at most `room` cells with words, each word a span."""
    rows: list[list[Span]] = [[]]
    used = 0
    for span in body:
        for word in (piece for whole in span.text.split() for piece in _pieces(whole, room)):
            gap = 1 if rows[-1] else 0
            if used + gap + cells(word) > room:
                rows.append([])
                used = gap = 0
            rows[-1].append(Span(" " * gap + word, span.style))
            used += gap + cells(word)
    return rows


def _pieces(word: str, room: int) -> list[str]:
    """Return the word, or its parts if it is wider than a line, as text without spaces is."""
    pieces = [""]
    for character in word:
        if cells(pieces[-1] + character) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _styled(span: Span) -> str:
    text = "".join(character for character in span.text if category(character) != "Cc")
    return f"{span.style}{text}{RESET}" if span.style else text


def _cell(character: str) -> int:
    if combining(character) or category(character) in {"Cc", "Cf", "Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
