"""From utterances to partials and finals: asks for hypotheses, judges them, keeps the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from stream_server.asr.guards import Verdict
from stream_server.errors import EngineFailed
from stream_server.events import (
    Event,
    Final,
    NothingSaid,
    Partial,
    Samples,
    Silence,
    SpeechEnded,
    SpeechStarted,
    Warned,
    Word,
)
from stream_server.session.options import SessionOptions
from stream_server.session.speakers import Speakers
from stream_server.session.track import Track
from stream_server.session.transcript import Slot, Transcript
from stream_server.session.utterance import Utterance
from stream_server.session.word_speakers import WordSpeaker, main_speaker, with_speakers
from stream_server.session.wording import Wording
from stream_server.text.formatter import join
from stream_server.work import (
    ENGINE_RATE,
    Hypothesis,
    HypothesisWord,
    Result,
    Transcribe,
    Transcribed,
    WorkDropped,
    WorkFailed,
)

SHORT_SAMPLES = 3 * ENGINE_RATE
"""A window this short tells too little about its language: the session's last one is assumed."""

NEVER = 1 << 62


@dataclass(slots=True, eq=False)
class _Request:
    """A `Transcribe` on its way. `slot` is the final's place in the order; partials have none.

    `ahead`: the final of an utterance that has paused, asked for before its end is certain; it waits for its slot, with
    its `hypothesis` once that is here.
    """

    work: Transcribe
    track: Track
    utterance: Utterance
    end: int
    asked_at: float
    slot: Slot | None = None
    ahead: bool = False
    hypothesis: Hypothesis | None = None


