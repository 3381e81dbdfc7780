"""Who speaks in a session: windows to listen to, numbers for voices, tags for words, and what became clear later.

Where every track is a person's, its name says it all. A track that several people share is listened to: a tagger tells
its voices apart. What a final says depends on the windows asked for up to its end alone, not on when answers come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from stream_server.diarize.second_look import LEAST_SECONDS
from stream_server.diarize.tagger import SpeakerTag, Tagger, Voices
from stream_server.diarize.voices import Embedding, Heard
from stream_server.events import Event, Revised, Samples, Speaker, SpeakerChange, Warned, Word
from stream_server.session.options import SessionOptions
from stream_server.session.spans import Span
from stream_server.session.standing import SpeakersStanding, VoicesStanding
from stream_server.session.track import Track
from stream_server.session.transcript import Transcript
from stream_server.session.utterance import Utterance
from stream_server.work import Listen, Listened, LookAgain, LookedAgain, Result, WorkFailed

Tagged = Callable[[list["WordSpeaker"], float], None]
Recognise = Callable[[Mapping[int, Embedding], Mapping[int, str]], Mapping[int, str]]
"""Names the speakers, by id, whose voices were enrolled, given what they were called before; quick: it is called with
every window."""


@dataclass(frozen=True, slots=True)
class WordSpeaker:
    """Who said a word; with `overlap` somebody else spoke too."""

    speaker: Speaker | None = None
    overlap: bool = False


NOBODY = WordSpeaker()

LOOK_SECONDS = 60.0
"""Between two second looks that a client asks for: each costs up to a second of a core."""


@dataclass(slots=True, eq=False)
class _Ended:
    """An utterance that has ended: tagged by what is known when the window `frame` has been heard."""

    utterance: Utterance
    frame: int | None
    voices: Voices | None = None
    spans: Sequence[Span] = ()
    then: Tagged | None = None
    since: float = 0.0
    """When its words were ready."""


@dataclass(slots=True, eq=False)
class _Told:
    """What was said of a final's words; speakers are ids."""

    utterance_id: str
    spans: Sequence[Span]
    speakers: list[int | None]


