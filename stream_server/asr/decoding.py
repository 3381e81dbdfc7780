"""Whisper's decoder on encoded windows: prompts, limits, scores.

In one call of CTranslate2's `generate` every prompt has `<|startoftranscript|>` at the same index, and beam, limits and
penalties are the same for all; language and task, and a forced prefix behind the prompt, may differ. What must be
equal is a `Profile`, made from the item alone, and the engine's bucket. A prefix makes words stable but saves no time:
CTranslate2 forces it token by token.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from stream_server.asr.encoding import Features, storage
from stream_server.work import ENGINE_RATE, Transcribe

POSITIONS = 448
"""Tokens that the decoder can hold."""

PREAMBLE_LIMIT = POSITIONS // 2 - 1
"""Tokens in front of the transcript: hotwords and context together, so that half is left for the words."""

CONTEXT_STEP = 8
"""Context is cut to a multiple of this, from its end, so that contexts of like length can share a batch."""

TOKEN_LIMIT = POSITIONS // 2
LENGTH_CLASSES = (4, 8, 14, 22)
"""Seconds of audio up to which windows share a limit of tokens."""

CAREFUL_BEAM = 2
"""A second look sees the full tail, which mends most loops; a beam more costs what another item of a batch does."""

CAREFUL_NGRAM = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """What all items of one call of `generate` have in common."""

    beam: int
    no_repeat_ngram: int
    token_limit: int
    preamble: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """One item's text tokens, the forced prefix included, and how sure the decoder was of what it added."""

    tokens: list[int]
    average_log_probability: float
    no_speech_probability: float


def token_limit(samples: int, prefix: int) -> int:
    """Return how many text tokens a window may have: the brake on a decoder that does not stop.

    Speech has 3 to 7 tokens a second in languages the vocabulary knows well and up to three times that in others.
    """
    seconds = samples / ENGINE_RATE
    limit = next((16 + 12 * ceiling for ceiling in LENGTH_CLASSES if seconds <= ceiling), TOKEN_LIMIT)
    while limit < prefix + 16:
        limit += 64
    return min(limit, TOKEN_LIMIT)


def compression_ratio(text: str) -> float:
    """Return how much shorter zlib makes the text: above 2.4 it repeats itself (Whisper's guard)."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 1.0


class Decoder:
    """Turn encoded windows into tokens. `tokenizer` is the model's own, of the `tokenizers` library."""

    def __init__(self, model: Any, tokenizer: Any, *, partial_beam: int, final_beam: int) -> None:
        self._model = model
        self._raw_tokenizer = tokenizer
        self._partial_beam = partial_beam
        self._final_beam = final_beam
        self.tokenizer = lru_cache(maxsize=None)(self._build_tokenizer)
        self._preamble = lru_cache(maxsize=1024)(self._build_preamble)
        self._suppressed = list(get_suppressed_tokens(self.tokenizer("en"), [-1]))

    @property
    def multilingual(self) -> bool:
        """Tell whether prompts name a language."""
        return bool(self._model.is_multilingual)

    def _build_tokenizer(self, language: str, translate: bool = False) -> Any:
        """Return the tokenizer whose start sequence names this language, and whether its words are to be English."""
        task = "translate" if translate else "transcribe"
        return Tokenizer(self._raw_tokenizer, self.multilingual, task=task, language=language)

    def profile(self, item: Transcribe, no_repeat_ngram: int = 0) -> Profile:
        """Return what this item's neighbours in a batch must share."""
        limit = token_limit(len(item.audio), len(item.prefix))
        preamble = len(self._preamble(item.hotwords, item.context))
        if item.careful:
            return Profile(CAREFUL_BEAM, CAREFUL_NGRAM, limit, preamble)
        return Profile(self._final_beam if item.final else self._partial_beam, no_repeat_ngram, limit, preamble)

    def prompt(self, item: Transcribe, language: str) -> list[int]:
        """Return the tokens that the transcript begins with: preamble, start sequence, forced prefix."""
        tokenizer = self.tokenizer(language, item.translate)
        preamble = self._preamble(item.hotwords, item.context)
        return [*preamble, *tokenizer.sot_sequence, tokenizer.no_timestamps, *item.prefix]

    def decode(
        self, features: Features, items: Sequence[Transcribe], languages: Sequence[str], profile: Profile
    ) -> list[Decoded]:
        """Decode items of one profile."""
        prompts = [self.prompt(item, language) for item, language in zip(items, languages, strict=True)]
        # CTranslate2 generates at most half of `max_length`, and at most what the prompt leaves of it.
        longest = max(2 * profile.token_limit, profile.token_limit + profile.preamble + 4)
        results = self._model.generate(
            storage(features),
            prompts,
            beam_size=profile.beam,
            no_repeat_ngram_size=profile.no_repeat_ngram,
            max_length=min(longest, POSITIONS),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )
        return [self._decoded(result, item) for result, item in zip(results, items, strict=True)]

    def _decoded(self, result: Any, item: Transcribe) -> Decoded:
        sequence = result.sequences_ids[0]
        end = self.tokenizer("en").eot
        # The score is the sum over new tokens and the end, divided by the length of all; prefixes are not judged.
        total = result.scores[0] * len(sequence)
        average = total / (max(0, len(sequence) - len(item.prefix)) + 1)
        return Decoded(
            tokens=[token for token in sequence if token < end],
            average_log_probability=average if math.isfinite(average) else -10.0,
            no_speech_probability=result.no_speech_prob,
        )

    def _build_preamble(self, hotwords: str, context: str) -> tuple[int, ...]:
        """Return hotwords, then as much of the context's end as fits; their lengths depend on this item alone."""
        tokenizer = self.tokenizer("en")
        wanted = self._encode(hotwords)[:PREAMBLE_LIMIT]
        before = self._encode(context)
        room = min(len(before), PREAMBLE_LIMIT - len(wanted)) // CONTEXT_STEP * CONTEXT_STEP
        text = wanted + (before[-room:] if room else [])
        return (tokenizer.sot_prev, *text) if text else ()

    def _encode(self, text: str) -> list[int]:
        """Return the tokens of a client's text; what looks like a control token there is left out."""
        tokenizer = self.tokenizer("en")
        plain = text.strip()
        return [token for token in tokenizer.encode(f" {plain}") if token < tokenizer.eot] if plain else []
