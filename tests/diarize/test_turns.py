"""Words by who said them."""

from __future__ import annotations

from dataclasses import replace

from stream_server.diarize.turns import spoken_turns
from stream_server.events import Speaker, Word


def words(*speakers: int | None) -> list[Word]:
    """Return a word for each speaker."""
    return [
        Word(
            text=f"w{n}", spoken=f"w{n}", start=n, end=n + 1, confidence=1, speaker=None if s is None else Speaker(id=s)
        )
        for n, s in enumerate(speakers)
    ]


def split(*speakers: int | None) -> list[tuple[int | None, int]]:
    """Return each turn's speaker and number of words."""
    return [(turn.speaker.id if turn.speaker else None, len(turn.words)) for turn in spoken_turns(words(*speakers))]


def test_turns_change_with_the_speaker() -> None:
    """And nowhere else."""
    assert split(1, 1, 2, 1) == [(1, 2), (2, 1), (1, 1)]
    assert split() == []


def test_words_of_nobody_stay_with_their_neighbours() -> None:
    """Those before them; at the beginning those after; alone they are nobody's."""
    assert split(None, 1, None, 2, None) == [(1, 3), (2, 2)]
    assert split(None, None) == [(None, 2)]


def test_hidden_words_begin_no_turn() -> None:
    """What is not shown gives nobody the floor, be it said by somebody else."""
    said = words(1, 2, 2, 1)
    hidden = [replace(word, text="") if word.speaker == Speaker(id=1) else word for word in said]
    assert [(turn.speaker, turn.words) for turn in spoken_turns(hidden)] == [(Speaker(id=2), tuple(hidden))]
    nothing = [replace(word, text="") for word in said]
    assert [turn.speaker for turn in spoken_turns(nothing)] == [None]