@dataclass(slots=True, eq=False)
class _Asked:
    """A window on its way."""

    frame: int
    heard: Heard | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A second look on its way: at which finals, and how many speakers were known live."""

    finals: tuple[_Told, ...]
    speakers: int


@dataclass(slots=True, eq=False)
class _Shared:
    """A track that several people share."""

    track: Track
    tagger: Tagger
    first_id: int
    """Of its speakers; the next ones follow in steps of `step`, so that no track's numbers depend on another's."""
    step: int
    asked: deque[_Asked] = field(default_factory=deque)
    taken: int | None = None
    """The first frame of the last window that was heard."""
    windows: list[Heard] = field(default_factory=list)
    live: list[tuple[int | None, ...]] = field(default_factory=list)
    ended: dict[str, _Ended] = field(default_factory=dict)
    told: list[_Told] = field(default_factory=list)
    ids: dict[tuple[str, int], int] = field(default_factory=dict)
    """The session's ids of speakers found "live" or by a "look", by their number there."""
    looks: int = 0
    looked_at: float = float("-inf")

    def id_of(self, found: str, number: int) -> int:
        """Return a speaker's id; the next free one if it is new."""
        return self.ids.setdefault((found, number), self.first_id + self.step * len(self.ids))

    @property
    def standing(self) -> VoicesStanding:
        """Return what is known of the track's voices by now."""
        clusters = self.tagger.clusters
        return VoicesStanding(
            sums=tuple(total.copy() for total in clusters.sums),
            seconds=tuple(clusters.learnt),
            ids=tuple((found, number, speaker) for (found, number), speaker in self.ids.items()),
            looks=self.looks,
        )

    @property
    def earliest(self) -> int | None:
        """Return where the earliest utterance starts whose words wait for a window."""
        return min((each.utterance.start for each in self.ended.values() if each.voices is None), default=None)


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
            track.index: _Shared(track, tagger, first_id + place, len(shared))
            for place, (track, tagger) in enumerate(shared)
        }
        self._names = {speaker: tracks[index].name for index, speaker in self._persons.items()}
        self._given = set(self._names)
        """Ids that have a name of their own, of a track or from somebody: no voice renames them."""
        self._merged: dict[int, int] = {}
        self._centroids: dict[int, Embedding] = {}
        self._requests: dict[int, tuple[_Shared, _Asked | _Look]] = {}
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
        asked = _Asked(frame)
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
            shared.ended[utterance.utterance_id] = _Ended(utterance, shared.tagger.asked)
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
        speaker = self._now(speaker)
        self._given.add(speaker)
        self._rename({speaker: name}, "renamed")

    def merge(self, old: int, new: int) -> None:
        """Take one speaker for another from now on; what was said of the first is so of the other."""
        new = self._now(new)
        if old == new:
            return
        self._merged = {key: new if value == old else value for key, value in self._merged.items()} | {old: new}
        self._names.pop(old, None)
        self._given.discard(old)
        for shared in self._shared.values():
            for told in shared.told:
                told.speakers = [new if speaker == old else speaker for speaker in told.speakers]
        self._tell(Revised(sequence=0, reason="merged", merged=((old, new),)))

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
        return SpeakersStanding(
            names=dict(self._names),
            given=frozenset(self._given),
            merged=dict(self._merged),
            voices={index: shared.standing for index, shared in self._shared.items()},
        )

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _go_on(self, standing: SpeakersStanding) -> None:
        """Take over what was known of speakers; their voices are the taggers' already."""
        self._names = dict(standing.names)
        self._given = set(standing.given)
        self._merged = dict(standing.merged)
        for index, voices in standing.voices.items():
            if index in self._shared:
                self._shared[index].ids = {(found, number): speaker for found, number, speaker in voices.ids}
                self._shared[index].looks = voices.looks

    def _take_answered(self, shared: _Shared, now: float) -> None:
        """Take answers in the order in which windows were asked for."""
        while shared.asked and shared.asked[0].answered:
            asked = shared.asked.popleft()
            shared.taken = asked.frame
            if asked.heard is not None:
                speakers = shared.tagger.take(asked.heard)
                shared.windows.append(_compact(asked.heard))
                shared.live.append(tuple(speakers))
                for number in range(1, len(shared.tagger.seconds) + 1):
                    shared.id_of("live", number)
                self._recognise_all()
            self._look(shared, now)
        needed, earliest = shared.track.needed_from, shared.earliest
        shared.tagger.forget_before(needed if earliest is None else min(needed, earliest))

    def _look(self, shared: _Shared, now: float) -> None:
        """Let those go whose window has been heard."""
        for ended in list(shared.ended.values()):
            if ended.voices is None and (ended.frame is None or _reached(shared.taken, ended.frame)):
                end = ended.utterance.end
                assert end is not None  # it has ended
                ended.voices = shared.tagger.voices(ended.utterance.start, end)
            if ended.voices is not None and ended.then is not None:
                del shared.ended[ended.utterance.utterance_id]
                speakers = [self._word_speaker(shared, tag) for tag in ended.voices.tag_words(ended.spans)]
                ids = [None if each.speaker is None else each.speaker.id for each in speakers]
                shared.told.append(_Told(ended.utterance.utterance_id, ended.spans, ids))
                ended.then(speakers, now)

    def _word_speaker(self, shared: _Shared, tag: SpeakerTag | None) -> WordSpeaker:
        if tag is None:
            return NOBODY
        number = self._now(shared.id_of("live", tag.speaker))
        return WordSpeaker(Speaker(id=number, name=self._names.get(number), confidence=tag.confidence), tag.overlap)

    def _person(self, track: Track) -> WordSpeaker:
        """Return the speaker of a track that is not listened to."""
        if track.index not in self._persons:
            return NOBODY
        number = self._now(self._persons[track.index])
        return WordSpeaker(Speaker(id=number, name=self._names.get(number)))

    def _now(self, speaker: int) -> int:
        """Return the id that a speaker has since it was merged."""
        return self._merged.get(speaker, speaker)

    def _live_centroids(self) -> dict[int, Embedding]:
        """Return how those sound who were heard long enough."""
        found: dict[int, Embedding] = {}
        for shared in self._shared.values():
            tagger = shared.tagger
            for number, (centroid, seconds) in enumerate(zip(tagger.centroids, tagger.seconds, strict=True), 1):
                if seconds >= LEAST_SECONDS:
                    found.setdefault(self._now(shared.id_of("live", number)), centroid)
        return found

    def _recognise_all(self) -> None:
        if self._recognise is not None:
            self._take_names(self._recognise(self.centroids, self._names))

    def _take_names(self, found: Mapping[int, str]) -> None:
        """Tell which speakers turned out to be enrolled, and which are no longer thought to be who they were."""
        wanted = {speaker: name for speaker, name in found.items() if speaker not in self._given}
        gone = {speaker: None for speaker in self._names if speaker not in wanted and speaker not in self._given}
        changed = {key: name for key, name in {**gone, **wanted}.items() if self._names.get(key) != name}
        if changed:
            self._rename(changed, "recognised")

    def _rename(self, names: Mapping[int, str | None], reason: str) -> None:
        for speaker, name in names.items():
            if name is None:
                self._names.pop(speaker, None)
            else:
                self._names[speaker] = name
        self._tell(Revised(sequence=0, reason=reason, names=tuple(names.items())))

    def _revise(self, shared: _Shared, look: _Look, looked: LookedAgain) -> None:
        """Tell what the second look sees otherwise, of the finals that it saw.

        Its numbers up to those known live when it was asked for are theirs; beyond, they are of this look alone.
        """
        shared.looks += 1

        def id_of(number: int) -> int:
            live = number <= look.speakers
            return self._now(shared.id_of("live", number) if live else shared.id_of(f"look {shared.looks}", number))

        speakers = iter(looked.speakers)
        changes: list[SpeakerChange] = []
        for told in look.finals:
            ids = [None if number is None else id_of(number) for number in islice(speakers, len(told.spans))]
            changes += _changes(told, ids)
            told.speakers = ids
        if changes:
            self._tell(Revised(sequence=0, reason="second_look", changes=tuple(changes)))
        self._centroids |= {id_of(number): centroid for number, centroid in looked.centroids.items()}
        self._recognise_all()

    def _tell(self, revised: Revised) -> None:
        self._transcript.reserve().fill(revised)


