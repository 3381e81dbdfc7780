"""The speech gate: from one probability per frame to utterances, by hysteresis.

    SILENT ──p ≥ start──▶ STARTING ──long enough──▶ SPEAKING ──p < end──▶ ENDING ──long enough──▶ SILENT
                              └──────p < end──▶ SILENT      ◀──p ≥ end──┘

An utterance that grows past `limit` is cut at the quietest place of its last `search` samples, so that the cut
falls between words. From half the limit on, shorter and shorter pauses are enough to end it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from stream_server.work import ENGINE_RATE, VAD_FRAME


def _samples(milliseconds: float) -> int:
    return round(milliseconds * ENGINE_RATE / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Thresholds are probabilities, durations samples at `ENGINE_RATE`."""

    start_probability: float = 0.5
    end_probability: float = 0.35
    start: int = _samples(96)
    """Speech must last this long to count: three frames; clicks and taps are shorter."""
    silence: int = _samples(500)
    """Silence that ends an utterance (`endpointing_ms`)."""
    before: int = _samples(300)
    """Audio kept from before the start, so that soft first sounds are whole."""
    after: int = _samples(200)
    """Audio kept after the last speech, so that soft last sounds are whole."""
    limit: int = 20 * ENGINE_RATE
    """The longest utterance."""
    search: int = 4 * ENGINE_RATE
    """Where, before the limit, the quietest place is looked for."""


@dataclass(frozen=True, slots=True)
class SpeechOpened:
    """An utterance begins at `start`; speech was first seen at `onset`."""

    start: int
    onset: int


@dataclass(frozen=True, slots=True)
class SpeechClosed:
    """The utterance ends at `end`; the last speech in it ended at `speech_end`. `cut`: it goes on in the next one."""

    end: int
    speech_end: int
    cut: bool


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Silence has lasted long enough to tell where the utterance would end, at `end`, if it lasts until it counts."""

    end: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The pause is over; the utterance goes on."""


Transition: TypeAlias = SpeechOpened | SpeechPaused | SpeechResumed | SpeechClosed


class _State(Enum):
    SILENT = auto()
    STARTING = auto()
    SPEAKING = auto()
    ENDING = auto()


