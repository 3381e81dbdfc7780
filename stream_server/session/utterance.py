"""One utterance: from its first partial to its final."""

from __future__ import annotations

from dataclasses import dataclass, field

from stream_server.asr.guards import Evidence, Verdict, judge
from stream_server.asr.stabilizer import Stabilizer
from stream_server.work import ENGINE_RATE, VAD_FRAME, Hypothesis, HypothesisWord

LANGUAGE_SURE = 0.85
"""From this probability on a language detected on a short window is believed."""

LANGUAGE_SAMPLES = 5 * ENGINE_RATE
"""A window this long tells its language well enough, whatever the probability."""


@dataclass(slots=True, kw_only=True)
class Utterance:
    """Speech between two pauses. Positions are engine samples of its track."""

    utterance_id: str
    start: int
    onset: int
    continues: bool
    """The one before was cut in mid-speech: this one goes on with its sentence."""
    language: str | None
    commit_until: int
    """Windows that end later commit nothing: the cut of an overlong utterance must lie behind every shown word."""
    stabilizer: Stabilizer = field(default_factory=Stabilizer)
    end: int | None = None
    cut: bool = False
    last_request: int = 0
    """End of the last partial's window."""
    speech_end: int = 0
    _speech_frames: int = 0
    _probability_sum: float = 0.0

    def hear(self, probability: float, position: int, *, threshold: float) -> None:
        """Take note of one frame's speech probability, ending at `position`."""
        if probability >= threshold:
            self._speech_frames += 1
            self._probability_sum += probability
            self.speech_end = position

    def evidence(self, window_end: int) -> Evidence:
        """Return what the gate saw up to the window's end, relative to the window's start."""
        frames = max(1, self._speech_frames)
        return Evidence(
            speech=self._speech_frames * VAD_FRAME,
            probability=self._probability_sum / frames,
            speech_end=min(self.speech_end or window_end, window_end) - self.start,
        )

    def take_partial(self, hypothesis: Hypothesis, window_end: int) -> Verdict:
        """Take a partial's hypothesis; a doubtful or empty one changes nothing."""
        verdict = judge(hypothesis, self.evidence(window_end))
        if verdict.words and not verdict.doubtful:
            commit = window_end <= self.commit_until and self._knows_language(hypothesis, window_end - self.start)
            self.stabilizer.update(verdict.words, commit=commit)
            if self.stabilizer.committed:
                self.language = hypothesis.language
        return verdict

    def words_ahead(self, hypothesis: Hypothesis, window_end: int) -> list[HypothesisWord]:
        """Return what a final asked for ahead would add to the committed words; nothing if it is doubtful."""
        verdict = judge(hypothesis, self.evidence(window_end))
        if verdict.doubtful:
            return []
        return self.stabilizer.merge(verdict.words)[len(self.stabilizer.committed) :]

    def take_final(self, hypothesis: Hypothesis, *, careful: bool) -> Verdict:
        """Judge the final's hypothesis; what was shown as stable stays, whatever the guards say."""
        assert self.end is not None  # finals are asked for after the end
        return judge(hypothesis, self.evidence(self.end), careful=careful)

    def final_words(self, words: tuple[HypothesisWord, ...], heard: tuple[HypothesisWord, ...]) -> list[HypothesisWord]:
        """Return the words to deliver: those kept, and at the least those committed (timed by what was `heard`)."""
        kept = words if len(words) >= len(self.stabilizer.committed) else heard[: len(self.stabilizer.committed)]
        return self.stabilizer.merge(kept)

    def _knows_language(self, hypothesis: Hypothesis, samples: int) -> bool:
        """Tell whether the language may be settled, as committed words will do."""
        detected = self.language is None and samples < LANGUAGE_SAMPLES
        return not detected or hypothesis.language_probability >= LANGUAGE_SURE
