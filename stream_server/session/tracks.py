"""The tracks of a session as it begins: who listens to which, and where each stands."""

from __future__ import annotations

from dataclasses import replace

from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters
from stream_server.diarize.tagger import Tagger
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.standing import Standing, VoicesStanding
from stream_server.session.track import Track
from stream_server.work import ENGINE_RATE


def open_tracks(
    options: SessionOptions,
    limits: Limits,
    *,
    voice_window: int | None,
    clustering: ClusteringLimits | None,
    standing: Standing | None,
) -> list[Track]:
    """Return a session's tracks: several people's those that are said to be, or the only one of which nothing is said.

    All others are one person's each. Without a `voice_window` nobody's voices are told apart.
    """
    clustering = replace(clustering or ClusteringLimits(), most_speakers=options.most_speakers)
    begin = standing.at if standing else 0
    tracks = []
    for index, name in enumerate(options.track_names):
        tagger = None
        if voice_window is not None and options.is_shared(name):
            clusters = _clusters(clustering, standing.speakers.voices.get(index) if standing else None)
            tagger = Tagger(voice_window, begin=begin * ENGINE_RATE // options.audio.sample_rate, clusters=clusters)
        track = Track(
            index,
            name,
            options,
            limits,
            tagger=tagger,
            is_person=options.is_person(name),
            begin=begin,
            standing=standing.tracks[index] if standing else None,
        )
        tracks.append(track)
    return tracks


def _clusters(limits: ClusteringLimits, voices: VoicesStanding | None) -> SpeakerClusters:
    clusters = SpeakerClusters(limits)
    if voices is not None:
        clusters.sums, clusters.learnt = list(voices.sums), list(voices.seconds)
    return clusters
