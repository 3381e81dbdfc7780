"""An utterance's words by who said them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stream_server.events import Speaker, Word


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """Words of one speaker in a row; `speaker` None: of nobody that is known."""

    speaker: Speaker | None
    words: tuple[Word, ...]


def spoken_turns(words: Sequence[Word]) -> list[SpokenTurn]:
    """Split words where the speaker changes; words of nobody known stay with those before, or else after, them.

    So do words of which nothing is shown: there is nothing to say that somebody has the floor for.
    """
    turns: list[SpokenTurn] = []
    for word in words:
        last, speaker = turns[-1] if turns else None, word.speaker if word.text else None
        if last is None or _differ(last.speaker, speaker):
            turns.append(SpokenTurn(speaker, (word,)))
        else:
            turns[-1] = SpokenTurn(last.speaker or speaker, (*last.words, word))
    return turns


def _differ(one: Speaker | None, other: Speaker | None) -> bool:
    return one is not None and other is not None and one.id != other.id
