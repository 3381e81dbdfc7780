"""Who speaks in a session: windows to listen to, numbers for voices, tags for words, and what became clear later.

Where every track is a person's, its name says it all. A track that several people share is listened to: a tagger tells
its voices apart. What a final says depends on the windows asked for up to its end alone, not on when answers come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from stream_server.diarize.second_look import LEAST_SECONDS
from stream_server.diarize.tagger import SpeakerTag
from stream_server.diarize.voices import Embedding
from stream_server.events import Event, Revised, Samples, SpeakerChange, Warned
from stream_server.session.names import SpeakerNames
from stream_server.session.options import SessionOptions
from stream_server.session.shared_track import Asked, Ended, SharedTrack, Told
from stream_server.session.spans import Span
from stream_server.session.standing import SpeakersStanding
from stream_server.session.track import Track
from stream_server.session.transcript import Transcript
from stream_server.session.utterance import Utterance
from stream_server.session.word_speakers import NOBODY, WordSpeaker
from stream_server.work import Listen, Listened, LookAgain, LookedAgain, Result, WorkFailed

Tagged = Callable[[list[WordSpeaker], float], None]
Recognise = Callable[[Mapping[int, Embedding], Mapping[int, str]], Mapping[int, str]]
"""Names the speakers, by id, whose voices were enrolled, given what they were called before; quick: it is called with
every window."""

LOOK_SECONDS = 60.0
"""Between two second looks that a client asks for: each costs up to a second of a core."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A second look on its way: at which finals, and how many speakers were known live."""

    finals: tuple[Told, ...]
    speakers: int


