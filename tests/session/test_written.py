"""What is written down of a session is read again as it was."""

from __future__ import annotations

import numpy as np
import pytest

from stream_server.errors import InternalError, QuotaExceeded
from stream_server.events import Closed, Final, Flushed, Revised, Speaker, SpeakerChange, Usage, Word
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.standing import SpeakersStanding, Standing, TrackStanding, VoicesStanding
from stream_server.session.transcript import Durable
from stream_server.session.written import (
    pack_sounds,
    read_end,
    read_event,
    read_options,
    read_standing,
    write_end,
    write_event,
    write_options,
    write_standing,
)
from stream_server.text.formatting import Formatting

FINAL = Final(
    sequence=3,
    track=1,
    speaker=Speaker(id=2, name="Búdi", confidence=0.1 + 0.2),
    utterance_id="1-3",
    start=5,
    end=900,
    words=(
        Word(text="Selamat", spoken="selamat", start=5, end=7, confidence=1 / 3, speaker=Speaker(id=2), overlap=True),
        Word(text="pagi.", spoken="pagi", start=None, end=None, confidence=1.0),
    ),
    text="Selamat pagi.",
    language=None,
    lag_ms=12,
)
EVENTS = [
    FINAL,
    Revised(
        sequence=4,
        reason="second_look",
        merged=((3, 1),),
        changes=(SpeakerChange(utterance_id="1-3", first=0, stop=2, speaker=None),),
        names=((2, None), (3, "Ada")),
    ),
    Flushed(sequence=5, flush_id="f \n", at=7),
    Usage(sequence=6, session=1, tracks=2, speech=3, last=True),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_durable_event_comes_back(event: Durable) -> None:
    """To the last digit."""
    assert read_event(write_event(event)) == event


def test_options_come_back() -> None:
    """Those that are as they always are need no room."""
    options = SessionOptions(
        audio=AudioFormat(encoding="pcm_s16le"), languages=("id",), idle_seconds=2.5, resumable=True
    )
    assert read_options(write_options(options)) == options
    assert "hotwords" not in write_options(options)


def test_options_of_an_older_version_come_back() -> None:
    """Fillers that were not wanted still are not."""
    assert read_options('{"include_filler": false}') == SessionOptions(formatting=Formatting(fillers=False))
    assert read_options('{"include_filler": true, "label": "a"}') == SessionOptions(label="a")


def test_an_end_comes_back() -> None:
    """With its error; one that is not known any more is internal."""
    assert read_end(write_end(Closed(error=None, at=5))) == Closed(error=None, at=5)
    found = read_end(write_end(Closed(error=QuotaExceeded("used up"), at=6)))
    assert isinstance(found.error, QuotaExceeded)
    assert (found.error.message, found.at) == ("used up", 6)
    assert isinstance(read_end('[1, "forgotten", "why"]').error, InternalError)


VOICES = VoicesStanding(
    sums=(np.array([0.5, 1.5]), np.array([2.0, 0.25])),
    seconds=(3.5, 1.0),
    ids=(("live", 1, 1), ("live", 2, 2), ("look 1", 3, 3)),
    looks=1,
)
STANDING = Standing(
    at=512,
    sequence=6,
    tracks=(TrackStanding(settled=600, utterances=3, speech=400, continues=True), TrackStanding()),
    speakers=SpeakersStanding(names={2: "Ada"}, given=frozenset({2}), merged={3: 1}, voices={1: VOICES}),
    language="id",
)


def test_a_standing_comes_back_with_its_voices() -> None:
    """Ids are numbers again, and voices sound as they did."""
    found = read_standing(write_standing(STANDING), pack_sounds(STANDING.speakers.voices))
    assert (found.at, found.sequence, found.tracks, found.language) == (512, 6, STANDING.tracks, "id")
    speakers, voices = found.speakers, found.speakers.voices[1]
    assert (speakers.names, speakers.given, speakers.merged) == ({2: "Ada"}, {2}, {3: 1})
    assert (voices.seconds, voices.ids, voices.looks) == (VOICES.seconds, VOICES.ids, 1)
    assert [total.tolist() for total in voices.sums] == [total.tolist() for total in VOICES.sums]


def test_ids_are_not_given_twice_where_voices_cannot_be_had() -> None:
    """Nobody is taken for somebody heard before, and the next id is a new one."""
    voices = read_standing(write_standing(STANDING), None).speakers.voices[1]
    assert voices.sums == ()
    assert [(found, speaker) for found, _, speaker in voices.ids] == [("before", 1), ("before", 2), ("before", 3)]