class Recognition:
    """Holds every request that is out; at most one partial per track (see `Track.partial_outstanding`)."""

    def __init__(
        self,
        session_id: str,
        options: SessionOptions,
        transcript: Transcript,
        speakers: Speakers,
        new_work_id: Callable[[], int],
        *,
        punctuates: bool = True,
        steady_language: bool = False,
        language: str | None = None,
    ) -> None:
        self.work: list[Transcribe] = []
        self.removed: dict[str, int] = {}
        """Words removed by the guards, by reason."""
        self._session_id = session_id
        self._options = options
        self._wording = Wording(session_id, options, punctuates=punctuates)
        self._participants = options.formatting.with_participants(options.participants).participants
        self._wants_times = not punctuates
        """Whether silences between words are needed of partials too."""
        self._transcript = transcript
        self._speakers = speakers
        self._new_work_id = new_work_id
        self._requests: dict[int, _Request] = {}
        self._ahead: dict[str, _Request] = {}
        """Finals asked for ahead of their utterance's end, by utterance."""
        self._events: list[Event] = []
        self.language = language
        """What short utterances are taken to be in."""
        self._steady_language = steady_language
        self._language_from = NEVER

    @property
    def is_idle(self) -> bool:
        """Whether no request is out."""
        return not self._requests

    def take_events(self) -> list[Event]:
        """Return partials and warnings since the last call; finals go through the transcript."""
        events, self._events = self._events, []
        return events

    def opened(self, track: Track, utterance: Utterance) -> SpeechStarted:
        """Say that speech started."""
        at = track.clock.to_session(utterance.onset)
        return SpeechStarted(track=track.index, utterance_id=utterance.utterance_id, at=at)

    def ended(self, track: Track, utterance: Utterance, audio: Samples, now: float) -> SpeechEnded:
        """Reserve the final's place, ask for it, and say that speech ended."""
        assert utterance.end is not None  # it has ended
        end = utterance.end
        self._speakers.ended(track, utterance)
        slot = self._transcript.reserve(track.index, utterance.before)
        ahead = self._ahead.pop(utterance.utterance_id, None)
        if ahead is not None and ahead.end == end:
            ahead.slot, ahead.asked_at, ahead.ahead = slot, now, False
            if ahead.hypothesis is not None:
                self._take_final(ahead, slot, ahead.hypothesis, now)
        else:
            self._forget_open(utterance)
            self._ask(track, utterance, end, audio, now=now, slot=slot)
        at = track.clock.to_session(utterance.speech_end)
        return SpeechEnded(track=track.index, utterance_id=utterance.utterance_id, at=at, cut=utterance.cut)

    def ask_partial(self, track: Track, utterance: Utterance, end: int, audio: Samples, now: float) -> None:
        """Ask for a partial of the window up to `end`."""
        self._ask(track, utterance, end, audio, now=now)

    def paused(self, track: Track, utterance: Utterance, end: int, audio: Samples, now: float) -> None:
        """Ask for the final although the speaker may go on: if not, it is here when the silence has lasted."""
        self._forget_open(utterance)
        self._ahead[utterance.utterance_id] = self._ask(track, utterance, end, audio, now=now, ahead=True)

    def resumed(self, utterance: Utterance) -> None:
        """Let go of what was asked for ahead: if it is here it was shown; it commits nothing.

        Committed words would make the final depend on when the answer came.
        """
        request = self._ahead.pop(utterance.utterance_id, None)
        if request is not None:
            self._forget(request)

    def receive_result(self, result: Result, now: float) -> None:
        """Take what an engine answered; unknown ids are dropped."""
        request = self._requests.pop(result.work_id, None)
        if request is None:
            return
        if request.ahead:
            if isinstance(result, Transcribed):
                request.hypothesis = result.hypothesis
                self._show_ahead(request, result.hypothesis, now)
            else:
                del self._ahead[request.utterance.utterance_id]  # it is asked for again at the end
        elif request.slot is None:
            request.track.partial_outstanding = False
            if isinstance(result, Transcribed | WorkDropped):
                request.track.give_way(result.waited)
            if isinstance(result, Transcribed):
                self._take_partial(request, result.hypothesis, now)
        elif isinstance(result, Transcribed):
            self._take_final(request, request.slot, result.hypothesis, now)
        else:
            error = result.error if isinstance(result, WorkFailed) else EngineFailed("the server is stopping")
            self._final_failed(request, request.slot, error.code, now)

    def abandon(self) -> None:
        """Give up everything that is out; finals keep what was committed."""
        for request in list(self._requests.values()):
            if request.slot is not None:
                self._final_failed(request, request.slot, EngineFailed.code, request.asked_at)
        self._requests.clear()
        self._ahead.clear()

    def earliest_awaited(self, track: Track) -> int:
        """Return where the earliest ended utterance of a track starts whose final is out; `NEVER` if none is."""
        untold = self._speakers.earliest_awaited(track)
        unheard = (r.utterance.start for r in self._requests.values() if r.slot is not None and r.track is track)
        return min(unheard if untold is None else (*unheard, untold), default=NEVER)

    def waiting_since(self, now: float) -> float:
        """Return when the end of the oldest final that is out arrived; `now` if none is."""
        unheard = min((r.asked_at for r in self._requests.values() if r.slot is not None), default=now)
        return min(unheard, self._speakers.waiting_since(now))

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(
        self,
        track: Track,
        utterance: Utterance,
        end: int,
        audio: Samples,
        *,
        now: float,
        slot: Slot | None = None,
        ahead: bool = False,
    ) -> _Request:
        stabilizer = utterance.stabilizer
        language = utterance.language
        if language is None and len(audio) < SHORT_SAMPLES and self._may_be_spoken(self.language, utterance):
            language = self.language
        work = Transcribe(
            session_id=self._session_id,
            work_id=self._new_work_id(),
            track=track.index,
            utterance_id=utterance.utterance_id,
            audio=audio,
            start=utterance.window_start,
            final=ahead or slot is not None,
            times=self._wants_times or utterance.wants_times(end),
            language=language,
            languages=utterance.languages,
            prefix=stabilizer.prefix,
            prefix_words=tuple(word.text for word in stabilizer.prefix_words),
            hotwords=utterance.hotwords,
            context=utterance.context,
            participants=self._participants,
            translate=self._options.translate,
        )
        request = _Request(work, track, utterance, end, now, slot, ahead)
        self._send(request)
        return request

    def _send(self, request: _Request) -> None:
        self._requests[request.work.work_id] = request
        self.work.append(request.work)

    def _forget_open(self, utterance: Utterance) -> None:
        """Forget what is still out for an utterance: it would come after its final was asked for."""
        for request in list(self._requests.values()):
            if request.utterance is utterance and request.slot is None:
                self._forget(request)
                request.track.partial_outstanding = False

    def _forget(self, request: _Request) -> None:
        """Drop the answer of a request; the request too, if it has not left yet."""
        self._requests.pop(request.work.work_id, None)
        self.work[:] = [work for work in self.work if work is not request.work]

    def _take_partial(self, request: _Request, hypothesis: Hypothesis, now: float) -> None:
        self._count(request.utterance.take_partial(hypothesis, request.end))
        self._show(request, request.utterance.stabilizer.tentative, hypothesis.language, now)

    def _show_ahead(self, request: _Request, hypothesis: Hypothesis, now: float) -> None:
        """Show the words of a final that is not one yet, all new ones tentative; nothing is committed."""
        words = request.utterance.words_ahead(hypothesis, request.end)
        if words:
            self._show(request, words, hypothesis.language, now)

    def _show(self, request: _Request, heard: list[HypothesisWord], language: str | None, now: float) -> None:
        """Send a partial: the committed words, then these."""
        committed = request.utterance.stabilizer.committed
        if not self._options.partials or not (committed or heard):
            return
        clock, start = request.track.clock, request.utterance.start
        shown = self._wording.partial(
            request.utterance,
            clock,
            [*committed, *heard],
            committed=len(committed),
            timed=request.utterance.stabilizer.left_behind,
            language=language,
            end=request.utterance.end or request.end,
        )
        speakers = self._speakers.tag_partial(request.track, shown.spans)
        words = with_speakers(shown.words, speakers)
        stable, tentative = words[: shown.stable], words[shown.stable :]
        end = clock.to_session(request.end)
        self._events.append(
            Partial(
                sequence=self._transcript.sequence,
                track=request.track.index,
                utterance_id=request.utterance.utterance_id,
                start=clock.to_session(start),
                end=end,
                stable=stable,
                tentative=tentative,
                stable_text=join(word.text for word in stable),
                tentative_text=join(word.text for word in tentative),
                language=language,
                lag_ms=_milliseconds(now - clock.arrival(end, now)),
                speaker=main_speaker(words),
            )
        )

    def _take_final(self, request: _Request, slot: Slot, hypothesis: Hypothesis, now: float) -> None:
        verdict = request.utterance.take_final(hypothesis, careful=request.work.careful)
        if verdict.doubtful:
            work = replace(request.work, work_id=self._new_work_id(), careful=True)
            self._send(replace(request, work=work))
            return
        self._count(verdict)
        if verdict.words:
            self._note_language(request, hypothesis.language)
        words = request.utterance.final_words(verdict.words, hypothesis)
        before = request.utterance.window_start
        if verdict.words and request.utterance.go_on_behind(words):
            self._go_on(request, request.utterance.window_start - before)
            return
        self._fill(request, slot, words, language=hypothesis.language, now=now)

    def _go_on(self, request: _Request, samples: int) -> None:
        """Ask for what is said behind the words that are here, so many samples into the window."""
        work = replace(
            request.work,
            work_id=self._new_work_id(),
            audio=request.work.audio[samples:],
            start=request.work.start + samples,
            prefix=(),
            prefix_words=(),
            careful=False,
        )
        self._send(replace(request, work=work))

    @staticmethod
    def _may_be_spoken(language: str | None, utterance: Utterance) -> bool:
        return not utterance.languages or language in utterance.languages

    def _note_language(self, request: _Request, language: str) -> None:
        """Remember what is spoken: the latest utterance's language, or steadily that of the first long one."""
        if not self._steady_language:
            self.language = language
        elif len(request.work.audio) >= SHORT_SAMPLES and request.utterance.start < self._language_from:
            self.language, self._language_from = language, request.utterance.start

    def _final_failed(self, request: _Request, slot: Slot, code: str, now: float) -> None:
        """Deliver what was committed, and say aloud that the rest of the utterance is missing."""
        rate = request.track.clock.rate
        start, end = (request.track.clock.to_session(at) / rate for at in (request.utterance.start, request.end))
        where = f"{start:.2f}-{end:.2f} s of {request.track.name!r}"
        self._events.append(Warned(code=code, message=f"the speech at {where} could not be recognised"))
        utterance = request.utterance
        self._fill(request, slot, utterance.stabilizer.committed, language=utterance.language, now=now, failed=True)

    def _fill(
        self,
        request: _Request,
        slot: Slot,
        heard: list[HypothesisWord],
        *,
        language: str | None,
        now: float,
        failed: bool = False,
    ) -> None:
        end = request.utterance.end or request.end
        shown = self._wording.final(request.utterance, request.track.clock, heard, language=language, end=end)
        if not shown.words:
            self._speakers.drop(request.track, request.utterance)
            utterance_id = request.utterance.utterance_id
            slot.fill(NothingSaid(track=request.track.index, utterance_id=utterance_id, failed=failed))
            return

        def say(speakers: list[WordSpeaker], at: float) -> None:
            words = with_speakers(shown.words, speakers)
            slot.fill(self._final(request, words, language, at))

        self._speakers.tag(request.track, request.utterance, shown.spans, now, say)

    def _final(self, request: _Request, words: tuple[Word, ...], language: str | None, now: float) -> Final:
        clock = request.track.clock
        end = clock.to_session(request.end)
        return Final(
            sequence=0,
            track=request.track.index,
            speaker=main_speaker(words),
            utterance_id=request.utterance.utterance_id,
            start=clock.to_session(request.utterance.start) if words[0].start is None else words[0].start,
            end=end if words[-1].end is None else words[-1].end,
            words=words,
            text=join(word.text for word in words),
            language=language,
            lag_ms=_milliseconds(now - clock.arrival(end, now)),
        )

    def _count(self, verdict: Verdict) -> None:
        for reason, count in verdict.removed.items():
            self.removed[reason] = self.removed.get(reason, 0) + count


def stayed_silent(track: Track, utterance: Utterance, at: int) -> Silence:
    """Say that it has been quiet since an utterance, up to engine sample `at`."""
    since = track.clock.to_session(utterance.speech_end)
    at = track.clock.to_session(at)
    return Silence(track=track.index, utterance_id=utterance.utterance_id, since=since, at=at)


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))
