"""What of a session is written down for whoever goes on with it, as text or bytes that are read again exactly.

No dialect's words: who goes on may speak another one than who began.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack
import numpy as np
from pydantic import TypeAdapter

from stream_server.errors import InternalError, StreamServerError
from stream_server.events import Closed, Final, Flushed, Revised, Usage
from stream_server.session.options import SessionOptions, renewed
from stream_server.session.standing import SpeakersStanding, Standing, TrackStanding, VoicesStanding
from stream_server.session.transcript import Durable

_EVENTS: dict[str, TypeAdapter[Any]] = {
    "final": TypeAdapter(Final),
    "revised": TypeAdapter(Revised),
    "flushed": TypeAdapter(Flushed),
    "usage": TypeAdapter(Usage),
}
_KINDS: dict[type, str] = {Final: "final", Revised: "revised", Flushed: "flushed", Usage: "usage"}
_OPTIONS = TypeAdapter(SessionOptions)
_TRACKS = TypeAdapter(tuple[TrackStanding, ...])


def write_event(event: Durable) -> str:
    """Return a durable event as text."""
    kind = _KINDS[type(event)]
    return f"{kind} {_EVENTS[kind].dump_json(event, exclude_defaults=True).decode()}"


def read_event(text: str) -> Durable:
    """Return the event that was written."""
    kind, _, values = text.partition(" ")
    event: Durable = _EVENTS[kind].validate_json(values)
    return event


def write_options(options: SessionOptions) -> str:
    """Return options as text."""
    return _OPTIONS.dump_json(options, exclude_defaults=True).decode()


def read_options(text: str) -> SessionOptions:
    """Return the options that were written, by this version or one before it."""
    return _OPTIONS.validate_python(renewed(json.loads(text)))


def write_end(closed: Closed) -> str:
    """Return how a session ended, as text."""
    error = closed.error
    return json.dumps([closed.at, error and error.code, error and error.message])


def read_end(text: str) -> Closed:
    """Return how it ended; an error whose code is not known any more is an internal one."""
    at, code, message = json.loads(text)
    if code is None:
        return Closed(error=None, at=at)
    cls = next((each for each in _classes(StreamServerError) if getattr(each, "code", None) == code), InternalError)
    return Closed(error=cls(message), at=at)


def _classes(cls: type[StreamServerError]) -> Iterator[type[StreamServerError]]:
    for each in cls.__subclasses__():
        yield each
        yield from _classes(each)


# ── how it stands ───────────────────────────────────────────────────────────────────────────────────────────────────


def write_standing(standing: Standing) -> str:
    """Return how a session stands, but for how voices sound, as text."""
    speakers = standing.speakers
    values = {
        "at": standing.at,
        "sequence": standing.sequence,
        "tracks": _TRACKS.dump_python(standing.tracks, mode="json"),
        "language": standing.language,
        "names": list(speakers.names.items()),
        "given": sorted(speakers.given),
        "merged": list(speakers.merged.items()),
        "voices": [(track, each.ids, each.looks) for track, each in speakers.voices.items()],
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def read_standing(text: str, sounds: bytes | None) -> Standing:
    """Return the standing that was written; `sounds` are the voices', None if they cannot be had.

    Whoever was heard before counts as somebody new then, with an id above those that were given.
    """
    values = json.loads(text)
    heard = {} if sounds is None else msgpack.unpackb(sounds, strict_map_key=False)
    return Standing(
        at=values["at"],
        sequence=values["sequence"],
        tracks=_TRACKS.validate_python(values["tracks"]),
        language=values["language"],
        speakers=SpeakersStanding(
            names=dict(values["names"]),
            given=frozenset(values["given"]),
            merged=dict(values["merged"]),
            voices={track: _voices(ids, looks, heard.get(track)) for track, ids, looks in values["voices"]},
        ),
    )


def _voices(
    ids: list[tuple[str, int, int]], looks: int, heard: tuple[list[bytes], list[float]] | None
) -> VoicesStanding:
    if heard is None:
        return VoicesStanding(ids=tuple(("before", place, each[2]) for place, each in enumerate(ids)), looks=looks)
    sums, seconds = heard
    return VoicesStanding(
        sums=tuple(np.frombuffer(total, "<f4").astype(np.float64) for total in sums),
        seconds=tuple(seconds),
        ids=tuple((found, number, speaker) for found, number, speaker in ids),
        looks=looks,
    )


def pack_sounds(voices: Mapping[int, VoicesStanding]) -> bytes:
    """Return how voices sound, by track; half of the precision is more than a voice has."""
    packed: bytes = msgpack.packb(
        {
            track: ([total.astype("<f4").tobytes() for total in each.sums], each.seconds)
            for track, each in voices.items()
        }
    )
    return packed
