"""What was said of a shared track's speakers is remembered whole, and changes are told in runs."""

from __future__ import annotations

from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters
from stream_server.diarize.tagger import Tagger
from stream_server.events import SpeakerChange
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.shared_track import Ended, SharedTrack, Told
from stream_server.session.track import Track
from stream_server.session.utterance import Utterance
from tests.voices import WINDOW


def shared() -> SharedTrack:
    """Return the second of two shared tracks, behind three persons."""
    tagger = Tagger(WINDOW, begin=0, clusters=SpeakerClusters(ClusteringLimits()))
    track = Track(1, "room", SessionOptions(), Limits(), tagger=tagger, is_person=False, begin=0, standing=None)
    return SharedTrack(track, tagger, first_id=5, step=2)


def test_numbers_of_a_track_are_its_own() -> None:
    """Whatever is found on another; who was found before has the number that it had."""
    track = shared()
    assert [track.id_of("live", 1), track.id_of("live", 2), track.id_of("look 1", 1)] == [5, 7, 9]
    assert track.id_of("live", 2) == 7


def test_somebody_else_goes_on_with_the_numbers() -> None:
    """The next one is the next free one."""
    track, other = shared(), shared()
    track.id_of("live", 1)
    track.looks = 2
    other.go_on(track.standing)
    assert (other.id_of("live", 1), other.id_of("look 3", 1), other.looks) == (5, 7, 2)


def test_changes_are_told_in_runs() -> None:
    """A run is of one speaker, and of words that had another."""
    told = Told("0-1", ((0, 1),) * 6, [1, 1, 2, 2, None, 1])
    assert told.changes([1, 3, 3, None, None, 2]) == [
        SpeakerChange(utterance_id="0-1", first=1, stop=3, speaker=3),
        SpeakerChange(utterance_id="0-1", first=3, stop=4, speaker=None),
        SpeakerChange(utterance_id="0-1", first=5, stop=6, speaker=2),
    ]
    assert told.changes(told.speakers) == []


def test_words_wait_for_the_last_window_that_was_asked_for() -> None:
    """And for no later one; where none was asked for they wait for none."""
    utterance = Utterance(utterance_id="1-1", start=0, onset=0, continues=False, language=None, commit_until=0)
    assert Ended(utterance, None).is_heard(None)
    assert [Ended(utterance, 20).is_heard(taken) for taken in (None, 10, 20, 30)] == [False, False, True, True]
