"""Who is said to speak, in a session's events: stable numbers, exact tracks, and revisions that add up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.diarize.clustering import ClusteringLimits
from stream_server.errors import InvalidConfiguration
from stream_server.events import (
    Audio,
    Closed,
    Final,
    Finish,
    LookAgainNow,
    MergeSpeakers,
    RenameSpeaker,
    Revised,
    Speaker,
    Warned,
)
from stream_server.session.limits import Limits
from stream_server.session.load import LoadLevel
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.work import Hypothesis, Transcribe
from tests.live_path import LivePath, new_session
from tests.voices import WINDOW, LevelListener, speech, voice

ANA, BUDI, CITRA = range(3)
TALK = speech((0.5, 4, ANA), (5, 9, BUDI), (10, 12.5, ANA), (12.5, 15, BUDI), seconds=17)


def live(options: SessionOptions | None = None, listener: LevelListener | None = None, **known: Any) -> LivePath:
    """Return a live path of a server that tells voices apart."""
    delays = {name: known.pop(name) for name in ("delay_frames", "voice_delay_frames") if name in known}
    session = new_session(options, voice_window=WINDOW, **known)
    return LivePath(session, ScriptedEngine(), listener=listener or LevelListener(), **delays)


def ids(final: Final) -> list[int | None]:
    """Return who said each word."""
    return [word.speaker.id if word.speaker else None for word in final.words]


def revisions(path: LivePath) -> list[Revised]:
    """Return every revision."""
    return [event for event in path.events if isinstance(event, Revised)]


def test_the_embedders_limits_decide() -> None:
    """How like each other voices are is the embedder's to say; how many there may be is the session's."""
    limits = ClusteringLimits(join=0.5, most_speakers=3)
    session = new_session(SessionOptions(max_speakers=7), voice_window=WINDOW, clustering=limits)
    tagger = session._tracks[0].tagger
    assert tagger is not None
    assert tagger.clusters.limits == replace(limits, most_speakers=7)


def test_voices_are_numbered_in_the_order_of_speaking() -> None:
    """The first is 1, and is 1 again when it speaks again; every word has its speaker."""
    path = live()
    path.stream(TALK, [320] * 2_000)
    first, second, third = path.finals
    assert set(ids(first)) == {1}
    assert set(ids(second)) == {2}
    assert first.speaker == Speaker(id=1, confidence=1.0)
    assert second.speaker is not None
    assert second.speaker.id == 2
    assert ids(third) == sorted(ids(third))  # 1 … 1 2 … 2: split where the speaker changes
    assert set(ids(third)) == {1, 2}
    assert not any(word.overlap for final in path.finals for word in final.words)


def test_a_partial_brings_its_tag() -> None:
    """As soon as a window was heard, and never with an id that the finals do not have."""
    path = live()
    path.stream(TALK, [320] * 2_000)
    tagged = [partial for partial in path.partials if partial.speaker is not None]
    assert len(tagged) > len(path.partials) / 2
    assert {partial.speaker.id for partial in tagged if partial.speaker} <= {1, 2}
    second = [p for p in tagged if p.utterance_id == path.finals[1].utterance_id]
    assert second[-1].speaker is not None
    assert second[-1].speaker.id == 2


def test_neither_cuts_nor_the_order_of_answers_change_who_spoke() -> None:
    """Finals with their speakers, and revisions, are the same for thirty ways of cutting and of waiting."""

    def told(seed: int | None) -> list[Any]:
        chooser = random.Random(seed)
        delays = (
            {}
            if seed is None
            else {"delay_frames": chooser.randint(0, 60), "voice_delay_frames": chooser.randint(0, 90)}
        )
        path = live(**delays)
        path.stream(TALK, [320] * 2_000 if seed is None else [chooser.randint(1, 9_000) for _ in range(9_000)])
        return [
            replace(event, lag_ms=0) if isinstance(event, Final) else replace(event, sequence=0)
            for event in path.events
            if isinstance(event, Final | Revised)
        ]

    def plain(events: list[Any]) -> list[Any]:
        return [replace(event, sequence=0) if isinstance(event, Final) else event for event in events]

    reference = plain(told(None))
    for seed in range(30):
        assert plain(told(seed)) == reference


def test_two_at_once_are_marked() -> None:
    """The words over which both speak say so."""
    path = live()
    path.stream(speech((0.5, 7, ANA), (4, 5.5, BUDI), (8, 11, BUDI), seconds=13), [320] * 2_000)
    overlapped = [word.start / 16_000 for word in path.finals[0].words if word.overlap and word.start is not None]
    assert overlapped
    assert all(3.7 <= start <= 5.5 for start in overlapped)


def test_a_short_yes_is_somebody_known_or_nobody() -> None:
    """A new voice of 0.4 s becomes nobody of its own."""
    path = live()
    path.stream(speech((0.5, 4, ANA), (5, 5.4, CITRA), (7, 10, ANA), seconds=12), [320] * 2_000)
    assert {speaker for final in path.finals for speaker in ids(final)} <= {1, None}
    assert len(path.session.voices) == 1


def test_tracks_are_their_names() -> None:
    """Exactly, from the first partial on, and nobody listens to voices."""
    listener = LevelListener()
    options = SessionOptions(audio=AudioFormat(channels=2), tracks=("Ana", "Budi"))
    path = live(options, listener)
    audio = np.stack([speech((0.5, 3, ANA), seconds=8), speech((4, 7, BUDI), seconds=8)], axis=1)
    path.send(Audio(samples=audio))
    path.send(Finish())
    path.stream(audio[:0, 0], [])
    assert [final.speaker for final in path.finals] == [Speaker(id=1, name="Ana"), Speaker(id=2, name="Budi")]
    assert {partial.speaker for partial in path.partials} <= {Speaker(id=1, name="Ana"), Speaker(id=2, name="Budi")}
    assert not listener.heard


def test_a_shared_track_among_others_has_voices_of_its_own() -> None:
    """Their ids begin behind those of the tracks that are persons."""
    options = SessionOptions(audio=AudioFormat(channels=2), tracks=("Ana", "Room"), shared_tracks=("Room",))
    path = live(options)
    room = speech((0.5, 4, BUDI), (5, 9, CITRA), seconds=11)
    path.send(Audio(samples=np.stack([np.zeros_like(room), room], axis=1)))
    path.send(Finish())
    path.stream(room[:0], [])
    assert [ids(final)[0] for final in path.finals] == [3, 4]
    assert all(word.speaker is None or word.speaker.name is None for final in path.finals for word in final.words)


@pytest.mark.parametrize(
    ("options", "speaker"),
    [
        (SessionOptions(diarize=False), None),
        (SessionOptions(tracks=("Ana",)), Speaker(id=1, name="Ana")),
    ],
)
def test_voices_are_told_apart_where_it_makes_sense(options: SessionOptions, speaker: Speaker | None) -> None:
    """Not if nobody wants it, nor on an only track that has a person's name."""
    listener = LevelListener()
    path = live(options, listener)
    path.stream(TALK, [1600] * 400)
    assert [final.speaker for final in path.finals] == [speaker] * 3
    assert not listener.heard


