"""A session's tracks are listened to as its options say, and go on where others stood."""

from __future__ import annotations

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.session.limits import Limits
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.standing import SpeakersStanding, Standing, TrackStanding, VoicesStanding
from stream_server.session.track import Track
from stream_server.session.tracks import open_tracks
from tests.voices import WINDOW

PAIR = SessionOptions(audio=AudioFormat(sample_rate=8_000, channels=2), tracks=("Ana", "room"), shared_tracks=("room",))


def opened(options: SessionOptions, voice_window: int | None = WINDOW, standing: Standing | None = None) -> list[Track]:
    """Return tracks."""
    clustering = ClusteringLimits(join=0.5)
    return open_tracks(options, Limits(), voice_window=voice_window, clustering=clustering, standing=standing)


def test_only_what_several_share_is_listened_to() -> None:
    """Where it can be; a track of a person's is that person's either way."""
    assert [track.tagger is not None for track in opened(PAIR)] == [False, True]
    assert [track.is_person for track in opened(PAIR)] == [True, False]
    assert [track.tagger for track in opened(PAIR, voice_window=None)] == [None, None]


def test_how_many_speakers_there_may_be_is_the_sessions_to_say() -> None:
    """How like each other they are is the embedder's."""
    [track] = opened(SessionOptions(max_speakers=3))
    assert track.tagger is not None
    assert track.tagger.clusters.limits == ClusteringLimits(join=0.5, most_speakers=3)


def test_tracks_go_on_where_others_stood() -> None:
    """With the voices that were known there, which are not changed in place."""
    voices = VoicesStanding(sums=(np.ones(4),), seconds=(2.0,))
    standing = Standing(
        at=8_000,
        sequence=3,
        tracks=(TrackStanding(settled=16_000, utterances=1), TrackStanding(settled=16_000, utterances=2)),
        speakers=SpeakersStanding(voices={1: voices}),
    )
    tracks = opened(PAIR, standing=standing)
    assert [track.clock.received for track in tracks] == [8_000, 8_000]
    assert [track.standing.utterances for track in tracks] == [1, 2]
    room = tracks[1].tagger
    assert room is not None
    assert room.clusters.learnt == [2.0]
    room.clusters.learnt.append(1.0)
    assert voices.seconds == (2.0,)
