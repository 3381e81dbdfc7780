"""A transcript becomes the answer that Deepgram's SDKs read."""

from __future__ import annotations

from typing import Any

from stream_server.compat.deepgram.messages import Model
from stream_server.compat.deepgram.parameters import read_listen
from stream_server.compat.deepgram.prerecorded import Source, write_response
from stream_server.store.records import Record, Segment, SegmentWord, Transcript

MODEL = Model(name="base", engine="whisper")
SOURCE = Source(session_id="0123456789abcdef0123456789abcdef", sha256="ab" * 32, created=0.0)


def segment(
    number: int, text: str, start: int, *, track: int = 0, speaker: int | None = None, language: str = "en"
) -> Segment:
    """Return an utterance whose words last a second each."""
    words = tuple(
        SegmentWord(
            text=word,
            spoken=word,
            start=start + at * 16_000,
            end=start + (at + 1) * 16_000,
            confidence=0.5,
            speaker=speaker,
        )
        for at, word in enumerate(text.split())
    )
    return Segment(
        sequence=number,
        utterance_id=f"u{number}",
        track=track,
        start=start,
        end=words[-1].end,
        text=text,
        language=language,
        speaker=speaker,
        words=words,
    )


def response(*segments: Segment, tracks: int = 1, **query: str) -> dict[str, Any]:
    """Return the answer to a query."""
    record = Record(
        id=SOURCE.session_id,
        organisation="o",
        started_at=0.0,
        clock_rate=16_000,
        end_sample=160_000,
        model="base",
        tracks=tuple(f"track {number + 1}" for number in range(tracks)),
    )
    transcript = Transcript(record=record, segments=segments, speakers={})
    return write_response(transcript, read_listen(list(query.items())), SOURCE, MODEL)


def test_every_field_of_metadata_stands() -> None:
    """SDKs require all of them, and take a `request_id` outside of it for the promise of a callback."""
    answer = response(segment(1, "Hello.", 0))
    assert set(answer) == {"metadata", "results"}
    assert answer["metadata"] == {
        "transaction_key": "deprecated",
        "request_id": "01234567-89ab-cdef-0123-456789abcdef",
        "sha256": "ab" * 32,
        "created": "1970-01-01T00:00:00.000Z",
        "duration": 10.0,
        "channels": 1,
        "models": [MODEL.uuid],
        "model_info": {MODEL.uuid: {"name": "base", "version": "1", "arch": "whisper"}},
    }


def test_silence_is_an_answer() -> None:
    """One channel, one empty alternative, no utterances."""
    answer = response(utterances="true", smart_format="true", detect_language="true")
    (channel,) = answer["results"]["channels"]
    assert channel["alternatives"] == [
        {"transcript": "", "confidence": 0.0, "words": [], "paragraphs": {"transcript": "", "paragraphs": []}}
    ]
    assert answer["results"]["utterances"] == []


def test_only_what_was_asked_for_is_there() -> None:
    """No speakers, paragraphs, utterances or languages that nobody wanted."""
    answer = response(segment(1, "hello there", 0, speaker=1))
    (channel,) = answer["results"]["channels"]
    assert set(answer["results"]) == {"channels"}
    assert set(channel) == {"alternatives"}
    assert channel["alternatives"][0]["transcript"] == "hello there"
    assert set(channel["alternatives"][0]["words"][0]) == {"word", "start", "end", "confidence"}


def test_paragraphs_name_their_speakers() -> None:
    """By number from 0, where it changes; each has its sentences and the count of its words."""
    answer = response(
        segment(1, "Hello. How are you?", 0, speaker=1),
        segment(2, "Fine.", 80_000, speaker=2),
        segment(3, "Good.", 150_000, speaker=2),
        paragraphs="true",
        diarize="true",
    )
    paragraphs = answer["results"]["channels"][0]["alternatives"][0]["paragraphs"]
    assert paragraphs["transcript"] == "\nSpeaker 0: Hello. How are you?\n\nSpeaker 1: Fine.\n\nGood."
    assert [(each["speaker"], each["num_words"]) for each in paragraphs["paragraphs"]] == [(0, 4), (1, 1), (1, 1)]
    assert [each["text"] for each in paragraphs["paragraphs"][0]["sentences"]] == ["Hello.", "How are you?"]


def test_utterances_of_all_channels_are_in_the_order_of_time() -> None:
    """Each says its channel, its speaker if that was asked for, and an id that is its own and stays."""
    segments = (segment(1, "one two", 0), segment(2, "three", 64_000), segment(3, "four", 40_000, track=1))
    answer = response(*segments, tracks=2, multichannel="true", utterances="true", utt_split="1")
    utterances = answer["results"]["utterances"]
    assert [(each["transcript"], each["channel"]) for each in utterances] == [("one two", 0), ("four", 1), ("three", 0)]
    assert len({each["id"] for each in utterances}) == 3
    again = response(*segments, tracks=2, multichannel="true", utterances="true", utt_split="1")
    assert again == answer
    assert "speaker" not in utterances[0]


def test_each_channel_has_its_own_words() -> None:
    """One entry a channel, in their order, also for one on which nobody spoke."""
    answer = response(segment(1, "left", 0), tracks=2, multichannel="true")
    assert [each["alternatives"][0]["transcript"] for each in answer["results"]["channels"]] == ["left", ""]
    assert answer["metadata"]["channels"] == 2


def test_the_language_that_most_words_are_in() -> None:
    """How sure that is, is the share of them."""
    answer = response(segment(1, "satu dua tiga", 0, language="id"), segment(2, "four", 64_000), detect_language="true")
    channel = answer["results"]["channels"][0]
    assert (channel["detected_language"], channel["language_confidence"]) == ("id", 0.75)


def test_several_languages() -> None:
    """With `multi` each word says its own."""
    answer = response(segment(1, "satu", 0, language="id"), segment(2, "two", 64_000), language="multi")
    alternative = answer["results"]["channels"][0]["alternatives"][0]
    assert alternative["languages"] == ["id", "en"]
    assert [word["language"] for word in alternative["words"]] == ["id", "en"]
