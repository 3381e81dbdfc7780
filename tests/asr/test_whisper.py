"""Laws of the Whisper engine, with real weights on real recordings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.asr.models import resolve
from stream_server.asr.whisper import WhisperEngine, choose_language, resolve_compute_type, resolve_device
from stream_server.asr.windows import Window, WindowProfile
from stream_server.errors import EngineFailed, InvalidConfiguration, ModelUnavailable
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE, Hypothesis, Transcribe

pytestmark = pytest.mark.recognition

Clips = dict[str, tuple[Samples, str]]


def window(audio: Samples, **options: Any) -> Transcribe:
    """Ask for the words of a whole clip."""
    fields = {"session_id": "s", "work_id": 0, "track": 0, "utterance_id": "u", "start": 0, "final": True}
    return Transcribe(audio=audio, **{**fields, **options})


def heard(engine: WhisperEngine, *items: Transcribe) -> list[Hypothesis]:
    """Run a batch that must not fail."""
    outcomes = engine.run(items)
    assert all(isinstance(outcome, Hypothesis) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Hypothesis)]


def text(hypothesis: Hypothesis) -> str:
    """Join the words."""
    return " ".join(word.text for word in hypothesis.words)


def spoken(clips: Clips) -> list[Samples]:
    """Return the clips that hold speech."""
    return [audio for audio, reference in clips.values() if reference]


def bare(line: str) -> list[str]:
    """Return lower-case words without punctuation."""
    return ["".join(c for c in word.casefold() if c.isalnum()) for word in line.split()]


def test_real_speech_becomes_its_words(tiny: WhisperEngine, clips: Clips) -> None:
    """A clean sentence is recognised word for word."""
    audio, reference = clips["weather"]
    (hypothesis,) = heard(tiny, window(audio))
    assert bare(text(hypothesis)) == bare(reference)
    assert hypothesis.language == "en"
    assert hypothesis.average_log_probability > -0.5
    assert 0.5 < hypothesis.compression_ratio < 2.0


def test_a_batch_of_eight_gives_the_words_of_eight_batches(tiny: WhisperEngine, clips: Clips) -> None:
    """An item's words, times and confidence do not depend on its neighbours."""
    items = [window(audio) for audio in (spoken(clips) * 3)[:8]]
    alone = [heard(tiny, item)[0] for item in items]
    together = heard(tiny, *items)
    for one, other in zip(alone, together, strict=True):
        assert [(w.text, w.tokens, w.start, w.end) for w in one.words] == [
            (w.text, w.tokens, w.start, w.end) for w in other.words
        ]


