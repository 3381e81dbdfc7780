"""LocalAgreement: which words of a growing hypothesis will not change again.

A word is committed when two consecutive hypotheses agree on it and on every word before it, and enough words follow it
in both: the last words of a window are guesses about sound that is not there yet. Committed words ride along as a
forced prefix of the next request, so they never change. (It saves no time: CTranslate2 feeds a prefix step by step.)

Source: LocalAgreement-n of Liu et al., "Low-Latency Sequence-to-Sequence Speech Recognition and Translation by
Partial Hypothesis Selection", Interspeech 2020; with n = 2 as in Macháček et al., "Turning Whisper into Real-Time
Transcription System", 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stream_server.work import HypothesisWord

HOLD_BACK_WORDS = 4
"""Words at the end of a hypothesis that are never committed.

On 75 clips of read speech (tiny.en, a partial every half second, windows that do not slide) 10.7 % of the words are
wrong in the end with two, 10.5 % with four; 10.0 % when whole clips are recognised at once.
"""


def same_word(one: str, other: str) -> bool:
    """Tell whether two words are the same but for case and punctuation."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum()) or text


@dataclass(slots=True)
class Stabilizer:
    """Keeps the committed words of one utterance and the last hypothesis' tail."""

    hold_back: int = HOLD_BACK_WORDS
    committed: list[HypothesisWord] = field(default_factory=list)
    tentative: list[HypothesisWord] = field(default_factory=list)
    left_behind: int = 0
    """How many committed words lie before the window; hypotheses begin after them."""

    @property
    def prefix_words(self) -> list[HypothesisWord]:
        """The committed words that are in the window."""
        return self.committed[self.left_behind :]

    @property
    def prefix(self) -> tuple[int, ...]:
        """Token ids of the committed words in the window."""
        return tuple(token for word in self.prefix_words for token in word.tokens)

    def update(self, words: Sequence[HypothesisWord], *, commit: bool = True) -> None:
        """Take a new hypothesis, the committed prefix included; with `commit` False nothing more is committed."""
        tail = self.merge(words)[len(self.committed) :]
        agreed = 0
        limit = min(len(tail), len(self.tentative)) - self.hold_back if commit else 0
        while agreed < limit and same_word(tail[agreed].text, self.tentative[agreed].text):
            agreed += 1
        self.committed += tail[:agreed]
        self.tentative = tail[agreed:]

    def merge(self, words: Sequence[HypothesisWord]) -> list[HypothesisWord]:
        """Return the hypothesis with the committed words exactly as they were shown, but timed and scored anew.

        Those before the window are as they were left. Where the engine glued more onto the last committed word, letters
        or digits become a word of their own; punctuation is dropped, because shown words do not change.
        """
        shown = self.prefix_words
        count = len(shown)
        if len(words) < count:
            return [*self.committed]
        merged = self.committed[: self.left_behind] + [
            replace(word, probability=heard.probability, start=heard.start, end=heard.end)
            for word, heard in zip(shown, words, strict=False)
        ]
        merged += self._glued(words[count - 1]) if count else []
        return merged + list(words[count:])

    def leave_behind(self, words: Sequence[HypothesisWord]) -> None:
        """Let the window begin after these committed words, the first ones, with the times they have here."""
        self.committed[: len(words)] = words
        self.left_behind = len(words)

    def _glued(self, heard: HypothesisWord) -> list[HypothesisWord]:
        shown = self.committed[-1]
        rest = heard.text[len(shown.text) :] if heard.text.startswith(shown.text) else ""
        if not any(character.isalnum() for character in rest):
            return []
        return [replace(heard, text=rest, tokens=heard.tokens[len(shown.tokens) :])]
