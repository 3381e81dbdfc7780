"""A final's speaker is who said most of what is shown of it."""

from __future__ import annotations

from stream_server.events import Speaker, Word
from stream_server.session.word_speakers import NOBODY, WordSpeaker, main_speaker, with_speakers


def test_every_word_says_who_said_it() -> None:
    """And whether somebody else spoke too."""
    ana = Speaker(id=1)
    first, second = with_speakers(
        [_word("Selamat", None), _word("pagi.", ana)], [WordSpeaker(ana, overlap=True), NOBODY]
    )
    assert (first.speaker, first.overlap) == (ana, True)
    assert (second.speaker, second.overlap) == (None, False)


def test_who_is_heard_in_what_is_hidden_has_not_said_it() -> None:
    """Most of the words that are shown count, or of all where none is."""
    ana, budi = Speaker(id=1, confidence=0.8), Speaker(id=2)
    words = [_word("Selamat", ana), _word("pagi.", ana), *(_word("", budi) for _ in range(3))]
    assert main_speaker(words) == ana
    assert main_speaker(words[2:]) == budi
    assert main_speaker([_word("Hm.", None), _word("", budi)]) is None


def _word(text: str, speaker: Speaker | None) -> Word:
    return Word(text=text, spoken="eh", start=None, end=None, confidence=0.5, speaker=speaker)