def test_a_server_that_cannot_says_so() -> None:
    """To those who asked for it; finals have no speaker."""
    session = new_session(SessionOptions(diarize=True))
    path = LivePath(session, ScriptedEngine())
    path.stream(TALK, [1600] * 400)
    assert [event.code for event in path.events if isinstance(event, Warned)] == ["speakers_unavailable"]
    assert [final.speaker for final in path.finals] == [None] * 3


def test_a_failing_network_costs_the_tags_alone() -> None:
    """Every final comes, of nobody, with one warning."""
    path = live(listener=LevelListener(fails=True))
    path.stream(TALK, [1600] * 400)
    assert [final.speaker for final in path.finals] == [None] * 3
    assert len([event for event in path.events if isinstance(event, Warned)]) == 1
    assert isinstance(path.events[-1], Closed)


def test_finals_and_revisions_add_up() -> None:
    """A speaker split in two live is one at the second look; told ids with the changes applied are its ids."""
    listener = LevelListener()
    path = live(SessionOptions(speaker_count=1), listener)
    path.session._speakers._shared[0].tagger.clusters.limits = replace(
        path.session._speakers._shared[0].tagger.clusters.limits, most_speakers=2
    )
    path.stream(TALK, [320] * 2_000)
    told = {final.utterance_id: ids(final) for final in path.finals}
    assert {speaker for row in told.values() for speaker in row} == {1, 2}
    (revised,) = revisions(path)
    assert revised.reason == "second_look"
    for change in revised.changes:
        told[change.utterance_id][change.first : change.stop] = [change.speaker] * (change.stop - change.first)
    assert len({speaker for row in told.values() for speaker in row}) == 1
    assert listener.looks == 1
    sequences = [event.sequence for event in path.events if isinstance(event, Final | Revised)]
    assert sequences == sorted(sequences)


