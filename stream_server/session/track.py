"""One track of a session: from received samples to utterances.

    samples ▸ resampler ▸ timeline ▸ frames (to the VAD and back) ▸ gate ▸ utterances

Everything is decided frame by frame in sample order, so neither how the audio was cut into messages nor how many
frames were judged at a time makes a difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stream_server.audio.gate import Gate, SpeechClosed, SpeechOpened, SpeechPaused, SpeechResumed, Transition
from stream_server.audio.resample import Resampler
from stream_server.audio.timeline import Timeline
from stream_server.diarize.tagger import Tagger
from stream_server.diarize.voices import FRAME_SAMPLES
from stream_server.events import Samples
from stream_server.session.clock import TrackClock
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.standing import TrackStanding
from stream_server.session.utterance import Utterance
from stream_server.text.hotwords import with_terms
from stream_server.work import ENGINE_RATE, VAD_CONTEXT, VAD_FRAME, VadState, initial_vad_state

FRAMES_PER_REQUEST = 64
"""Two seconds of audio: enough to catch up quickly, little enough not to hold up other sessions' frames."""


SPARING = 4
"""How many times more rarely voices are listened to while recognition cannot keep up: windows then just meet."""

COURTESY = 2
"""By how many times a partial's wait for its turn the next is put off. One that has waited shows old words, and one
more that waits makes all others older: rarer ones that come at once read better."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An utterance began."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class PartialDue:
    """The open utterance has grown enough for another partial: `audio` is its window (`window_start`) up to `end`."""

    utterance: Utterance
    end: int
    audio: Samples


@dataclass(frozen=True, slots=True)
class Paused:
    """The utterance will end at `end` if the silence lasts; `audio` is its window."""

    utterance: Utterance
    end: int
    audio: Samples


@dataclass(frozen=True, slots=True)
class Resumed:
    """The utterance goes on after a pause."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Ended:
    """An utterance ended; its `end` is set and `audio` is its window."""

    utterance: Utterance
    audio: Samples


@dataclass(frozen=True, slots=True)
class StayedSilent:
    """Since an utterance ended it has been quiet for as long as the session wants to know, up to `at`."""

    utterance: Utterance
    at: int