def test_short_tails_batch_by_what_the_decoder_sees(model_data: Path, clips: Clips) -> None:
    """With a profile, windows of like length share a bucket, others do not; words stay those that each gives alone."""
    short = Window(silence_seconds=1.0, tail_seconds=5.0)
    path = resolve("tiny.en", model_data, allow_download=False).path
    engine = WhisperEngine(path, device="cpu", profile=WindowProfile(partial=short, final=short))
    buckets: dict[object, list[Transcribe]] = {}
    for audio in spoken(clips):
        for piece in (audio, audio[: len(audio) * 2 // 3]):
            buckets.setdefault(engine.bucket(window(piece)), []).append(window(piece))
    assert len(buckets) > 1
    assert max(len(items) for items in buckets.values()) > 1
    for items in buckets.values():
        alone = [text(heard(engine, item)[0]) for item in items]
        assert [text(each) for each in heard(engine, *items)] == alone
    careful = window(spoken(clips)[0], careful=True)
    assert engine.bucket(careful) not in buckets
    engine.close()


def test_a_replica_runs_beside_its_original(model_data: Path, clips: Clips) -> None:
    """Two threads, one set of weights, the same words."""
    engine = WhisperEngine(resolve("tiny.en", model_data, allow_download=False).path, device="cpu", replicas=2)
    audios = spoken(clips)
    alone = [text(heard(engine, window(audio))[0]) for audio in audios]
    with ThreadPoolExecutor(2) as pool:
        halves = list(
            pool.map(lambda each: [text(heard(each, window(audio))[0]) for audio in audios], (engine, engine.replica()))
        )
    assert halves == [alone, alone]
    engine.close()


def test_word_times_lie_in_the_window_and_in_order(tiny: WhisperEngine, clips: Clips) -> None:
    """Words of finals are timed, monotone and inside the audio."""
    for audio in spoken(clips):
        last = 0
        for word in heard(tiny, window(audio))[0].words:
            assert word.start is not None
            assert word.end is not None
            assert last <= word.start <= word.end <= len(audio)
            assert 0.0 <= word.probability <= 1.0
            last = word.end


def test_word_times_follow_the_audio(tiny: WhisperEngine, clips: Clips) -> None:
    """A second of silence in front moves the words by a second."""
    audio, _ = clips["weather"]
    (early,) = heard(tiny, window(audio))
    (late,) = heard(tiny, window(np.concatenate([np.zeros(ENGINE_RATE, np.float32), audio])))
    assert bare(text(early)) == bare(text(late))
    for one, other in zip(early.words[1:], late.words[1:], strict=True):
        assert one.start is not None
        assert other.start is not None
        assert abs(other.start - one.start - ENGINE_RATE) < 0.25 * ENGINE_RATE


def test_partials_have_no_times(tiny: WhisperEngine, clips: Clips) -> None:
    """Alignment is for finals; a partial's words carry the hypothesis' own confidence."""
    (hypothesis,) = heard(tiny, window(clips["weather"][0], final=False))
    assert hypothesis.words
    assert all(word.start is None and word.end is None for word in hypothesis.words)
    assert all(0.0 < word.probability <= 1.0 for word in hypothesis.words)


def test_the_words_tokens_are_a_prefix_to_feed_back(tiny: WhisperEngine, clips: Clips) -> None:
    """Forcing the first words' tokens keeps those words, at every length, and the rest follows."""
    audio, _ = clips["train"]
    (free,) = heard(tiny, window(audio, final=False))
    for count in range(1, len(free.words)):
        prefix = tuple(token for word in free.words[:count] for token in word.tokens)
        (forced,) = heard(tiny, window(audio, final=False, prefix=prefix))
        assert [w.text for w in forced.words[: count - 1]] == [w.text for w in free.words[: count - 1]]
        assert forced.words[count - 1].text.startswith(free.words[count - 1].text)
        assert bare(text(forced)) == bare(text(free))


def test_prefixes_of_different_length_share_a_batch(tiny: WhisperEngine, clips: Clips) -> None:
    """A forced prefix changes neither the bucket nor the neighbours."""
    audio, _ = clips["train"]
    (free,) = heard(tiny, window(audio))
    prefix = tuple(token for word in free.words[:4] for token in word.tokens)
    forced = window(audio, prefix=prefix)
    assert tiny.bucket(forced) == tiny.bucket(window(audio))
    assert [text(each) for each in heard(tiny, window(audio), forced)] == [text(free), text(free)]


def test_silence_and_noise_are_told_by_the_no_speech_probability(tiny: WhisperEngine, clips: Clips) -> None:
    """Speech is clearly told from silence, for the guards to use."""
    speech = heard(tiny, window(clips["weather"][0]))[0].no_speech_probability
    silence = heard(tiny, window(np.zeros(2 * ENGINE_RATE, np.float32)))[0].no_speech_probability
    assert speech < silence


def test_hotwords_and_context_go_in_front_and_into_the_bucket(tiny: WhisperEngine, clips: Clips) -> None:
    """Only items with equally long text in front share a call; the transcript itself does not contain it."""
    plain = window(clips["weather"][0])
    helped = replace(
        plain, hotwords="Kubernetes, Grafana", context="And this is what was said before, some minutes ago."
    )
    assert tiny.bucket(helped) != tiny.bucket(plain)
    assert "kubernetes" not in text(heard(tiny, helped)[0]).casefold()
    assert bare(text(heard(tiny, helped)[0])) == bare(text(heard(tiny, plain)[0]))


def test_the_longest_preamble_still_leaves_room(tiny: WhisperEngine, clips: Clips) -> None:
    """Hotwords and context together never fill the decoder."""
    item = window(clips["weather"][0], hotwords="word " * 400, context="before " * 400)
    assert heard(tiny, item)[0].words


def test_control_tokens_in_hotwords_are_left_out(tiny: WhisperEngine, clips: Clips) -> None:
    """A client cannot move the start of the transcript, nor end it: that would break its neighbours' batch."""
    audio = clips["train"][0]
    words = tiny._decoder.prompt(window(audio, hotwords="<|startoftranscript|> Budi <|endoftext|>"), "en")
    assert words.count(tiny._decoder.tokenizer("en").sot) == 1
    assert tiny._decoder.tokenizer("en").eot not in words
    assert len(words) > len(tiny._decoder.prompt(window(audio), "en"))


def test_a_careful_look_has_a_bucket_of_its_own(tiny: WhisperEngine, clips: Clips) -> None:
    """The second look decodes differently and never holds a batch of first looks."""
    plain = window(clips["weather"][0])
    careful = replace(plain, careful=True)
    assert tiny.bucket(careful) != tiny.bucket(plain)
    assert bare(text(heard(tiny, careful)[0])) == bare(clips["weather"][1])


def test_an_english_model_is_always_english(tiny: WhisperEngine, clips: Clips) -> None:
    """Whatever is asked for, an English-only model answers in English."""
    assert heard(tiny, window(clips["weather"][0], language="de"))[0].language == "en"
    assert tiny.capabilities.languages == ("en",)
    assert not tiny.capabilities.detects_language


def test_languages_mix_in_one_batch(base: WhisperEngine, clips: Clips) -> None:
    """Each item is decoded in its own language, given or detected."""
    audio, reference = clips["weather"]
    given, detected, other = heard(base, window(audio, language="en"), window(audio), window(audio, language="id"))
    assert bare(text(given)) == bare(reference)
    assert (detected.language, text(detected)) == ("en", text(given))
    assert detected.language_probability > 0.5
    assert other.language == "id"


def test_detection_stays_among_the_allowed_languages(base: WhisperEngine, clips: Clips) -> None:
    """With languages named, the likeliest of them is taken; a single one is taken as given."""
    audio, _ = clips["weather"]
    among, single = heard(base, window(audio, languages=("de", "fr")), window(audio, languages=("id",)))
    assert among.language in {"de", "fr"}
    assert single.language == "id"


def test_what_the_model_cannot_take_fails_alone(base: WhisperEngine, clips: Clips) -> None:
    """An unknown language or an overlong window is refused; the neighbour is recognised."""
    audio, reference = clips["weather"]
    long = np.zeros(31 * ENGINE_RATE, np.float32)
    refused, overlong, good = base.run(
        [window(audio, language="xx"), window(long, language="en"), window(audio, language="en")]
    )
    assert isinstance(refused, InvalidConfiguration)
    assert isinstance(overlong, EngineFailed)
    assert isinstance(good, Hypothesis)
    assert bare(text(good)) == bare(reference)


@pytest.mark.parametrize("samples", [0, 1, 100, 29 * ENGINE_RATE, 30 * ENGINE_RATE])
def test_any_length_up_to_the_limit_is_taken(tiny: WhisperEngine, samples: int) -> None:
    """Nothing, a click and thirty seconds are all answered."""
    assert isinstance(tiny.run([window(np.zeros(samples, np.float32))])[0], Hypothesis)


def test_an_empty_batch_is_an_empty_answer(tiny: WhisperEngine) -> None:
    """No items, no outcomes."""
    assert tiny.run([]) == []


def test_warming_up_runs_the_real_path(tiny: WhisperEngine) -> None:
    """The warm-up passes on a working model."""
    tiny.warm_up()
    assert tiny.capabilities.compute_type == "int8"
    assert tiny.capabilities.device == "cpu"


def test_only_languages_with_a_token_are_claimed(base: WhisperEngine) -> None:
    """Base has no Cantonese although its family has."""
    assert "id" in base.capabilities.languages
    assert "yue" not in base.capabilities.languages


def test_a_directory_without_a_model_is_one_clear_error(tmp_path: Path) -> None:
    """What cannot be loaded is `ModelUnavailable`, not a traceback of a library."""
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        WhisperEngine(tmp_path, device="cpu")


def test_detection_prefers_the_likeliest() -> None:
    """Without a restriction the ranking decides; a restriction to unknown languages is none."""
    ranking = [("<|en|>", 0.6), ("<|de|>", 0.3), ("<|id|>", 0.1)]
    assert choose_language(ranking, ()).language == "en"
    assert choose_language(ranking, ("xx",)).language == "en"
    allowed = choose_language(ranking, ("id", "de"))
    assert allowed.language == "de"
    assert allowed.probability == pytest.approx(0.75)


def test_automatic_settings_follow_the_device() -> None:
    """float16 on CUDA, int8 on a CPU, and what is named is kept."""
    assert resolve_compute_type("auto", "cuda") == "float16"
    assert resolve_compute_type("auto", "cpu") == "int8"
    assert resolve_compute_type("int8_float16", "cuda") == "int8_float16"
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("auto") in {"cpu", "cuda"}