def test_an_enrolled_voice_gets_its_name() -> None:
    """Late, as a revision; from then on every word carries it, and a voice deleted meanwhile loses it."""
    known = {"Ana": voice(ANA)}

    def recognise(centroids: Any, before: Any) -> dict[int, str]:
        return {
            speaker: name
            for speaker, centroid in centroids.items()
            for name, enrolled in known.items()
            if float(centroid @ enrolled) > 0.7
        }

    path = live(recognise=recognise)
    path.stream(TALK[: 9 * 16_000], [320] * 2_000)
    assert revisions(path)[0] == replace(revisions(path)[0], reason="recognised", names=((1, "Ana"),))
    assert path.finals[0].speaker is not None
    assert path.finals[0].speaker.name == "Ana"
    assert path.finals[1].speaker is not None
    assert path.finals[1].speaker.name is None

    path = live(recognise=recognise)
    path.send(Audio(samples=TALK[: 6 * 16_000, None]))
    known.clear()
    path.stream(TALK[6 * 16_000 :], [320] * 2_000)
    assert [event.names for event in revisions(path)] == [((1, "Ana"),), ((1, None),)]
    assert path.finals[2].words[0].speaker is not None
    assert path.finals[2].words[0].speaker.name is None


def test_people_rename_and_merge() -> None:
    """In what was said and what is said from then on; each is one event, and no voice undoes a given name."""
    path = live(recognise=lambda centroids, before: dict.fromkeys(centroids, "Somebody"))
    path.send(Audio(samples=TALK[: 9 * 16_000 + 8_000, None]))
    path.send(RenameSpeaker(speaker=1, name="Dewi"))
    path.send(MergeSpeakers(old=2, new=1))
    path.stream(TALK[9 * 16_000 + 8_000 :], [320] * 2_000)
    assert ("renamed", ((1, "Dewi"),)) in [(event.reason, event.names) for event in revisions(path)]
    assert ("merged", ((2, 1),)) in [(event.reason, event.merged) for event in revisions(path)]
    last = path.finals[-1]
    assert set(ids(last)) == {1}
    assert {word.speaker.name for word in last.words if word.speaker} == {"Dewi"}


def test_a_client_may_ask_for_a_second_look() -> None:
    """In mid-session; the end brings another."""
    listener = LevelListener()
    path = live(listener=listener)
    path.send(Audio(samples=TALK[: 10 * 16_000, None]))
    path.send(LookAgainNow())
    path.stream(TALK[10 * 16_000 :], [320] * 2_000)
    assert listener.looks == 2


def test_a_second_look_in_mid_session_leaves_later_finals_alone() -> None:
    """It revises what it saw, whoever has spoken since; a second one within a minute is not taken."""
    session = new_session(voice_window=WINDOW)
    listener = LevelListener()
    path = LivePath(session, ScriptedEngine(), listener=listener, voice_delay_frames=2)
    talk = speech((0.5, 4, ANA), (5, 9, BUDI), (10, 14, CITRA), (15, 19, ANA), seconds=21)
    path.send(Audio(samples=talk[: int(9.8 * 16_000), None]))
    assert len(path.finals) == 2
    path.voice_delay_frames = 250  # the answer comes when Citra has spoken
    path.send(LookAgainNow())
    path.send(LookAgainNow())
    path.voice_delay_frames = 2
    path.stream(talk[int(9.8 * 16_000) :], [320] * 2_000)
    assert [set(ids(final)) for final in path.finals] == [{1}, {2}, {3}, {1}]
    assert not revisions(path)
    assert listener.looks == 2


