"""Captions on a screen of characters: a small terminal that obeys the escape sequences stands in for the real one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.captions import CLEAR_BELOW, DIM, RESET, Captions, Span, cells, clock, wrap

READY = {"type": "ready", "tracks": ["Anna", "Ben"]}
ESCAPE = re.compile(r"\x1b\[([?0-9;]*)([a-zA-Z])")


class Terminal:
    """What a person sees after some characters were written; keeps every line, as scrolling back does."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0
        self.column = 0

    def write(self, text: str) -> None:
        position = 0
        while position < len(text):
            match = ESCAPE.match(text, position)
            if match:
                self._obey(match[1], match[2])
                position = match.end()
            else:
                self._put(text[position])
                position += 1

    def _obey(self, parameter: str, command: str) -> None:
        if command == "A":
            self.row -= int(parameter)
            assert self.row >= 0, "went above the first line"
        elif command == "K":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif command == "J":
            self.lines[self.row] = self.lines[self.row][: self.column]
            del self.lines[self.row + 1 :]

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
        else:
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    @property
    def text(self) -> list[str]:
        return [line.rstrip() for line in self.lines if line.strip()]


def partial(track: int, stable: str, tentative: str = "", start: float = 1.0) -> dict[str, Any]:
    """Return what a server says while somebody speaks."""
    return {
        "type": "partial",
        "track": track,
        "start_sample": round(start * 16_000),
        "start_seconds": start,
        "stable_text": stable,
        "tentative_text": tentative,
    }


def final(track: int, text: str, start: float = 1.0) -> dict[str, Any]:
    """Return what a server says when somebody has spoken."""
    return {
        "type": "final",
        "track": track,
        "speaker": {"id": track + 1, "name": ["Anna", "Ben"][track]},
        "start_sample": round(start * 16_000),
        "start_seconds": start,
        "text": text,
    }


def show(events: list[dict[str, Any]], width: int = 60, height: int = 24) -> list[str]:
    """Return what stands on the terminal after the events."""
    captions, terminal = Captions(tty=True, width=width, height=height), Terminal()
    for event in events:
        terminal.write(captions.render(event))
    return terminal.text


def test_a_partial_is_rewritten_in_place() -> None:
    """However often a caption changes, it takes one place on the screen."""
    events = [READY, partial(0, "", "Good"), partial(0, "Good", "mourning"), partial(0, "Good morning", "every")]
    assert show(events) == ["   0:01  Anna  Good morning every"]


def test_a_shorter_partial_leaves_nothing_of_a_longer_one() -> None:
    """What was tentative and is gone is gone from the screen, wrapped lines included."""
    events = [READY, partial(0, "", "one two three four five six seven eight nine ten eleven"), partial(0, "one")]
    assert show(events, width=40) == ["   0:01  Anna  one"]


def test_a_final_takes_the_place_of_its_partial_and_stays() -> None:
    """Finals stand above what is still being said, in the order in which they came."""
    events = [READY, partial(0, "Good", "mor"), final(0, "Good morning."), partial(1, "Hello", start=3)]
    events += [final(1, "Hello, Anna.", start=3)]
    assert show(events) == ["   0:01  Anna  Good morning.", "   0:03  Ben   Hello, Anna."]


def test_several_tracks_are_live_at_once() -> None:
    """Each track has its own place; a final of one leaves the other's alone."""
    events = [READY, partial(1, "I", "think"), partial(0, "Yes"), final(0, "Yes."), partial(1, "I think", "so")]
    assert show(events) == ["   0:01  Anna  Yes.", "   0:01  Ben   I think so"]


def test_a_final_of_an_earlier_utterance_leaves_the_next_one_alone() -> None:
    """The next utterance may already be heard when the last one becomes final."""
    events = [READY, partial(0, "second", start=5), final(0, "First.", start=1)]
    assert show(events) == ["   0:01  Anna  First.", "   0:05  Anna  second"]


