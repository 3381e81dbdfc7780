"""When each word was said: cross-attention aligned with the audio, then made plausible.

The rules for overlong words are faster-whisper's (`add_word_timestamps`): attention lingers on pauses at the beginning
and at sentence ends, so there a word lasts at most twice the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stream_server.asr.encoding import POSITION_SAMPLES, Features, storage
from stream_server.asr.spectrogram import FRAME_SAMPLES
from stream_server.asr.words import SENTENCE_ENDS, WordPieces
from stream_server.work import ENGINE_RATE

MEDIAN_FILTER_WIDTH = 7
LONGEST_MEDIAN = 0.7 * ENGINE_RATE

Times = npt.NDArray[np.float64]


@dataclass(slots=True)
class TokenTimes:
    """Where each token of a text begins, in samples (one more for the end of the text), and its probability."""

    starts: Times
    probabilities: Times


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word's place in the window, in samples, and the mean probability of its tokens."""

    start: int
    end: int
    probability: float


def align_tokens(
    model: Any, features: Features, start_sequence: list[int], texts: list[list[int]], samples: Sequence[int]
) -> list[TokenTimes]:
    """Align texts of one language with their windows; `samples` are the windows' real lengths, padding excluded."""
    frames = [max(2, count // FRAME_SAMPLES) for count in samples]
    results = model.align(storage(features), start_sequence, texts, frames, median_filter_width=MEDIAN_FILTER_WIDTH)
    return [_token_times(result) for result in results]


def _token_times(result: Any) -> TokenTimes:
    pairs = np.array(result.alignments, dtype=np.int64).reshape(-1, 2)
    jumps = np.diff(pairs[:, 0], prepend=-1).astype(bool)
    return TokenTimes(pairs[jumps, 1] * float(POSITION_SAMPLES), np.array(result.text_token_probs, dtype=np.float64))


def time_words(words: Sequence[WordPieces], tokens: TokenTimes, samples: int) -> list[WordTime]:
    """Give each word its place: plausible, in order, inside the window of `samples`."""
    if not words:
        return []
    starts = np.array([_at(tokens, word.core[0].first) for word in words])
    ends = np.array([_at(tokens, word.core[-1].stop) for word in words])
    _shorten_overlong(words, starts, ends)
    placed, floor = [], 0
    for word, start, end in zip(words, starts, ends, strict=True):
        begin = min(max(floor, round(start)), samples)
        floor = min(max(begin, round(end)), samples)
        placed.append(WordTime(begin, floor, _probability(word, tokens)))
    return placed


def _at(tokens: TokenTimes, index: int) -> float:
    return float(tokens.starts[min(index, len(tokens.starts) - 1)])


def _probability(word: WordPieces, tokens: TokenTimes) -> float:
    # A word has one token or two: NumPy's mean of so few was half of what timing words costs.
    probabilities = tokens.probabilities[word.pieces[0].first : word.pieces[-1].stop].tolist()
    return min(1.0, max(0.0, sum(probabilities) / len(probabilities))) if probabilities else 0.0


def _shorten_overlong(words: Sequence[WordPieces], starts: Times, ends: Times) -> None:
    """Cut, in place, words that swallow a pause: at sentence boundaries, and the first two of the window."""
    durations = (ends - starts)[ends > starts]
    median = min(LONGEST_MEDIAN, float(np.median(durations))) if durations.size else 0.0
    longest = 2 * median
    for index in range(1, len(words)):
        after_sentence = any(piece.bare in SENTENCE_ENDS for piece in words[index - 1].after if piece.bare)
        if after_sentence and ends[index] - starts[index] > longest:
            starts[index] = ends[index] - longest
    first_long = ends[0] - starts[0] > longest
    second_long = len(words) > 1 and ends[1] - starts[0] > 2 * longest
    if ends[0] > 4 * median and (first_long or second_long):
        if len(words) > 1 and ends[1] - starts[1] > longest:
            ends[0] = starts[1] = max(ends[1] / 2, ends[1] - longest)
        starts[0] = max(0.0, ends[0] - longest)
