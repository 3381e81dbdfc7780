"""Whisper over CTranslate2: windows of many sessions in one batch, each with its own language, prefix and hotwords.

faster-whisper loads the model; `encoding`, `decoding`, `aligning` and `words` each do one step. The words of an item
are the same in a batch of one and in a batch of many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from stream_server.asr.aligning import TokenTimes, WordTime, align_tokens, time_words
from stream_server.asr.decoding import Decoded, Decoder, Profile, compression_ratio
from stream_server.asr.encoding import POSITION_SAMPLES, Features, WindowEncoder, storage
from stream_server.asr.engine import Capabilities
from stream_server.asr.windows import FULL_SECONDS, Window, WindowProfile
from stream_server.asr.words import WordPieces, split_words
from stream_server.errors import EngineFailed, InvalidConfiguration, ModelUnavailable
from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord, Transcribe


@dataclass(frozen=True, slots=True)
class Heard:
    """The language of an item and how sure that is."""

    language: str
    probability: float


class WhisperEngine:
    """Recognise with a Whisper model in CTranslate2's format.

    `compute_type` "auto" is int8 on a CPU and float16 on CUDA. `final_beam` is the beam of finals, partials are greedy.
    `cpu_threads` 0 takes all cores that the process may use; `replicas` is how many windows may run at once (see
    `replica`). Raises `ModelUnavailable` if the directory holds no model
    that can be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        device: str = "auto",
        device_index: int = 0,
        compute_type: str = "auto",
        replicas: int = 1,
        cpu_threads: int = 0,
        final_beam: int = 1,
        max_batch: int | None = None,
        profile: WindowProfile | None = None,
    ) -> None:
        self.windows = profile or WindowProfile()
        self.device = resolve_device(device)
        on_gpu = self.device == "cuda"
        self.compute_type = resolve_compute_type(compute_type, self.device)
        loaded = _load(
            path,
            device=self.device,
            device_index=device_index,
            compute_type=self.compute_type,
            num_workers=replicas,
            cpu_threads=cpu_threads,
        )
        self._model: Any = loaded.model
        filters = loaded.feature_extractor.mel_filters
        self._encoder = WindowEncoder(self._model, filters, grid_seconds=5.0 if on_gpu else 0.5)
        self._decoder = Decoder(self._model, loaded.hf_tokenizer, partial_beam=1, final_beam=final_beam)
        # faster-whisper names Cantonese for every multilingual model; only large-v3 and later have its token.
        token = loaded.hf_tokenizer.token_to_id
        self._languages = tuple(code for code in loaded.supported_languages if token(f"<|{code}|>") is not None) or (
            "en",
        )
        self._name = name or path.name
        # Measured on two cores: four items cost a fifth less each than one, eight cost no less than four.
        self._max_batch = max_batch or (32 if on_gpu else 4)

    @property
    def capabilities(self) -> Capabilities:
        """Describe the loaded model."""
        return Capabilities(
            engine="whisper",
            model=self._name,
            device=self.device,
            compute_type=self.compute_type,
            languages=self._languages,
            detects_language=self._decoder.multilingual,
            word_times=True,
            hotwords=True,
            translates=self._decoder.multilingual,
            punctuates=True,
            max_window_seconds=float(FULL_SECONDS),
            max_batch=self._max_batch,
        )

    def warm_up(self) -> None:
        """Run the real path twice, alignment included: the first call allocates, the second shows that it works."""
        noise = np.random.default_rng(0).normal(0.0, 0.05, 2 * ENGINE_RATE).astype(np.float32)
        item = Transcribe(session_id="", work_id=0, track=0, utterance_id="", audio=noise, start=0, final=True)
        for _ in range(2):
            (outcome,) = self.run([item])
            if isinstance(outcome, Exception):
                raise EngineFailed("the model failed its warm-up") from outcome
            word = self._decoder.tokenizer("en").encode(" yes")
            self._align(
                self._encoder.encode([noise], self.windows.final),
                [Decoded(word, 0.0, 0.0)],
                [Heard("en", 1.0)],
                [item],
            )

    def bucket(self, item: Transcribe) -> Hashable:
        """Return how the item is decoded and how much the decoder sees; lengths and languages may mix."""
        return self._profile(item)

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Return one outcome per item; a language or a length that the model cannot take fails its item alone."""
        outcomes: dict[int, Hypothesis | Exception] = {}
        for index, item in enumerate(batch):
            refusal = self._refusal(item)
            if refusal is not None:
                outcomes[index] = refusal
        accepted = [index for index in range(len(batch)) if index not in outcomes]
        outcomes.update(zip(accepted, self._recognise([batch[index] for index in accepted]), strict=True))
        return [outcomes[index] for index in range(len(batch))]

    def replica(self) -> WhisperEngine:
        """Return an engine on the same weights, for a thread of its own; at most `replicas` run at once."""
        return copy(self)

    def close(self) -> None:
        """Free the model's memory, that of its replicas included."""
        self._model.unload_model()

    # ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _window(self, item: Transcribe) -> Window:
        """Return how an item's window is seen; a second look sees all there is."""
        if item.careful:
            return Window()
        return self.windows.final if item.final else self.windows.partial

    def _profile(self, item: Transcribe) -> tuple[Profile, Window, int]:
        window = self._window(item)
        profile = self._decoder.profile(item, no_repeat_ngram=window.no_repeat_ngram)
        return profile, window, self._encoder.positions(len(item.audio), window)

    def _refusal(self, item: Transcribe) -> Exception | None:
        if len(item.audio) > FULL_SECONDS * ENGINE_RATE:
            return EngineFailed(f"a window is longer than {FULL_SECONDS} s")
        if self._decoder.multilingual and item.language is not None and item.language not in self._languages:
            return InvalidConfiguration(f"the model does not know the language {item.language!r}")
        return None

    def _recognise(self, items: list[Transcribe]) -> list[Hypothesis]:
        if not items:
            return []
        profile, window, _ = self._profile(items[0])
        features = self._encoder.encode([item.audio for item in items], window)
        heard = self._languages_of(features, items)
        decoded = self._decoder.decode(features, items, [each.language for each in heard], profile)
        times = self._align(features, decoded, heard, items)
        return [self._hypothesis(*each) for each in zip(items, heard, decoded, times, strict=True)]

    def _languages_of(self, features: Features, items: Sequence[Transcribe]) -> list[Heard]:
        """Take each item's language as given, or detect it on the features that decoding uses."""
        known = [self._known_language(item) for item in items]
        unknown = [index for index, language in enumerate(known) if language is None]
        heard = [Heard(language or "", 1.0) for language in known]
        if unknown:
            for index, ranking in zip(unknown, self._model.detect_language(storage(features[unknown])), strict=True):
                heard[index] = choose_language(ranking, items[index].languages)
        return heard

    def _known_language(self, item: Transcribe) -> str | None:
        if not self._decoder.multilingual:
            return "en"
        if item.language is None and len(item.languages) == 1 and item.languages[0] in self._languages:
            return item.languages[0]
        return item.language

    def _align(
        self, features: Features, decoded: Sequence[Decoded], heard: Sequence[Heard], items: Sequence[Transcribe]
    ) -> list[TokenTimes | None]:
        """Time the tokens of items that want it: one call per language and task, as CTranslate2 asks, and length.

        The tail of silence is left out: no word lies there, and attending to it costs as much as to speech.
        """
        times: list[TokenTimes | None] = [None] * len(items)
        calls: dict[tuple[str, bool, int], list[int]] = {}
        for index, item in enumerate(items):
            if item.timed and decoded[index].tokens and len(item.audio):
                head = self._encoder.head(len(item.audio), self._window(item)) // POSITION_SAMPLES
                calls.setdefault((heard[index].language, item.translate, head), []).append(index)
        for (language, translate, head), members in calls.items():
            start_sequence = self._decoder.tokenizer(language, translate).sot_sequence
            texts = [decoded[index].tokens for index in members]
            samples = [len(items[index].audio) for index in members]
            aligned = align_tokens(self._model, features[members, :head], start_sequence, texts, samples)
            for index, each in zip(members, aligned, strict=True):
                times[index] = each
        return times

    def _hypothesis(self, item: Transcribe, heard: Heard, decoded: Decoded, times: TokenTimes | None) -> Hypothesis:
        tokenizer = self._decoder.tokenizer(heard.language)
        written = "en" if item.translate else heard.language
        words = split_words(tokenizer, decoded.tokens, written, prefix=len(item.prefix))
        placed = time_words(words, times, len(item.audio)) if times is not None else None
        # Without alignment there is no probability per token: the average over the new tokens stands for each word.
        sure = min(1.0, math.exp(decoded.average_log_probability))
        return Hypothesis(
            words=tuple(
                _word(word, decoded.tokens, placed[index] if placed is not None else None, sure)
                for index, word in enumerate(words)
            ),
            language=heard.language,
            language_probability=heard.probability,
            average_log_probability=decoded.average_log_probability,
            no_speech_probability=decoded.no_speech_probability,
            compression_ratio=compression_ratio(tokenizer.decode(decoded.tokens).strip()),
        )


