from __future__ import annotations

import json
from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.formats import parse
from stream_server.evaluate.transcript import Segment, Transcript
from stream_server.events import Final, Speaker, Word
from stream_server.protocol.messages import write_event


def read(value: Any) -> Transcript:
    """Read a JSON value."""
    return parse(json.dumps(value), "json", "x")


def test_a_final_of_ours_is_cut_where_speakers_change() -> None:
    """The messages of the native wire are read as they are sent."""
    ann, ben = Speaker(id=1, name="Ann"), Speaker(id=2)
    words = tuple(
        Word(text=text, spoken=text, start=at, end=at + 100, confidence=1.0, speaker=who)
        for at, text, who in ((0, "Good", ann), (150, "morning.", ann), (300, "Yes?", ben))
    )
    final = Final(
        sequence=1, track=0, speaker=ann, utterance_id="u", start=0, end=450, words=words,
        text="Good morning. Yes?", language="en", lag_ms=0,
    )  # fmt: skip
    found = read([write_event(final, 100)])
    assert found.language == "en"
    assert found.segments == (
        Segment(text="Good morning.", speaker="Ann", start=0.0, end=2.5),
        Segment(text="Yes?", speaker="speaker 2", start=3.0, end=4.0),
    )


@pytest.mark.parametrize("around", ["segments", "utterances", "finals", "messages"])
def test_an_object_may_stand_around_the_list(around: str) -> None:
    """Its language is that of all turns."""
    found = read({"language": "id", around: [{"text": "selamat pagi"}]})
    assert (found.language, found.texts()) == ("id", ["selamat pagi"])


def test_a_record_of_ours_names_its_speakers() -> None:
    """Turns and words have ids; the list beside them tells who that is, where somebody knows."""
    words = [
        {"text": text, "start_seconds": at, "end_seconds": at + 1, "speaker": who}
        for at, text, who in ((0, "Good", 1), (1, "morning.", None), (2, "Yes?", 2))
    ]
    segment = {"speaker": 1, "start_seconds": 0, "end_seconds": 3, "text": "Good morning. Yes?", "words": words}
    names = [{"id": 1, "name": "Ann"}, {"id": 2, "name": None}]
    found = read({"id": "r", "language": "en", "speakers": names, "segments": [segment]})
    assert found.segments == (
        Segment(text="Good morning.", speaker="Ann", start=0, end=2),
        Segment(text="Yes?", speaker="speaker 2", start=2, end=3),
    )


def test_other_messages_are_passed_over() -> None:
    """A recorded stream holds more than finals; empty lines count as lines."""
    lines = [{"type": "ready"}, {"type": "final", "text": "a"}, {"type": "usage"}, {"type": "final", "text": "b"}]
    found = parse("\n\n".join(map(json.dumps, lines)), "json", "x")
    assert found.texts() == ["a", "b"]


@pytest.mark.parametrize(
    ("item", "segment"),
    [
        ({"text": "a", "start_seconds": 1, "end_seconds": 2}, Segment(text="a", start=1, end=2)),
        ({"text": "a", "speaker": 3}, Segment(text="a", speaker="speaker 3")),
        ({"words": "a b", "start_time": 1, "end_time": 2}, Segment(text="a b", start=1, end=2)),
        ({"speaker": {"id": 1, "name": None}, "start": 1, "end": 2}, Segment(speaker="speaker 1", start=1, end=2)),
        ({"text": "a", "speaker": " "}, Segment(text="a")),
        ({"text": "a", "start": 1}, Segment(text="a")),
        ({"words": [{"text": "a"}, {"text": "b"}], "start": 1, "end": 2}, Segment(text="a b", start=1, end=2)),
        ({"words": [{"text": "a", "start": 1, "end": 2}, {"text": "b"}]}, Segment(text="a b")),
        ({"words": []}, Segment(text="")),
        ({"words": [{"text": "你"}, {"text": "好"}]}, Segment(text="你好")),
        ({"words": [{"text": "a", "speaker": None}], "speaker": "Ann"}, Segment(text="a", speaker="Ann")),
    ],
)  # fmt: skip
def test_forms_of_a_turn(item: dict[str, Any], segment: Segment) -> None:
    """Names of fields vary, what they say does not."""
    assert read([item]).segments == (segment,)


def test_a_language_counts_if_all_turns_agree() -> None:
    """A meeting in two languages has none."""
    assert read([{"text": "a", "language": "en"}, {"text": "b", "language": "id"}]).language is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("secret", "x, line 1: this is no JSON"),
        ('[\n{"text": "secret",}]', "x, line 2: this is no JSON"),
        ('{"text": "a"}\nsecret', "x, line 2: this is no JSON"),
        ("[" * 100_000, "x: the JSON is nested too deeply"),
        ("3", "x: JSON must be a list of turns"),
        ('{"segments": [], "finals": []}', "x: JSON must be a list of turns"),
        ('["secret"]', "x, item 1: a turn must be an object"),
        ('[{"text": "a"}, {"text": 1}]', "x, item 2: text must be a string"),
        ('[{"words": {"secret": 1}}]', "x, item 1: words must be a list"),
        ('[{"words": ["secret"]}]', "x, item 1: each word must be an object"),
        ('[{"text": "a", "speaker": true}]', "x, item 1: speaker must be"),
        ('[{"text": "a", "start": 2, "end": 1}]', "x, item 1: the end is before the start"),
        ('[{"text": "a", "start": "soon", "end": 1}]', "x, item 1: start must be"),
        ('[{"type": "revision"}]', "x, item 1: these messages were revised later"),
        ('{"type": "ready"}\n{"type": "final", "text": 5}', "x, line 2: text must be a string"),
    ],
)
def test_errors_name_the_item(content: str, sentence: str) -> None:
    """Who has to mend it is told where, and no word of it is repeated."""
    with pytest.raises(InvalidConfiguration) as caught:
        parse(content, "json", "x")
    assert caught.value.message.startswith(sentence)
    assert "secret" not in caught.value.message


def test_hidden_words_are_not_said() -> None:
    """They cut no turn and are no word."""
    words = [
        {"text": "Good", "speaker": 1, "start": 0, "end": 1},
        {"text": "", "spoken": "uh", "speaker": 2, "start": 1, "end": 2},
        {"text": "day", "speaker": 1, "start": 2, "end": 3},
    ]
    found = read([{"text": "Good day", "words": words, "start": 0, "end": 3}, {"text": "", "words": [words[1]]}])
    assert [(segment.text, segment.speaker) for segment in found.segments] == [("Good day", "speaker 1"), ("", None)]
