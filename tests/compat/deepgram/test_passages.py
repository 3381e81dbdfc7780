"""Words in groups: utterances by pauses and speakers, sentences by their ends, paragraphs of both."""

from __future__ import annotations

from stream_server.compat.deepgram.passages import PARAGRAPH_SENTENCES, paragraphs, sentences, utterances
from stream_server.compat.deepgram.words import Spoken


def said(text: str, *, speaker: int | None = None, start: float = 0.0) -> list[Spoken]:
    """Return words of half a second each, without pauses."""
    return [
        Spoken(text=word, start=start + at / 2, end=start + (at + 1) / 2, confidence=1, speaker=speaker)
        for at, word in enumerate(text.split())
    ]


def lines(groups: list[list[Spoken]]) -> list[str]:
    """Return groups as text."""
    return [" ".join(word.text for word in group) for group in groups]


def test_utterances_end_at_pauses_and_with_their_speaker() -> None:
    """A pause shorter than asked for does not count."""
    words = [*said("a b", speaker=0), *said("c", speaker=0, start=1.7), *said("d", speaker=1, start=2.2)]
    assert lines(utterances(words, 0.8)) == ["a b c", "d"]
    assert lines(utterances(words, 0.5)) == ["a b", "c", "d"]
    assert utterances([], 0.8) == []


def test_sentences_end_at_their_marks() -> None:
    """Titles end none; a change of speaker does."""
    assert lines(sentences(said("Dr. May left. Why? Nobody knows"))) == ["Dr. May left.", "Why?", "Nobody knows"]
    assert lines(sentences([*said("So I", speaker=0), *said("no you", speaker=1, start=1)])) == ["So I", "no you"]


def test_paragraphs_are_of_one_speaker_and_not_too_long() -> None:
    """They end with the speaker, before a pause, and after a handful of sentences."""
    words = [*said("One. Two.", speaker=0), *said("Three.", speaker=1, start=1), *said("Four.", speaker=1, start=9)]
    assert [lines(group) for group in paragraphs(words)] == [["One.", "Two."], ["Three."], ["Four."]]
    many = paragraphs(said("Yes. " * (PARAGRAPH_SENTENCES + 1)))
    assert [len(group) for group in many] == [PARAGRAPH_SENTENCES, 1]