def choose_language(ranking: Sequence[tuple[str, float]], allowed: Sequence[str]) -> Heard:
    """Return the likeliest language, among `allowed` if any of them is in the ranking.

    `ranking` holds Whisper's tokens ("<|en|>") with probabilities. Among allowed ones the probability is relative to
    their sum.
    """
    probabilities = {token[2:-2]: probability for token, probability in ranking}
    candidates = {language: probabilities[language] for language in allowed if language in probabilities}
    chosen = candidates or probabilities
    best = max(chosen, key=lambda language: chosen[language])
    return Heard(best, chosen[best] / (sum(chosen.values()) or 1.0))


def resolve_device(device: str) -> str:
    """Turn "auto" into "cuda" where CTranslate2 sees a GPU, else "cpu"."""
    if device != "auto":
        return device
    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


def resolve_compute_type(compute_type: str, device: str) -> str:
    """Turn "auto" into float16 on CUDA and int8 on a CPU."""
    if compute_type != "auto":
        return compute_type
    return "float16" if device == "cuda" else "int8"


def _load(path: Path, **how: Any) -> Any:
    load: Callable[..., Any] = WhisperModel
    try:
        return load(str(path), **how)
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelUnavailable(
            f"the model in {path} cannot be loaded on {how['device']} as {how['compute_type']}: {reason}"
        ) from error


def _word(word: WordPieces, tokens: list[int], placed: WordTime | None, sure: float) -> HypothesisWord:
    pieces = word.pieces
    return HypothesisWord(
        text=word.text,
        tokens=tuple(tokens[pieces[0].first : pieces[-1].stop]),
        probability=placed.probability if placed is not None else sure,
        start=placed.start if placed is not None else None,
        end=placed.end if placed is not None else None,
    )