def test_persons_tracks_can_be_renamed_and_merged() -> None:
    """A track's name gives way to the one that somebody gave, and its number to the one it was merged into."""
    options = SessionOptions(audio=AudioFormat(channels=2), tracks=("Ana", "Budi"))
    path = live(options)
    audio = np.stack([speech((0.5, 3, ANA), seconds=8), speech((4, 7, BUDI), seconds=8)], axis=1)
    path.send(RenameSpeaker(speaker=1, name="Ana Sari"))
    path.send(MergeSpeakers(old=2, new=1))
    path.send(Audio(samples=audio))
    path.send(Finish())
    path.stream(audio[:0, 0], [])
    assert [final.speaker for final in path.finals] == [Speaker(id=1, name="Ana Sari")] * 2


def test_two_shared_tracks_number_their_voices_apart() -> None:
    """Whatever answers first: ids of the one are odd, of the other even."""
    options = SessionOptions(audio=AudioFormat(channels=2), shared_tracks=("track 1", "track 2"))
    talk = np.stack([speech((0.5, 4, ANA), (5, 9, BUDI), seconds=11), speech((0.5, 4, CITRA), seconds=11)], axis=1)
    for delay in (2, 60):
        path = live(options, voice_delay_frames=delay)
        path.send(Audio(samples=talk))
        path.send(Finish())
        path.stream(talk[:0, 0], [])
        said = {(final.track, speaker) for final in path.finals for speaker in ids(final)}
        assert said == {(0, 1), (0, 3), (1, 2)}


def test_windows_are_rarer_under_load_and_finals_stay_tagged() -> None:
    """While partials are given up, voices are listened to every four seconds."""
    often, rarely = LevelListener(), LevelListener()
    talk = speech((0.5, 18, ANA), seconds=20)
    for listener, level in ((often, LoadLevel.NORMAL), (rarely, LoadLevel.FINALS_ONLY)):
        path = live(listener=listener)
        path.session.receive_load(level)
        path.stream(talk, [320] * 2_000)
        assert set(ids(path.finals[0])) == {1}
    assert len(rarely.heard) < len(often.heard) / 2


def test_silence_is_not_listened_to() -> None:
    """Nor kept: a quiet hour costs nothing."""
    listener = LevelListener()
    path = live(listener=listener)
    path.stream(np.zeros(60 * 16_000, np.float32), [16_000] * 100)
    assert not listener.heard


def test_what_is_kept_stays_small() -> None:
    """Of ten minutes the tagger keeps the last seconds, the session 3 kB for each second of speech."""
    path = live()
    turns = [(6.0 * n + 0.5, 6.0 * n + 5, n % 2) for n in range(100)]
    audio = speech(*turns, seconds=600)
    for at in range(0, len(audio), 16_000):
        path.send(Audio(samples=audio[at : at + 16_000, None]))
    shared = path.session._speakers._shared[0]
    assert len(shared.tagger._activity._windows) < 700  # frames of 17 ms
    kept = sum(w.activity.nbytes + sum(e.nbytes for e in w.embeddings if e is not None) for w in shared.windows)
    assert kept < 600 * 3_000


def test_counts_beyond_reason_are_refused() -> None:
    """Both ways."""
    for wrong in ({"speaker_count": 0}, {"max_speakers": 21}):
        with pytest.raises(InvalidConfiguration):
            SessionOptions(**wrong)


def test_a_second_look_goes_through_the_track_in_order() -> None:
    """Although a final that was asked for twice was told behind the one after it."""

    class Doubtful(ScriptedEngine):
        """Loops at first where Ana speaks."""

        def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
            outcomes = super().run(batch)
            loops = batch[0].utterance_id == "0-1" and not batch[0].careful
            return [replace(each, compression_ratio=9.0) if loops else each for each in outcomes]  # type: ignore[type-var]

    path = live(SessionOptions(partials=False), limits=Limits(ask_ahead=False), delay_frames=90)
    path.engine = Doubtful()
    path.stream(speech((0.5, 4, ANA), (4.7, 6.2, BUDI), (7.5, 11, BUDI), seconds=13), [1_600] * 200)
    assert [work.careful for work in path.asked if work.utterance_id in {"0-1", "0-2"}] == [False, False, True]
    assert [set(ids(final)) for final in path.finals] == [{1}, {2}, {2}]
    assert not revisions(path)
