"""Who said which word, and most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stream_server.events import Speaker, Word


@dataclass(frozen=True, slots=True)
class WordSpeaker:
    """Who said a word; with `overlap` somebody else spoke too."""

    speaker: Speaker | None = None
    overlap: bool = False


NOBODY = WordSpeaker()


def with_speakers(words: Sequence[Word], speakers: Sequence[WordSpeaker]) -> tuple[Word, ...]:
    """Return words that say who said them."""
    return tuple(
        replace(word, speaker=each.speaker, overlap=each.overlap) for word, each in zip(words, speakers, strict=True)
    )


def main_speaker(words: Sequence[Word]) -> Speaker | None:
    """Return who said most of the words that are shown, or of all if none is; None if nobody is known.

    The confidence is the mean of theirs.
    """
    votes: dict[int, list[Speaker]] = {}
    for word in [word for word in words if word.text] or words:
        if word.speaker is not None:
            votes.setdefault(word.speaker.id, []).append(word.speaker)
    if not votes:
        return None
    most = max(votes.values(), key=len)
    return replace(most[0], confidence=sum(each.confidence for each in most) / len(most))
