"""Places, speakers and languages of words in results."""

from __future__ import annotations

import json
from typing import Any

from stream_server.compat.deepgram.channel import Heard
from stream_server.compat.deepgram.parameters import read_listen
from stream_server.compat.deepgram.results import Results, timed
from stream_server.events import Ready, Speaker, Word

READY = Ready(
    session_id="0123456789abcdef0123456789abcdef",
    clock_rate=16_000,
    tracks=("track 1", "track 2"),
    model="base",
    engine="whisper",
    language=None,
)


def word(text: str, start: int | None = None, end: int | None = None, speaker: int | None = None) -> Word:
    """Return a word."""
    return Word(
        text=text, spoken=text, start=start, end=end, confidence=0.5, speaker=Speaker(id=speaker) if speaker else None
    )


def words_of(results: Results, track: int, *words: Word) -> list[dict[str, Any]]:
    """Return a final's words as they are written."""
    message = json.loads(results.result(track, Heard(words=words, start=0, end=32_000)))
    found: list[dict[str, Any]] = message["channel"]["alternatives"][0]["words"]
    return found


def test_words_without_times_share_what_is_left() -> None:
    """By their lengths, behind those that are timed, and not before speech began."""
    heard = Heard(words=[word("ab", 100, 200), word("cd"), word("efgh")], start=0, end=800, said_from=50)
    assert [(start, end) for _, start, end in timed(heard)] == [(100, 200), (200, 400), (400, 800)]
    heard = Heard(words=[word("ab")], start=0, end=800, said_from=600)
    assert [(start, end) for _, start, end in timed(heard)] == [(600, 800)]


def test_speakers_count_from_nought_and_stay() -> None:
    """Where nobody is known it is who spoke last on that channel; without `diarize` there are none."""
    results = Results(READY, read_listen([("diarize", "true")]))
    assert [each["speaker"] for each in words_of(results, 0, word("a", 0, 1, 3), word("b", 1, 2))] == [2, 2]
    assert [each["speaker"] for each in words_of(results, 0, word("c", 2, 3))] == [2]
    assert [each["speaker"] for each in words_of(results, 1, word("d", 2, 3))] == [0]
    assert "speaker" not in words_of(Results(READY, read_listen([])), 0, word("a", 0, 1, 3))[0]


def test_who_speaks_in_what_is_hidden_is_nobody_there() -> None:
    """Neither the words beside it nor those of nobody known behind it are his; so recordings are told, too."""
    results = Results(READY, read_listen([("diarize", "true")]))
    words = words_of(results, 0, word("", 0, 1, 2), word("a", 1, 2), word("b", 2, 3, 1), word("–", 3, 4, 2))
    assert [(each["word"], each["speaker"]) for each in words] == [("a", 0), ("b", 0)]
    assert [each["speaker"] for each in words_of(results, 0, word("c", 4, 5))] == [0]
    silence = json.loads(results.result(0, Heard(words=[word("", 5, 6, 2)], start=0, end=9, language="en")))
    assert silence["channel"]["alternatives"][0]["words"] == []


def test_languages_are_told_where_several_may_be_spoken() -> None:
    """`multi` asks for them, and no client sees one that it did not ask for; silence has none."""
    for query, languages in (([("language", "multi")], ["jv"]), ([], None)):
        results = Results(READY, read_listen(query))
        heard = Heard(words=[word("sugeng", 0, 1)], start=0, end=9, language="jw")
        alternative = json.loads(results.result(0, heard))["channel"]["alternatives"][0]
        assert alternative.get("languages") == languages
        silence = json.loads(results.result(0, Heard(words=(), start=0, end=9, language="jw")))
        assert "languages" not in silence["channel"]["alternatives"][0]