def test_the_end_leaves_no_unfinished_caption() -> None:
    """After `closed` only finals stand on the screen and the cursor is back."""
    captions, terminal = Captions(tty=True), Terminal()
    for event in (READY, final(0, "Done."), partial(1, "uh", start=4), {"type": "closed"}):
        terminal.write(written := captions.render(event))
    assert terminal.text == ["   0:01  Anna  Done."]
    assert written.endswith("\x1b[?25h")


def test_stable_words_are_plain_and_tentative_ones_dim() -> None:
    """A reader sees which words may still change."""
    captions = Captions(tty=True)
    captions.render(READY)
    written = captions.render(partial(0, "sure", "maybe"))
    assert "sure" in written
    assert f"{DIM} maybe{RESET}" in written


def test_one_event_is_one_piece_and_clears_lines_not_the_screen() -> None:
    """Rewriting without erasing first is what keeps the captions from flickering."""
    captions = Captions(tty=True)
    captions.render(READY)
    captions.render(partial(0, "a"))
    assert CLEAR_BELOW not in captions.render(partial(0, "a b"))


def test_without_a_terminal_only_finals_are_written() -> None:
    """A log or a pipe gets each final on a line of its own, and no escape sequence."""
    captions = Captions(tty=False)
    events = [READY, partial(0, "Good"), final(0, "Good morning."), {"type": "closed"}]
    assert "".join(map(captions.render, events)) == "[0:01] Anna: Good morning.\n"


@pytest.mark.parametrize("kind", ["warning", "error"])
def test_remarks_of_the_server_are_shown(kind: str) -> None:
    """A warning or an error is a sentence for the reader, with a terminal or without."""
    event = {"type": kind, "message": "quota is used up"}
    assert Captions(tty=False).render(event) == f"{kind}: quota is used up\n"
    assert show([READY, event]) == [f"{kind}: quota is used up"]


def test_lag_is_shown_while_it_lasts() -> None:
    """The reader is told that recognition is behind, until it is not."""
    behind = {"type": "lag", "lag_ms": 2_400, "level": "behind"}
    assert show([READY, behind]) == ["recognition is 2.4 s behind"]
    assert show([READY, behind, {"type": "lag", "lag_ms": 300, "level": "ok"}]) == []


def test_unknown_events_are_ignored() -> None:
    """A newer server may say more than this client knows."""
    assert Captions(tty=True).render({"type": "weather"}) == ""


def test_a_long_partial_keeps_its_end() -> None:
    """What is being said now stays in sight; its beginning gives way to an ellipsis."""
    lines = show([READY, partial(0, " ".join(map(str, range(200))))], width=40)
    assert len(lines) == 4
    assert "…" in lines[0]
    assert lines[-1].endswith("199")


def test_the_live_area_fits_a_low_terminal() -> None:
    """More live lines than the terminal has could not be rewritten."""
    events = [READY, partial(0, "word " * 50), partial(1, "word " * 50)]
    assert len(show(events, width=40, height=4)) == 3


def test_control_characters_are_not_obeyed() -> None:
    """Nobody writes escape sequences to the reader's terminal by saying them."""
    assert "\x1b[2J" not in Captions(tty=True).render(final(0, "a\x1b[2Jb"))


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("한국어", 6), ("a\u200bb", 2), ("", 0)]
)
def test_cells_counts_what_a_terminal_shows(text: str, expected: int) -> None:
    """Wide characters take two cells, combining marks none."""
    assert cells(text) == expected


@pytest.mark.parametrize(("seconds", "face"), [(0, "0:00"), (59.99, "0:59"), (61, "1:01"), (3_725, "1:02:05")])
def test_clock(seconds: float, face: str) -> None:
    """Positions read as on a player."""
    assert clock(seconds) == face


@given(st.text(alphabet="ab 日本é", max_size=80), st.integers(min_value=12, max_value=60))
def test_wrapped_lines_fit_and_keep_every_word(text: str, width: int) -> None:
    """Wrapping changes only spaces, and no line is wider than the terminal."""
    lines = wrap([Span("0:01 ")], [Span(text)], width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).removeprefix("0:01 ").split()) == "".join(text.split())