@dataclass(frozen=True, slots=True)
class WindowDue:
    """Somebody should listen whose voices are in a window; `frame` is its first on the grid of `diarize.voices`."""

    frame: int
    audio: Samples


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Everything before the mark belongs to utterances that have ended."""

    mark: object


Happening: TypeAlias = Opened | PartialDue | Paused | Resumed | Ended | StayedSilent | WindowDue | MarkReached


class Track:
    """Duties of the owner: ask `frames_to_judge`, answer with `take_probabilities`, act on the happenings in order.

    With a `tagger` several people share the track; without one it is a person's if `is_person` says so.
    One that goes on for another begins at sample `begin` of the session clock with its `standing`: what it hears before
    `standing.settled` was dealt with, and is silence to it.
    """

    def __init__(
        self,
        index: int,
        name: str,
        options: SessionOptions,
        limits: Limits,
        *,
        tagger: Tagger | None = None,
        is_person: bool = False,
        begin: int = 0,
        standing: TrackStanding | None = None,
    ) -> None:
        standing = standing or TrackStanding()
        self.index = index
        self.name = name
        self.tagger = tagger
        self.is_person = is_person
        self.clock = TrackClock(options.audio.sample_rate, begin)
        self.speech = standing.speech
        """Engine samples inside ended utterances."""
        self.partial_outstanding = False
        self.judging = False
        """Whether frames are being judged; the next are asked for afterwards."""
        self.utterance: Utterance | None = None
        self._options = options
        self._limits = limits
        self._changes: deque[tuple[int, SessionOptions]] = deque()
        self._settings = limits.gate(options)
        self._interval = limits.partial_interval(options)
        self._ask_ahead = limits.ask_ahead
        self._begin = self.clock.to_engine(begin)
        self._deaf_until = standing.settled
        self._gate = Gate.behind(self._settings, self._begin, standing.settled, speaking=standing.continues)
        self._resampler = Resampler(self.clock.rate, ENGINE_RATE, 1)
        self._timeline = Timeline(self._begin)
        self._pending: list[Samples] = []
        self._pending_count = 0
        self._smallest = VAD_FRAME * self.clock.rate // ENGINE_RATE
        self._vad_state = initial_vad_state()
        self._marks: deque[tuple[int, object]] = deque()
        self._count = standing.utterances
        self._was_cut = standing.continues
        self._last_ended: Utterance | None = None  # until speech goes on, or silence was told of
        self._paused = False
        self._slowed_by: int | None = 1
        self._courtesy = 0

    @property
    def partial_interval(self) -> int | None:
        """Engine samples between partials; None if there are none, by choice or for the load."""
        if self._slowed_by is None or not self._options.partials:
            return None
        return self._interval * self._slowed_by

    def slow_down(self, factor: int | None) -> None:
        """Multiply the time between partials; None: no more of them for now."""
        self._slowed_by = factor

    def give_way(self, waited: float) -> None:
        """Ask later for the next partial, as the last one waited so many seconds while others had their turn."""
        self._courtesy = round(COURTESY * waited * ENGINE_RATE)

    def change(self, options: SessionOptions) -> None:
        """Recognise utterances that begin in what is received from here on with other options."""
        self._changes.append((self.clock.to_engine(self.clock.received), options))

    def append(self, samples: Samples, now: float) -> None:
        """Take received samples, shape (n,), at the session clock's rate."""
        self.clock.receive(len(samples), now)
        self._pending.append(samples)
        self._pending_count += len(samples)
        if self._pending_count >= self._smallest:
            self._resample()

    def set_mark(self, mark: object, *, last: bool = False) -> list[Happening]:
        """End whatever is open where the audio ends now; `MarkReached` follows when that is done.

        The resampler gives up what it holds back, so that "everything received" is exact. `last`: no more audio comes.
        """
        self._resample()
        self._settle_resampler()
        if last:
            missing = -(self._timeline.end - self._gate.position) % VAD_FRAME
            self._timeline.append(np.zeros(missing, np.float32))
        self._marks.append((self._timeline.end, mark))
        return self._reach_marks()

    def frames_to_judge(self) -> tuple[Samples, VadState] | None:
        """Return whole frames nobody has judged yet, with their context and the VAD's state; None while it is busy."""
        start = self._gate.position
        count = min((self._timeline.end - start) // VAD_FRAME, FRAMES_PER_REQUEST)
        if self.judging or count == 0:
            return None
        self.judging = True
        end = start + count * VAD_FRAME
        if start > self._begin:
            return self._timeline.slice(start - VAD_CONTEXT, end), self._vad_state
        context = np.zeros(VAD_CONTEXT, np.float32)
        return np.concatenate([context, self._timeline.slice(start, end)]), self._vad_state

    def take_probabilities(self, probabilities: Iterable[float], state: VadState) -> list[Happening]:
        """Take the judgement of the first frames that were asked about."""
        self.judging = False
        self._vad_state = state
        judged = [float(probability) for probability in probabilities]
        start = self._gate.position
        frames = self._timeline.slice(start, start + len(judged) * VAD_FRAME).reshape(-1, VAD_FRAME)
        loudness = np.einsum("ij,ij->i", frames, frames).tolist()
        happenings: list[Happening] = []
        for probability, loud in zip(judged, loudness, strict=True):
            happenings += self._reach_marks()
            happenings += self._step(probability, loud)
        happenings += self._reach_marks()
        self._timeline.forget_before(min(self._needed_from, self._timeline.end))
        return happenings

    @property
    def _needed_from(self) -> int:
        needed = min(self._gate.needed_from, self._gate.position - VAD_CONTEXT)
        return needed if self.tagger is None else min(needed, self.tagger.needed_from)

    @property
    def needed_from(self) -> int:
        """Engine sample before which no utterance that is open or comes can begin."""
        return min(self._gate.needed_from, self._gate.position)

    @property
    def standing(self) -> TrackStanding:
        """Return how the track stands before the utterance that is open, or before the next."""
        if self.utterance is not None:
            return self.utterance.before
        return self._standing(self.needed_from)

    def _standing(self, settled: int) -> TrackStanding:
        return TrackStanding(
            settled=max(settled, self._deaf_until),
            utterances=self._count,
            speech=self.speech,
            continues=self._was_cut,
        )

    @property
    def judged_until(self) -> int:
        """Engine sample up to which frames were judged."""
        return self._gate.position

    @property
    def has_unreached_marks(self) -> bool:
        """Whether a mark still waits for frames to be judged."""
        return bool(self._marks)

    def _resample(self) -> None:
        if not self._pending:
            return
        samples = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
        self._pending.clear()
        self._pending_count = 0
        self._hear(self._resampler.feed(samples[:, None])[:, 0])

    def _hear(self, samples: Samples) -> None:
        deaf = self._deaf_until - self._timeline.end
        if deaf > 0:
            samples = np.concatenate([np.zeros(min(deaf, len(samples)), np.float32), samples[deaf:]])
        self._timeline.append(samples)

    def _settle_resampler(self) -> None:
        """Empty the resampler to the exact length and go on with a fresh one."""
        if self.clock.rate == ENGINE_RATE:
            return
        rest = self._resampler.flush()[:, 0]
        missing = self.clock.to_engine(self.clock.received) - self._timeline.end
        if missing > len(rest):
            rest = np.pad(rest, (0, missing - len(rest)))
        self._hear(rest[: max(0, missing)])
        self._resampler = Resampler(self.clock.rate, ENGINE_RATE, 1)

    def _reach_marks(self) -> list[Happening]:
        """Reach every mark that the next frame would go beyond."""
        happenings: list[Happening] = []
        while self._marks and self._gate.position + VAD_FRAME > self._marks[0][0]:
            position, mark = self._marks.popleft()
            happenings += self._follow(self._gate.close(position))
            happenings.append(MarkReached(mark))
        return happenings

    def _step(self, probability: float, loudness: float) -> list[Happening]:
        happenings = self._follow(self._gate.step(probability, loudness))
        happenings += self._listen(self._gate.position)
        utterance = self.utterance
        if utterance is None:
            return happenings + self._notice_silence()
        position = self._gate.position
        utterance.hear(probability, position, threshold=self._settings.end_probability)
        heard = position - max(utterance.onset, utterance.last_request)
        interval = self.partial_interval
        due = interval is not None and heard >= interval + self._courtesy
        if due and not self._paused and not self.partial_outstanding:
            utterance.last_request = position
            happenings.append(PartialDue(utterance, position, self._timeline.slice(utterance.window_start, position)))
            self.partial_outstanding = True
        return happenings

    def _notice_silence(self) -> list[Happening]:
        ended, silence_ms = self._last_ended, self._options.silence_ms
        if ended is None or silence_ms is None:
            return []
        if self._gate.position - ended.speech_end < silence_ms * ENGINE_RATE // 1000:
            return []
        self._last_ended = None
        return [StayedSilent(ended, self._gate.position)]

    def _follow(self, transitions: list[Transition]) -> list[Happening]:
        happenings: list[Happening] = []
        for transition in transitions:
            match transition, self.utterance:
                case SpeechOpened(), _:
                    self.utterance = self._open(transition)
                    happenings.append(Opened(self.utterance))
                case SpeechPaused(end), Utterance() as utterance:
                    self._paused = True
                    happenings += self._listen(end, now=True)
                    if (
                        self._ask_ahead and self._slowed_by is not None
                    ):  # what may be for nothing is not asked for under load
                        happenings.append(Paused(utterance, end, self._timeline.slice(utterance.window_start, end)))
                case SpeechResumed(), Utterance() as utterance:
                    self._paused = False
                    utterance.last_request = self._gate.position
                    happenings.append(Resumed(utterance))
                case SpeechClosed(), Utterance() as utterance:
                    happenings += self._listen(transition.end, now=True)
                    happenings.append(self._end(utterance, transition))
        return happenings

    def _listen(self, position: int, *, now: bool = False) -> list[Happening]:
        """Ask for a window of voices if one is due; `now` if an utterance may end here and none has reached its end."""
        tagger = self.tagger
        if tagger is None or (now and self.utterance is not None and tagger.asked_until >= self.utterance.speech_end):
            return []
        sparing = 1 if self._slowed_by is not None else SPARING
        frame = tagger.window_due(position, speaking=self.utterance is not None, now=now, sparing=sparing)
        if frame is None:
            return []
        start = frame * FRAME_SAMPLES
        end = tagger.asked_until
        before = np.zeros(max(0, self._begin - start), np.float32)  # a track begins in silence
        return [WindowDue(frame, np.concatenate([before, self._timeline.slice(max(self._begin, start), end)]))]

    def _end(self, utterance: Utterance, closed: SpeechClosed) -> Ended:
        self.utterance, self._paused, self._was_cut, self._last_ended = None, False, closed.cut, utterance
        utterance.end, utterance.cut, utterance.speech_end = closed.end, closed.cut, closed.speech_end
        self.speech += min(closed.end, self.clock.to_engine(self.clock.received)) - utterance.start
        return Ended(utterance, self._timeline.slice(utterance.window_start, closed.end))

    def _open(self, opened: SpeechOpened) -> Utterance:
        before = self._standing(opened.start)
        self._count += 1
        self._last_ended = None
        while self._changes and self._changes[0][0] < opened.onset + VAD_FRAME:
            self._options = self._changes.popleft()[1]
            self._settings = self._gate.settings = self._limits.gate(self._options)
        return Utterance(
            utterance_id=f"{self.index}-{self._count}",
            start=opened.start,
            onset=opened.onset,
            continues=self._was_cut,
            before=before,
            language=self._options.language,
            languages=self._options.languages,
            hotwords=with_terms(self._options.hotwords, self._options.formatting.vocabulary),
            context=self._options.context,
            commit_until=opened.start + self._settings.limit - self._settings.search - VAD_FRAME,
        )
