"""One utterance: from its first partial to its final."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stream_server.asr.guards import Evidence, Verdict, judge
from stream_server.asr.stabilizer import Stabilizer
from stream_server.session.standing import TrackStanding
from stream_server.text.tokens import Token
from stream_server.work import ENGINE_RATE, VAD_FRAME, Hypothesis, HypothesisWord

LANGUAGE_SURE = 0.85
"""From this probability on a language detected on a short window is believed."""

LANGUAGE_SAMPLES = 5 * ENGINE_RATE
"""A window this long tells its language well enough, whatever the probability."""


SLIDE_SAMPLES = 4 * ENGINE_RATE
"""From this length on a window sheds what is committed, so that a second of speech costs the same however long it
lasts. On 54 clips of read speech (tiny.en) four seconds give the words that five give, for a seventh less work; against
windows that do not slide either costs 0.2 points of word error rate on 75."""

MOST_ROUNDS = 3
"""How often a final is asked for behind its last word: laughter and music give a word a round."""

REST_SAMPLES = ENGINE_RATE
"""So much speech behind the last word of a final was passed over: Whisper ends early where a sentence ends in the
middle of a window. On twenty minutes of read sentences in windows of 28 s, six of a hundred words were lost so."""

OVERLAP_WORDS = 3
"""Committed words that stay in a window that slides: they tell the decoder where it is."""

OVERLAP_SAMPLES = 2 * ENGINE_RATE
"""The least that stays of it."""


@dataclass(slots=True, kw_only=True)
class Utterance:
    """Speech between two pauses. Positions are engine samples of its track; words are timed from `start`."""

    utterance_id: str
    start: int
    onset: int
    continues: bool
    """The one before was cut in mid-speech: this one goes on with its sentence."""
    before: TrackStanding = field(default_factory=TrackStanding)
    """How its track stood then."""
    language: str | None
    languages: tuple[str, ...] = ()
    hotwords: str = ""
    context: str = ""
    commit_until: int
    """Windows that end later commit nothing: the cut of an overlong utterance must lie behind every shown word."""
    stabilizer: Stabilizer = field(default_factory=Stabilizer)
    window_start: int = field(init=False)
    """Where the audio of the next request begins: `start`, later a committed word."""
    end: int | None = None
    cut: bool = False
    last_request: int = 0
    """End of the last partial's window."""
    speech_end: int = 0
    shown: tuple[Token, ...] = ()
    """What was shown as stable: later partials begin with it, and the final."""
    _rounds: int = 0
    _speech_frames: int = 0
    _speech_at: array[int] = field(default_factory=lambda: array("q"))
    """Where frames with speech end."""
    _probability_sum: float = 0.0

    def __post_init__(self) -> None:
        """Begin with a window that begins with the utterance."""
        self.window_start = self.start

    def hear(self, probability: float, position: int, *, threshold: float) -> None:
        """Take note of one frame's speech probability, ending at `position`."""
        if probability >= threshold:
            self._speech_frames += 1
            self._speech_at.append(position)
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
        verdict = judge(self._placed(hypothesis), self.evidence(window_end))
        if verdict.words and not verdict.doubtful:
            commit = window_end <= self.commit_until and self._knows_language(hypothesis, window_end - self.start)
            self.stabilizer.update(verdict.words, commit=commit)
            if self.stabilizer.committed:
                self.language = hypothesis.language
            self._slide(verdict.words, window_end)
        return verdict

    def wants_times(self, window_end: int) -> bool:
        """Tell whether word times would let the window slide."""
        long = window_end - self.window_start >= SLIDE_SAMPLES
        return long and len(self.stabilizer.prefix_words) > OVERLAP_WORDS

    def _slide(self, words: Sequence[HypothesisWord], window_end: int) -> None:
        """Move the window's start between two committed words, as far as the overlap allows."""
        if window_end - self.window_start < SLIDE_SAMPLES or words[0].start is None:
            return
        committed = self.stabilizer.merge(words)[: len(self.stabilizer.committed)]
        for count in range(len(committed) - OVERLAP_WORDS, self.stabilizer.left_behind, -1):
            before, after = committed[count - 1], committed[count]
            if before.end is None or after.start is None:
                return
            between = self.start + (before.end + after.start) // 2
            if window_end - between >= OVERLAP_SAMPLES:
                self.stabilizer.leave_behind(committed[:count])
                self.window_start = between
                return

    def _placed(self, hypothesis: Hypothesis) -> Hypothesis:
        """Return a window's hypothesis with times counted from the utterance's start."""
        offset = self.window_start - self.start
        if not offset or not hypothesis.words or hypothesis.words[0].start is None:
            return hypothesis
        return replace(hypothesis, words=tuple(_moved(word, offset) for word in hypothesis.words))

    def words_ahead(self, hypothesis: Hypothesis, window_end: int) -> list[HypothesisWord]:
        """Return what a final asked for ahead would add to the committed words; nothing if it is doubtful."""
        verdict = judge(self._placed(hypothesis), self.evidence(window_end))
        if verdict.doubtful:
            return []
        return self.stabilizer.merge(verdict.words)[len(self.stabilizer.committed) :]

    def take_final(self, hypothesis: Hypothesis, *, careful: bool) -> Verdict:
        """Judge the final's hypothesis; what was shown as stable stays, whatever the guards say."""
        assert self.end is not None  # finals are asked for after the end
        return judge(self._placed(hypothesis), self.evidence(self.end), careful=careful)

    def final_words(self, words: tuple[HypothesisWord, ...], hypothesis: Hypothesis) -> list[HypothesisWord]:
        """Return the words to deliver: those kept, and at the least those committed, timed by what was heard."""
        committed = len(self.stabilizer.prefix_words)
        return self.stabilizer.merge(words if len(words) >= committed else self._placed(hypothesis).words[:committed])

    def go_on_behind(self, words: Sequence[HypothesisWord]) -> bool:
        """Let the window begin behind a final's words if much speech follows them; tell whether it does."""
        last = words[-1].end if words else None
        if last is None or self._rounds >= MOST_ROUNDS or self.start + last <= self.window_start:
            return False
        end = len(self._speech_at) if self.end is None else bisect_right(self._speech_at, self.end)  # a cut lies back
        heard = end - bisect_left(self._speech_at, self.start + last + VAD_FRAME)
        if heard * VAD_FRAME < REST_SAMPLES:
            return False
        self.stabilizer.committed, self.stabilizer.tentative = list(words), []
        self.stabilizer.leave_behind(words)
        self.window_start = self.start + last
        self._rounds += 1
        return True

    def _knows_language(self, hypothesis: Hypothesis, samples: int) -> bool:
        """Tell whether the language may be settled, as committed words will do."""
        detected = self.language is None and samples < LANGUAGE_SAMPLES
        return not detected or hypothesis.language_probability >= LANGUAGE_SURE


def _moved(word: HypothesisWord, offset: int) -> HypothesisWord:
    if word.start is None or word.end is None:
        return word
    return replace(word, start=word.start + offset, end=word.end + offset)