def with_speakers(words: Sequence[Word], speakers: Sequence[WordSpeaker]) -> tuple[Word, ...]:
    """Return words that say who said them."""
    return tuple(
        replace(word, speaker=each.speaker, overlap=each.overlap) for word, each in zip(words, speakers, strict=True)
    )


def main_speaker(words: Sequence[Word]) -> Speaker | None:
    """Return who said most of the words that are shown, or of all if none is; None if nobody is known.

    The confidence is the mean of theirs.
    """
    votes: dict[int, list[Speaker]] = {}
    for word in [word for word in words if word.text] or words:
        if word.speaker is not None:
            votes.setdefault(word.speaker.id, []).append(word.speaker)
    if not votes:
        return None
    most = max(votes.values(), key=len)
    return replace(most[0], confidence=sum(each.confidence for each in most) / len(most))


def _reached(taken: int | None, frame: int) -> bool:
    return taken is not None and taken >= frame


def _changes(told: _Told, ids: Sequence[int | None]) -> list[SpeakerChange]:
    """Return runs of words that have another speaker than was told."""
    found: list[SpeakerChange] = []
    for index, (before, after) in enumerate(zip(told.speakers, ids, strict=True)):
        if before == after:
            continue
        last = found[-1] if found else None
        if last is not None and last.stop == index and last.speaker == after:
            found[-1] = replace(last, stop=index + 1)
        else:
            found.append(SpeakerChange(utterance_id=told.utterance_id, first=index, stop=index + 1, speaker=after))
    return found


def _compact(heard: Heard) -> Heard:
    """Return a window in half the memory: what is kept of a meeting until the second look, 2 kB a second of speech."""
    embeddings = tuple(None if each is None else each.astype(np.float16) for each in heard.embeddings)
    return Heard(heard.frame, heard.activity.astype(np.float16), embeddings)  # type: ignore[arg-type]