class Speakers:
    """Duties of the owner: `listen` when a window is due, `ended` when an utterance has ended; then `tag` its final."""

    def __init__(
        self,
        session_id: str,
        options: SessionOptions,
        tracks: Sequence[Track],
        transcript: Transcript,
        *,
        new_work_id: Callable[[], int],
        recognise: Recognise | None = None,
        standing: SpeakersStanding | None = None,
    ) -> None:
        self.work: list[Listen | LookAgain] = []
        self._session_id = session_id
        self._options = options
        self._transcript = transcript
        self._new_work_id = new_work_id
        self._recognise = recognise
        shared = [(track, track.tagger) for track in tracks if track.tagger is not None]
        self._persons = {track.index: track.index + 1 for track in tracks if track.is_person}
        first_id = len(tracks) + 1 if self._persons else 1
        self._shared = {
            track.index: SharedTrack(track, tagger, first_id + place, len(shared))
            for place, (track, tagger) in enumerate(shared)
        }
        self._names = SpeakerNames({number: tracks[index].name for index, number in self._persons.items()}, self._tell)
        self._centroids: dict[int, Embedding] = {}
        self._requests: dict[int, tuple[SharedTrack, Asked | _Look]] = {}
        self._events: list[Event] = []
        self._warned = False
        self._goes_on = standing is not None
        """Whether others were listened to before: what is heard from here on is not all there was."""
        if standing is not None:
            self._go_on(standing)

    # ── what the session calls ──────────────────────────────────────────────────────────────────────────────────────

    def listen(self, track: Track, frame: int, audio: Samples) -> None:
        """Ask for a window."""
        shared = self._shared[track.index]
        asked = Asked(frame)
        shared.asked.append(asked)
        work = Listen(
            session_id=self._session_id, work_id=self._new_work_id(), track=track.index, frame=frame, audio=audio
        )
        self._requests[work.work_id] = shared, asked
        self.work.append(work)

    def ended(self, track: Track, utterance: Utterance) -> None:
        """Note which window an utterance's words wait for: the last that was asked for."""
        shared = self._shared.get(track.index)
        if shared is not None:
            shared.ended[utterance.utterance_id] = Ended(utterance, shared.tagger.asked)
            self._look(shared, 0.0)

    def tag(self, track: Track, utterance: Utterance, spans: Sequence[Span], now: float, then: Tagged) -> None:
        """Call `then` with the speakers of a final's words: at once, or when the window it waits for was heard."""
        shared = self._shared.get(track.index)
        if shared is None:
            then([self._person(track)] * len(spans), now)
            return
        ended = shared.ended[utterance.utterance_id]
        ended.spans, ended.then, ended.since = spans, then, now
        self._look(shared, now)

    def drop(self, track: Track, utterance: Utterance) -> None:
        """Forget an utterance without words."""
        if track.index in self._shared:
            self._shared[track.index].ended.pop(utterance.utterance_id, None)

    def tag_partial(self, track: Track, spans: Sequence[Span]) -> list[WordSpeaker]:
        """Return who says what, as far as is known by now."""
        shared = self._shared.get(track.index)
        if shared is None:
            return [self._person(track)] * len(spans)
        if not spans:
            return []
        tags = shared.tagger.voices(spans[0][0], spans[-1][1]).tag_words(spans)
        return [self._word_speaker(shared, tag) for tag in tags]

    def receive_result(self, result: Result, now: float) -> bool:
        """Take an answer; return whether it was to a question of ours."""
        request = self._requests.pop(result.work_id, None)
        if request is None:
            return False
        shared, asked = request
        if isinstance(result, WorkFailed) and not self._warned:
            self._warned = True
            self._events.append(Warned(code=result.error.code, message="for a while nobody could tell who spoke"))
        if isinstance(asked, _Look):
            if isinstance(result, LookedAgain):
                self._revise(shared, asked, result)
        else:
            asked.answered, asked.heard = True, result.heard if isinstance(result, Listened) else None
            self._take_answered(shared, now)
        return True

    def rename(self, speaker: int, name: str | None) -> None:
        """Call a speaker so from now on, whatever the voice is like."""
        self._names.rename(speaker, name)

    def merge(self, old: int, new: int) -> None:
        """Take one speaker for another from now on; what was said of the first is so of the other."""
        new = self._names.now(new)
        if old == new:
            return
        for shared in self._shared.values():
            for told in shared.told:
                told.speakers = [new if speaker == old else speaker for speaker in told.speakers]
        self._names.merge(old, new)

    def look_again(self, now: float, *, last: bool = False) -> None:
        """Ask for the second look of every shared track of which something was said.

        Unless it is the `last`, that is at most once in `LOOK_SECONDS`.
        """
        for shared in self._shared.values():
            busy = any(isinstance(asked, _Look) for other, asked in self._requests.values() if other is shared)
            early = not last and now - shared.looked_at < LOOK_SECONDS
            if busy or early or not shared.windows or not shared.told:
                continue
            shared.looked_at = now
            # One that was asked for twice was told behind others: a look goes through the track once.
            finals = tuple(sorted(shared.told, key=lambda told: told.spans[0]))
            spans = [span for told in finals for span in told.spans]
            work = LookAgain(
                session_id=self._session_id,
                work_id=self._new_work_id(),
                windows=tuple(shared.windows),
                live=tuple(shared.live),
                spans=tuple(spans),
                speaker_count=None if self._goes_on else self._options.speaker_count,
                most_speakers=self._options.most_speakers,
                known=len(shared.tagger.seconds),
            )
            self._requests[work.work_id] = shared, _Look(finals, len(shared.tagger.seconds))
            self.work.append(work)

    def abandon(self) -> None:
        """Wait for nothing any more: words without an answer are nobody's."""
        self._requests.clear()
        for shared in self._shared.values():
            for ended in list(shared.ended.values()):
                if ended.then is not None:
                    ended.then([NOBODY] * len(ended.spans), 0.0)
            shared.ended.clear()

    def take_events(self) -> list[Event]:
        """Return the warnings since the last call; revisions go through the transcript."""
        events, self._events = self._events, []
        return events

    @property
    def is_idle(self) -> bool:
        """Whether nothing is out and no final waits."""
        return not self._requests and not any(shared.ended for shared in self._shared.values())

    def earliest_awaited(self, track: Track) -> int | None:
        """Return where the earliest utterance of a track starts whose words wait for a window."""
        shared = self._shared.get(track.index)
        return None if shared is None else shared.earliest

    def waiting_since(self, now: float) -> float:
        """Return since when the words of a final have waited for a window; `now` if none does."""
        waiting = [ended.since for shared in self._shared.values() for ended in shared.ended.values() if ended.then]
        return min(waiting, default=now)

    @property
    def centroids(self) -> dict[int, Embedding]:
        """Return how each speaker sounds, by id; what a second look heard goes before what was heard live."""
        return self._live_centroids() | self._centroids

    @property
    def standing(self) -> SpeakersStanding:
        """Return what is known of speakers by now."""
        voices = {index: shared.standing for index, shared in self._shared.items()}
        return replace(self._names.standing, voices=voices)

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _go_on(self, standing: SpeakersStanding) -> None:
        self._names.go_on(standing)
        for index, voices in standing.voices.items():
            if index in self._shared:
                self._shared[index].go_on(voices)

    def _take_answered(self, shared: SharedTrack, now: float) -> None:
        """Take answers in the order in which windows were asked for."""
        while shared.asked and shared.asked[0].answered:
            asked = shared.asked.popleft()
            shared.taken = asked.frame
            if asked.heard is not None:
                shared.take(asked.heard)
                self._recognise_all()
            self._look(shared, now)
        shared.forget()

    def _look(self, shared: SharedTrack, now: float) -> None:
        """Let those go whose window has been heard."""
        for ended in list(shared.ended.values()):
            if ended.voices is None and ended.is_heard(shared.taken):
                end = ended.utterance.end
                assert end is not None  # it has ended
                ended.voices = shared.tagger.voices(ended.utterance.start, end)
            if ended.voices is not None and ended.then is not None:
                del shared.ended[ended.utterance.utterance_id]
                speakers = [self._word_speaker(shared, tag) for tag in ended.voices.tag_words(ended.spans)]
                ids = [None if each.speaker is None else each.speaker.id for each in speakers]
                shared.told.append(Told(ended.utterance.utterance_id, ended.spans, ids))
                ended.then(speakers, now)

    def _word_speaker(self, shared: SharedTrack, tag: SpeakerTag | None) -> WordSpeaker:
        if tag is None:
            return NOBODY
        return WordSpeaker(self._names.speaker(shared.id_of("live", tag.speaker), tag.confidence), tag.overlap)

    def _person(self, track: Track) -> WordSpeaker:
        """Return the speaker of a track that is not listened to."""
        if track.index not in self._persons:
            return NOBODY
        return WordSpeaker(self._names.speaker(self._persons[track.index]))

    def _live_centroids(self) -> dict[int, Embedding]:
        """Return how those sound who were heard long enough."""
        found: dict[int, Embedding] = {}
        for shared in self._shared.values():
            tagger = shared.tagger
            for number, (centroid, seconds) in enumerate(zip(tagger.centroids, tagger.seconds, strict=True), 1):
                if seconds >= LEAST_SECONDS:
                    found.setdefault(self._names.now(shared.id_of("live", number)), centroid)
        return found

    def _recognise_all(self) -> None:
        if self._recognise is not None:
            self._names.recognise(self._recognise(self.centroids, self._names.called))

    def _revise(self, shared: SharedTrack, look: _Look, looked: LookedAgain) -> None:
        """Tell what the second look sees otherwise, of the finals that it saw.

        Its numbers up to those known live when it was asked for are theirs; beyond, they are of this look alone.
        """
        shared.looks += 1

        def id_of(number: int) -> int:
            live = number <= look.speakers
            return self._names.now(
                shared.id_of("live", number) if live else shared.id_of(f"look {shared.looks}", number)
            )

        speakers = iter(looked.speakers)
        changes: list[SpeakerChange] = []
        for told in look.finals:
            ids = [None if number is None else id_of(number) for number in islice(speakers, len(told.spans))]
            changes += told.changes(ids)
            told.speakers = ids
        if changes:
            self._tell(Revised(sequence=0, reason="second_look", changes=tuple(changes)))
        self._centroids |= {id_of(number): centroid for number, centroid in looked.centroids.items()}
        self._recognise_all()

    def _tell(self, revised: Revised) -> None:
        self._transcript.reserve().fill(revised)
