"""The session: every rule of the live path, and no I/O.

Duties of the owner, after every `receive_*`: do `work_to_do()`, send `events_to_send()`, wake it at `deadline()`.
It never awaits, sleeps, reads a clock, opens a socket or touches a model; `now` is a parameter, in seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.voices import Embedding
from stream_server.errors import IdleTimeout, QuotaExceeded, ServerStopping, StreamServerError, UnexpectedMessage
from stream_server.events import (
    Audio,
    ChangeOptions,
    Closed,
    Command,
    EndQuota,
    Event,
    Failed,
    Finish,
    Flush,
    Flushed,
    GrantAudio,
    KeepAlive,
    LoadChanged,
    LookAgainNow,
    MergeSpeakers,
    Ready,
    RenameSpeaker,
    Usage,
    Warned,
)
from stream_server.session.lag import LagMeter
from stream_server.session.limits import Limits
from stream_server.session.load import LoadLevel
from stream_server.session.meter import UsageSnapshot
from stream_server.session.options import SessionOptions
from stream_server.session.recognition import Recognition, stayed_silent
from stream_server.session.speakers import Recognise, Speakers
from stream_server.session.standing import Standing, TrackStanding
from stream_server.session.state import State, Trigger, after
from stream_server.session.track import (
    Ended,
    Happening,
    MarkReached,
    Opened,
    PartialDue,
    Paused,
    Resumed,
    StayedSilent,
    Track,
    WindowDue,
)
from stream_server.session.tracks import open_tracks
from stream_server.session.transcript import Transcript
from stream_server.work import (
    ENGINE_RATE,
    VAD_FRAME,
    DetectSpeech,
    Result,
    SpeechDetected,
    Work,
    WorkDropped,
    WorkFailed,
)


@dataclass(slots=True, eq=False)
class _Mark:
    """A `Flush` (or the end, without an id) on its way through every track."""

    flush_id: str | None
    at: int
    tracks_left: int


class Session:
    """One client's audio becoming text.

    `model` and `engine` are told to the client in `Ready`; one that `punctuates` writes marks and capitals itself.
    `granted_until` limits the session clock (quota), None not.
    `voice_window` is the length of the windows in which the server can tell voices apart, in engine samples; None if it
    cannot. `clustering` are the limits of what hears them; `recognise` names enrolled voices.
    With a `standing` it goes on where another of that id stood: its clock begins there, and nothing is `Ready` anew.
    """

    def __init__(
        self,
        session_id: str,
        options: SessionOptions,
        *,
        model: str,
        engine: str,
        now: float,
        punctuates: bool = True,
        limits: Limits | None = None,
        granted_until: int | None = None,
        voice_window: int | None = None,
        clustering: ClusteringLimits | None = None,
        recognise: Recognise | None = None,
        standing: Standing | None = None,
    ) -> None:
        self.session_id = session_id
        self.options = options
        self.state = State.LISTENING
        self._limits = limits or Limits()
        self._tracks = open_tracks(
            options, self._limits, voice_window=voice_window, clustering=clustering, standing=standing
        )
        self._clock = standing.at if standing else 0
        """Samples received of the track that is furthest on."""
        self._transcript = Transcript(standing.sequence if standing else 0)
        self._lag = LagMeter(self._limits)
        self._events: list[Event] = []
        work_ids = count(1)
        self._new_work_id: Callable[[], int] = lambda: next(work_ids)
        self._speakers = Speakers(
            session_id,
            options,
            self._tracks,
            self._transcript,
            new_work_id=self._new_work_id,
            recognise=recognise,
            standing=standing.speakers if standing else None,
        )
        self._recognition = Recognition(
            session_id,
            options,
            self._transcript,
            self._speakers,
            self._new_work_id,
            punctuates=punctuates,
            steady_language=self._limits.steady_language,
            language=standing.language if standing else None,
        )
        self._looked_again = False
        self._work: list[Work] = []
        self._judging: dict[int, Track] = {}
        self._inbox: deque[Command] = deque()  # commands in order, held back while audio is not granted
        self._ungranted = 0  # samples in it, summed over tracks
        self._granted_until = granted_until
        self._error: StreamServerError | None = None
        self._usage_told = self._clock
        self._last_received = now
        if standing is not None:
            return
        self._events.append(
            Ready(
                session_id=session_id,
                clock_rate=options.audio.sample_rate,
                tracks=options.track_names,
                model=model,
                engine=engine,
                language=options.language,
            )
        )
        if voice_window is None and (options.diarize or options.shared_tracks):
            self._events.append(
                Warned(code="speakers_unavailable", message="this server cannot tell voices apart at the moment")
            )

    # ── the three ways in ───────────────────────────────────────────────────────────────────────────────────────────

    def receive_command(self, command: Command, now: float) -> None:
        """Take a command from the client or the runner; one that comes after the end is ignored."""
        if self.state is State.CLOSED:
            return
        self._last_received = now
        match command:
            case GrantAudio():
                self._granted_until = command.until
            case EndQuota():
                self._end_quota(now)
            case KeepAlive():
                pass
            case RenameSpeaker():
                self._speakers.rename(command.speaker, command.name)
                self._settle(now)
            case MergeSpeakers():
                self._speakers.merge(command.old, command.new)
                self._settle(now)
            case LookAgainNow():
                self._speakers.look_again(now)
            case _ if self.state is State.LISTENING:
                self._ungranted += len(command.samples) if isinstance(command, Audio) else 0
                self._inbox.append(command)
        if self._drain_inbox(now) or self._is_too_long():
            self._settle(now)

    def receive_result(self, result: Result, now: float) -> None:
        """Take the result of a piece of work; one for unknown work is dropped."""
        if self.state is State.CLOSED:
            return
        track = self._judging.pop(result.work_id, None)
        if track is None:
            if not self._speakers.receive_result(result, now):
                self._recognition.receive_result(result, now)
        elif isinstance(result, SpeechDetected):
            self._follow(track, track.take_probabilities(result.probabilities, result.state), now)
            self._ask_for_speech(track)
        elif isinstance(result, WorkFailed):
            self._fail(result.error, now, abandon=True)
        elif isinstance(result, WorkDropped):  # at shutdown only: ask again, somebody will answer or nobody is left
            track.judging = False
            self._ask_for_speech(track)
        self._settle(now)

    def receive_load(self, level: LoadLevel) -> None:
        """Make partials rarer, or leave them out, as the load demands; say so."""
        if self.state is State.CLOSED:
            return
        factor = level.interval_factor
        for track in self._tracks:
            track.slow_down(factor)
        interval = self._tracks[0].partial_interval
        self._events.append(
            LoadChanged(
                level=level.name.lower(),
                partial_interval_ms=None if interval is None else interval * 1000 // ENGINE_RATE,
            )
        )

    def receive_timeout(self, now: float) -> None:
        """Check what depends on time alone: a silent client, lag that nobody has been told of."""
        patience = self._limits.patience(self.options)
        if self.state is State.LISTENING and patience is not None and now - self._last_received >= patience:
            self._fail(IdleTimeout(f"nothing was received for {patience:g} s"), now)
        self._settle(now)

    # ── the three ways out ──────────────────────────────────────────────────────────────────────────────────────────

    def work_to_do(self) -> list[Work]:
        """Return the work asked for since the last call."""
        if not self._work and not self._recognition.work and not self._speakers.work:
            return []
        work = [*self._work, *self._recognition.work, *self._speakers.work]
        self._work.clear()
        self._recognition.work.clear()
        self._speakers.work.clear()
        return work

    def events_to_send(self) -> list[Event]:
        """Return the events since the last call, in order."""
        if not self._events:
            return []
        events, self._events = self._events, []
        return events

    def deadline(self) -> float | None:
        """Return when `receive_timeout` is wanted, at the latest; None when closed."""
        return None if self.state is State.CLOSED else self._lag.next_check

    # ── what the runner may ask ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def unheard_seconds(self) -> float:
        """Audio taken in but not yet settled, of the track furthest behind; feeding waits while it is large."""
        behind = max(track.clock.received - track.clock.to_session(self._settled(track)) for track in self._tracks)
        return (behind + self._ungranted) / self.options.audio.sample_rate

    @property
    def wanted_until(self) -> int:
        """Session clock with all audio received, granted or not; see `GrantAudio`."""
        return self._clock + self._ungranted

    def usage(self) -> UsageSnapshot:
        """Return the high-water marks."""
        rate = self.options.audio.sample_rate
        speech = sum(track.speech for track in self._tracks) * rate // ENGINE_RATE
        received = tuple(track.clock.received for track in self._tracks)
        return UsageSnapshot(clock_rate=rate, session=self._clock, tracks=received, speech=speech)

    def standing(self) -> Standing:
        """Return what somebody else would need to go on, once everything released by now is safe with them."""
        return Standing(
            at=self.settled_until,
            sequence=self._transcript.sequence,
            tracks=tuple(map(self._stands, self._tracks)),
            speakers=self._speakers.standing,
            language=self.language,
        )

    @property
    def settled_until(self) -> int:
        """Session sample before which all is silence, or was released in durable events.

        It lies between two frames of the speech detector: whoever goes on there divides the audio as we do.
        """
        settled = min(self._stands(track).settled for track in self._tracks) // VAD_FRAME * VAD_FRAME
        received = min(track.clock.received for track in self._tracks)
        return min(settled * self.options.audio.sample_rate // ENGINE_RATE, received)

    @property
    def language(self) -> str | None:
        """What is spoken, as far as that was heard; see `Limits.steady_language`."""
        return self._recognition.language

    @property
    def guard_removals(self) -> dict[str, int]:
        """Words the guards removed so far, by reason."""
        return self._recognition.removed

    @property
    def voices(self) -> dict[int, Embedding]:
        """How each speaker sounds, by id."""
        return self._speakers.centroids

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _stands(self, track: Track) -> TrackStanding:
        return self._transcript.unreleased(track.index) or track.standing

    def _drain_inbox(self, now: float) -> bool:
        """Take commands in order, as far as audio is granted; return whether there was one that may settle things."""
        settles = False
        while self._inbox:
            command = self._inbox[0]
            if isinstance(command, Audio):
                if not self._take_audio(command, now):
                    break
            else:
                self._inbox.popleft()
                self._take(command, now)
                settles = True
        return settles

    def _take(self, command: Command, now: float) -> None:
        if isinstance(command, Flush):
            self._mark(_Mark(command.flush_id, self._clock, len(self._tracks)), now)
        elif isinstance(command, ChangeOptions):
            self._change(command)
        elif isinstance(command, Finish):
            if command.error is not None:
                self._fail(command.error, now)
            else:
                self._finish(now)

    def _change(self, command: ChangeOptions) -> None:
        """Take other options for what is said from here on."""
        self.options = self.options.changed(command)
        for track in self._tracks:
            track.change(self.options)

    def _take_audio(self, audio: Audio, now: float) -> bool:
        """Append audio as far as it is granted; return whether the command is used up."""
        targets = self._targets(audio)
        room = max(0, self._room(targets[0]))
        taken = audio.samples[:room]
        for channel, track in enumerate(targets):
            track.append(taken[:, channel], now)
            self._ask_for_speech(track)
        self._clock = max(self._clock, targets[0].clock.received)
        self._ungranted -= len(taken)
        self._tell_usage()
        if len(taken) < len(audio.samples):
            self._inbox[0] = replace(audio, samples=audio.samples[room:])
            return False
        self._inbox.popleft()
        return True

    def _targets(self, audio: Audio) -> list[Track]:
        """Return the tracks the audio is for; raises `UnexpectedMessage`, the command dropped, if there are none."""
        channels = len(self._tracks) if audio.track is None else 1
        if audio.samples.shape[1:] == (channels,) and (audio.track is None or 0 <= audio.track < len(self._tracks)):
            return self._tracks if audio.track is None else [self._tracks[audio.track]]
        self._inbox.popleft()
        self._ungranted -= len(audio.samples)
        raise UnexpectedMessage("audio is for a track or a number of channels that this session does not have")

    def _room(self, track: Track) -> int:
        longest = self._limits.max_session_samples(self.options.audio.sample_rate)
        if self._granted_until is not None:
            longest = min(longest, self._granted_until)
        return longest - track.clock.received

    def _ask_for_speech(self, track: Track) -> None:
        asked = track.frames_to_judge()
        if asked is None:
            return
        work_id = self._new_work_id()
        self._judging[work_id] = track
        self._work.append(DetectSpeech(session_id=self.session_id, work_id=work_id, audio=asked[0], state=asked[1]))

    def _follow(self, track: Track, happenings: list[Happening], now: float) -> None:
        for happening in happenings:
            match happening:
                case Opened(utterance):
                    self._events.append(self._recognition.opened(track, utterance))
                case PartialDue(utterance, end, audio):
                    self._recognition.ask_partial(track, utterance, end, audio, now)
                case Paused(utterance, end, audio):
                    self._recognition.paused(track, utterance, end, audio, now)
                case Resumed(utterance):
                    self._recognition.resumed(utterance)
                case WindowDue(frame, audio):
                    self._speakers.listen(track, frame, audio)
                case Ended(utterance, audio):
                    self._events.append(self._recognition.ended(track, utterance, audio, now))
                case StayedSilent(utterance, at):
                    self._events.append(stayed_silent(track, utterance, at))
                case MarkReached(mark):
                    self._mark_reached(mark)

    def _mark(self, mark: _Mark, now: float, *, last: bool = False) -> None:
        for track in self._tracks:
            self._follow(track, track.set_mark(mark, last=last), now)
            self._ask_for_speech(track)

    def _mark_reached(self, mark: object) -> None:
        assert isinstance(mark, _Mark)  # only the session sets marks
        mark.tracks_left -= 1
        if mark.tracks_left == 0 and mark.flush_id is not None:
            self._transcript.reserve().fill(Flushed(sequence=0, flush_id=mark.flush_id, at=mark.at))

    def _finish(self, now: float) -> None:
        if self.state is not State.LISTENING:
            return
        self.state = after(self.state, Trigger.FINISH)
        self._inbox.clear()
        self._ungranted = 0
        self._mark(_Mark(None, self._clock, len(self._tracks)), now, last=True)

    def _fail(self, error: StreamServerError, now: float, *, abandon: bool = False) -> None:
        """End with an error: what was accepted is still finished, unless nobody can (`abandon`)."""
        if self._error is None and self.state is not State.CLOSED:
            self._error = error
            self._events.append(Failed(error=error, at=self._clock))
        self._finish(now)
        if abandon:
            self._recognition.abandon()
            self._speakers.abandon()
            self._judging.clear()
            self._close()

    def _end_quota(self, now: float) -> None:
        at = self._granted_until if self._granted_until is not None else self._clock
        seconds = at / self.options.audio.sample_rate
        self._fail(QuotaExceeded(f"the quota was used up at {seconds:.2f} s of this session"), now)

    def _tell_usage(self) -> None:
        rate = self.options.audio.sample_rate
        if self._clock - self._usage_told >= self._limits.usage_event_seconds * rate:
            self._usage_told = self._clock
            self._transcript.reserve().fill(self._usage_event(last=False))

    def _usage_event(self, *, last: bool) -> Usage:
        used = self.usage()
        return Usage(sequence=0, session=used.session, tracks=sum(used.tracks), speech=used.speech, last=last)

    def _settle(self, now: float) -> None:
        """Send what has become ready, and close when nothing is left."""
        self._events += self._recognition.take_events()
        self._events += self._speakers.take_events()
        self._events += self._transcript.release()
        if now >= self._lag.next_check:
            self._events += self._lag.check(self._waiting_since(now), now)
        if self.state is State.FINISHING and self._is_drained():
            self._look_again_or_close(now)
        if self.state is State.LISTENING and self._is_too_long():
            self._fail(self._limits.too_long_error(), now)

    def _look_again_or_close(self, now: float) -> None:
        """Close when the second look has been taken, if there is anything to look at and the server has the time."""
        if not self._looked_again:
            self._looked_again = True
            if not isinstance(self._error, ServerStopping):
                self._speakers.look_again(now, last=True)
        if self._speakers.is_idle:
            self._close()

    def _is_too_long(self) -> bool:
        return self._clock >= self._limits.max_session_samples(self.options.audio.sample_rate)

    def _is_drained(self) -> bool:
        return (
            self._recognition.is_idle
            and self._speakers.is_idle
            and not self._judging
            and not any(track.has_unreached_marks for track in self._tracks)
        )

    def _close(self) -> None:
        self._events += self._recognition.take_events()
        self._transcript.reserve().fill(self._usage_event(last=True))
        self._events += self._transcript.release()
        self.state = after(self.state, Trigger.DRAINED)
        self._inbox.clear()
        self._events.append(Closed(error=self._error, at=self._clock))

    def _settled(self, track: Track) -> int:
        """Return the engine sample up to which nothing waits for an answer; an open utterance waits for its speaker."""
        return min(track.judged_until, self._recognition.earliest_awaited(track))

    def _waiting_since(self, now: float) -> float:
        """Return when the oldest unsettled sample of an *ended* utterance, or unjudged one, arrived."""
        oldest = now
        for track in self._tracks:
            judged = track.clock.to_session(track.judged_until)
            if track.clock.received - judged > track.clock.rate // 2:
                oldest = min(oldest, track.clock.arrival(judged, now))
            open_from = track.utterance.start if track.utterance else track.judged_until
            track.clock.forget_before(track.clock.to_session(min(open_from, self._settled(track))))
        return min(oldest, self._recognition.waiting_since(now))