@dataclass(slots=True)
class Gate:
    """Decides frame by frame. Frame k covers samples [k * VAD_FRAME, (k + 1) * VAD_FRAME)."""

    settings: GateSettings = field(default_factory=GateSettings)
    position: int = 0
    """End of the last frame seen."""
    _state: _State = _State.SILENT
    _floor: int = 0  # the previous utterance ends here; the next may not begin earlier
    _onset: int = 0
    _start: int = 0
    _speech_end: int = 0
    _paused: bool = False  # whether the pause was told of
    _continues: bool = False  # the previous utterance was cut in mid-speech: speech need not last to count again
    _loudness: list[float] = field(default_factory=list)  # of the open utterance's frames, from the one holding _start

    @classmethod
    def behind(cls, settings: GateSettings, position: int, floor: int, *, speaking: bool) -> Gate:
        """Return a gate that goes on at `position`, behind an utterance that ended at `floor`, perhaps in mid-speech.

        Frames are counted from `position` then.
        """
        state = _State.STARTING if speaking else _State.SILENT
        return cls(settings, position, _state=state, _floor=floor, _onset=max(position, floor), _continues=speaking)

    @property
    def is_open(self) -> bool:
        """Whether an utterance is open."""
        return self._state in (_State.SPEAKING, _State.ENDING)

    @property
    def needed_from(self) -> int:
        """The first sample that an utterance, open or yet to open, may still contain."""
        if self.is_open:
            return self._start
        onset = self._onset if self._state is _State.STARTING else self.position
        return max(self._floor, onset - self.settings.before)

    def step(self, probability: float, loudness: float) -> list[Transition]:
        """Take the next frame's speech probability and loudness (mean square)."""
        begin = self.position
        self.position += VAD_FRAME
        transitions = self._advance(probability, begin)
        if self.is_open:
            self._loudness.append(loudness)
            if self.position - self._start >= self.settings.limit:
                transitions += self._cut()
        return transitions

    def close(self, at: int) -> list[Transition]:
        """Close whatever is open, or about to open, at sample `at` ≥ the last frame's end (flush, end of audio)."""
        transitions: list[Transition] = []
        if self._state is _State.STARTING and self._onset < self.position:
            transitions.append(self._open(at))
        self._floor = max(self._floor, at)
        if not self.is_open:
            return transitions
        speaking = self._state is _State.SPEAKING
        self._state = _State.STARTING if speaking else _State.SILENT
        self._onset, self._continues, self._paused = at, speaking, False
        return [*transitions, SpeechClosed(at, min(at, self._speech_end), cut=speaking)]

    def _advance(self, probability: float, begin: int) -> list[Transition]:
        speech = probability >= self.settings.start_probability
        silence = probability < self.settings.end_probability
        match self._state:
            case _State.SILENT if speech:
                self._state, self._onset = _State.STARTING, begin
                return self._advance(probability, begin)
            case _State.STARTING if silence:
                self._state, self._continues = _State.SILENT, False
            case _State.STARTING if self._continues or self.position - self._onset >= self.settings.start:
                return [self._open(self.position)]
            case _State.SPEAKING if silence:
                self._state = _State.ENDING
                return self._end_if_long_enough()
            case _State.SPEAKING:
                self._speech_end = self.position
            case _State.ENDING if not silence:
                self._state, self._speech_end = _State.SPEAKING, self.position
                if self._paused:
                    self._paused = False
                    return [SpeechResumed()]
            case _State.ENDING:
                return self._end_if_long_enough()
        return []

    def _open(self, speech_end: int) -> SpeechOpened:
        self._start = max(self._floor, self._onset - self.settings.before)
        self._state, self._speech_end, self._continues = _State.SPEAKING, speech_end, False
        self._loudness = []
        return SpeechOpened(self._start, self._onset)

    def _end_if_long_enough(self) -> list[Transition]:
        silence = self.position - self._speech_end
        if silence < self._patience():
            if self._paused or silence < self.settings.after:
                return []
            self._paused = True
            return [SpeechPaused(self._speech_end + self.settings.after)]
        end = min(self._speech_end + self.settings.after, self.position)
        self._state, self._floor, self._paused = _State.SILENT, end, False
        return [SpeechClosed(end, self._speech_end, cut=False)]

    def _patience(self) -> int:
        """Return the silence needed now: all of it until half the limit, then linearly less, down to a fifth."""
        spoken = (self._speech_end - self._start) / self.settings.limit
        share = min(1.0, max(0.2, 1.0 - 1.6 * (spoken - 0.5)))
        return max(2 * VAD_FRAME, round(self.settings.silence * share)) if spoken > 0.5 else self.settings.silence

    def _quietest(self) -> int:
        """Return the middle of the quietest frame, smoothed over three, among the last `search` samples."""
        count = min(len(self._loudness) - 2, self.settings.search // VAD_FRAME)
        first = len(self._loudness) - 1 - count
        smoothed = [sum(self._loudness[k - 1 : k + 2]) for k in range(first, first + count)]
        frame = first + min(range(count), key=smoothed.__getitem__)
        return self.position - (len(self._loudness) - frame) * VAD_FRAME + VAD_FRAME // 2

    def _cut(self) -> list[Transition]:
        """End the overlong utterance at its quietest place; what was heard after it opens the next one at once."""
        at = self._quietest()
        self._floor, self._paused = at, False
        if self._speech_end <= at:
            self._state = _State.SILENT
            return [SpeechClosed(at, self._speech_end, cut=False)]
        self._start = self._onset = at
        self._loudness = self._loudness[-((self.position - at) // VAD_FRAME + 1) :]
        return [SpeechClosed(at, at, cut=True), SpeechOpened(at, at)]
