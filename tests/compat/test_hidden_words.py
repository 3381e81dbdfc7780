"""Words that are hidden, in every dialect: what a client reads is as if nobody had said them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stream_server.compat.deepgram.messages import Model
from stream_server.compat.deepgram.parameters import read_listen
from stream_server.compat.deepgram.prerecorded import Source, write_response
from stream_server.compat.openai.form import read_transcription
from stream_server.compat.openai.realtime_items import Item
from stream_server.compat.openai.realtime_messages import write_completed, write_segments
from stream_server.compat.openai.transcript_events import TranscriptEvents
from stream_server.compat.openai.transcriptions import write_answer
from stream_server.compat.prosa.jobs import results_json
from stream_server.compat.prosa.messages import write_partial, write_results
from stream_server.events import Final, Partial, Speaker, Word
from stream_server.session.word_speakers import main_speaker
from stream_server.store.records import Record, Transcript, append_of
from stream_server.text.formatter import join

RATE = 16_000
ANN, BO = Speaker(id=1, name="Ann"), Speaker(id=2)


def word(text: str, second: int, speaker: Speaker, spoken: str = "") -> Word:
    """Return a word of a second."""
    start = second * RATE
    return Word(text=text, spoken=spoken or text, start=start, end=start + RATE, confidence=0.5, speaker=speaker)


def final(sequence: int, *words: Word) -> Final:
    """Return an utterance of these words."""
    return Final(
        sequence=sequence,
        track=0,
        speaker=main_speaker(words),
        utterance_id=f"0-{sequence}",
        start=words[0].start or 0,
        end=words[-1].end or 0,
        words=words,
        text=join(word.text for word in words),
        language="en",
        lag_ms=0,
    )


HIDDEN = (word("", 1, BO, "uh"), word("", 2, ANN, "uh"))
FINALS = [
    final(1, word("Yes,", 0, ANN), *HIDDEN, word("we", 3, ANN), word("go.", 4, ANN)),
    final(2, word("", 6, BO, "um"), word("", 7, BO, "um")),
    final(3, word("Fine.", 9, BO)),
    final(4, word("Good", 10, ANN), *(word("", second, BO, "uh") for second in (11, 12, 13)), word("day.", 14, ANN)),
]
SHOWN = [replace(each, words=tuple(word for word in each.words if word.text)) for each in FINALS if each.text]


def kept(finals: list[Final]) -> Transcript:
    """Return what a record has of these."""
    record = Record(
        id="0" * 32, organisation="o", started_at=0.0, clock_rate=RATE, end_sample=16 * RATE, model="m", tracks=("a",)
    )
    return Transcript(
        record=record, segments=tuple(append_of(each).segment for each in finals), speakers={1: "Ann", 2: None}
    )


@pytest.mark.parametrize("form", ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"])
def test_openai_answers_without_them(form: str) -> None:
    """Words, segments and likelihoods."""
    wanted = read_transcription(
        [("response_format", form), ("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")]
        if form == "verbose_json"
        else [("response_format", form)]
    )
    assert write_answer(kept(FINALS), wanted) == write_answer(kept(SHOWN), wanted)


def test_openai_streams_without_them() -> None:
    """An utterance of nothing else is no event."""
    wanted = read_transcription([("response_format", "diarized_json"), ("include[]", "logprobs")])
    said, shown = TranscriptEvents(wanted, RATE), TranscriptEvents(wanted, RATE)
    assert [line for each in FINALS for line in said.hear(each)] == [
        line for each in SHOWN for line in shown.hear(each)
    ]
    assert said.end(kept(FINALS)) == shown.end(kept(SHOWN))


def test_openai_is_told_live_without_them() -> None:
    """Items complete with the words shown, and their segments are those of who is heard."""
    items = [Item("item_1", 0), Item("item_1", 0)]
    for item, finals in zip(items, (FINALS, SHOWN), strict=True):
        for each in finals:
            item.begin(each.utterance_id)
            item.end_utterance(each)
    said, shown = items
    assert write_completed(said, with_logprobs=True) == write_completed(shown, with_logprobs=True)
    assert write_segments(said) == write_segments(shown)


def test_prosa_answers_without_them() -> None:
    """Recordings and live results."""
    assert results_json(kept(FINALS)) == results_json(kept(SHOWN))
    assert [write_results(each, RATE) for each in FINALS if each.text] == [write_results(each, RATE) for each in SHOWN]
    assert write_results(FINALS[1], RATE) == []
    partial = Partial(
        sequence=0, track=0, utterance_id="0-1", start=0, end=RATE, stable=(), tentative=HIDDEN, stable_text="",
        tentative_text="", language="en", lag_ms=0,
    )  # fmt: skip
    assert write_partial(partial) is None


def test_deepgram_answers_without_them() -> None:
    """Words, paragraphs and utterances."""
    listen = read_listen([("diarize", "true"), ("smart_format", "true"), ("utterances", "true")])
    source = Source(session_id="0" * 32, sha256="", created=0.0)
    answers = [write_response(kept(finals), listen, source, Model(name="m", engine="e")) for finals in (FINALS, SHOWN)]
    assert answers[0] == answers[1]
