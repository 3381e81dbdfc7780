"""Words come as they become final; joined deltas are the text."""

from __future__ import annotations

import json
from typing import Any

from stream_server.compat.openai.form import read_transcription
from stream_server.compat.openai.transcript_events import TranscriptEvents
from stream_server.events import Final, Speaker, SpeechStarted, Word
from tests.compat.openai.transcripts import RATE, TALK


def final(sequence: int, *words: Word) -> Final:
    """Return an utterance of these words."""
    return Final(
        sequence=sequence,
        track=0,
        speaker=words[0].speaker,
        utterance_id=f"0-{sequence}",
        start=words[0].start or 0,
        end=words[-1].end or 0,
        words=words,
        text=" ".join(word.text for word in words),
        language="en",
        lag_ms=0,
    )


def word(text: str, second: int, speaker: Speaker | None = None) -> Word:
    """Return a word of a second."""
    return Word(text=text, spoken=text, start=second * RATE, end=(second + 1) * RATE, confidence=1.0, speaker=speaker)


def messages(lines: list[str]) -> list[dict[str, Any]]:
    """Return what lines say, but for the last word."""
    assert all(line.startswith("data: ") and line.endswith("\n\n") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines if "[DONE]" not in line]


def test_joined_deltas_are_the_text() -> None:
    """Between two utterances stands a space, and nothing else is heard of a session."""
    said = TranscriptEvents(read_transcription([]), RATE)
    assert said.hear(SpeechStarted(track=0, utterance_id="0-1", at=0)) == []
    lines = said.hear(final(1, word("Good", 0), word("morning.", 1))) + said.hear(final(2, word("Hello.", 3)))
    *deltas, done = messages([*lines, *said.end(TALK)])
    assert "".join(delta["delta"] for delta in deltas) == done["text"] == "Good morning. Hello."
    assert done["type"] == "transcript.text.done"
    assert done["usage"] == {
        "type": "tokens",
        "input_tokens": 475,
        "output_tokens": 3,
        "total_tokens": 478,
        "input_token_details": {"audio_tokens": 475, "text_tokens": 0},
    }
    assert said.end(TALK)[-1] == "data: [DONE]\n\n"


def test_speakers_are_segments() -> None:
    """Each turn of an utterance follows its delta."""
    said = TranscriptEvents(read_transcription([("response_format", "diarized_json")]), RATE)
    ana, budi = Speaker(id=1), Speaker(id=2, name="Budi")
    delta, first, second = messages(said.hear(final(1, word("Ready?", 0, ana), word("Yes.", 2, budi))))
    assert delta["segment_id"] == first["id"] == "seg_0"
    assert [(s["speaker"], s["start"], s["end"], s["text"]) for s in (first, second)] == [
        ("A", 0.0, 1.0, "Ready?"),
        ("Budi", 2.0, 3.0, "Yes."),
    ]


def test_logprobs_ride_along() -> None:
    """With each delta its own, at the end all."""
    said = TranscriptEvents(read_transcription([("include[]", "logprobs")]), RATE)
    (delta,) = messages(said.hear(final(1, word("Yes.", 0))))
    (done,) = messages(said.end(TALK))
    assert delta["logprobs"] == done["logprobs"] == [{"token": "Yes.", "bytes": list(b"Yes."), "logprob": 0.0}]
