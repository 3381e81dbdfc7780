"""Whisper writes down in English what is said in other languages, beside items that it writes as they are said."""

from __future__ import annotations

from pathlib import Path

import pytest
from faster_whisper.audio import decode_audio

from stream_server.asr.whisper import WhisperEngine
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE, Hypothesis, Transcribe

pytestmark = [pytest.mark.recognition, pytest.mark.shared]

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "audio" / "asr_other"


@pytest.fixture(scope="module")
def spanish() -> Samples:
    """Give twelve seconds of read Spanish."""
    path = RECORDINGS / "aeneas_es.flac"
    if not path.exists():
        pytest.skip("needs ../shared/audio")
    return decode_audio(str(path))[: 12 * ENGINE_RATE]


def window(audio: Samples, *, translate: bool) -> Transcribe:
    """Ask for the words of a recording."""
    return Transcribe(
        session_id="s", work_id=0, track=0, utterance_id="u", audio=audio, start=0, final=True, translate=translate
    )


def test_a_batch_of_both_tasks_is_two_batches_of_one(base: WhisperEngine, spanish: Samples) -> None:
    """The task is the item's own: neighbours that want the other one change nothing."""
    items = [window(spanish, translate=translate) for translate in (False, True, False)]
    together = base.run(items)
    assert together == [base.run([item])[0] for item in items]
    original, english, _ = together
    assert isinstance(original, Hypothesis)
    assert isinstance(english, Hypothesis)
    assert original.language == english.language == "es"
    assert {"señor", "secretario"} <= {word.text for word in original.words}
    assert {"The", "of", "Spanish"} <= {word.text for word in english.words}
    assert all(word.start is not None for word in english.words)


def test_only_multilingual_models_translate(base: WhisperEngine, tiny: WhisperEngine) -> None:
    """A session is told before it begins."""
    assert (base.capabilities.translates, tiny.capabilities.translates) == (True, False)
