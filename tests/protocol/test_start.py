from __future__ import annotations

from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.protocol.start import read_language, read_start, write_start
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.text.formatting import Formatting, Replacement, Term

EVERYTHING = SessionOptions(
    audio=AudioFormat(encoding="pcm_mulaw", sample_rate=8_000, channels=1),
    tracks=("Ada", "Budi"),
    independent_tracks=True,
    model="base",
    label="standup",
    language="id",
    languages=("id", "en"),
    partials=False,
    partial_interval_ms=700,
    endpointing_ms=900,
    silence_ms=2_000,
    idle_seconds=15.5,
    max_utterance_seconds=12.5,
    hotwords="Meemo",
    context="Last week",
    translate=True,
    formatting=Formatting(
        numbers=False,
        fillers=False,
        vocabulary=(Term("Meemo", ("mimo", "me mo")),),
        replace=(Replacement("find", ""),),
        redact=("card", "names"),
        redact_names=("Budi",),
        participants=("Ada",),
    ),
    meeting_id="m-7",
    diarize=True,
    shared_tracks=("Budi",),
    speaker_count=3,
    max_speakers=5,
    keep_audio=True,
    resumable=True,
)


DIALECTS_OWN = {"lenient_language", "may_idle"}
"""What the habits of a vendor's clients decide, and no client asks for."""


@pytest.mark.parametrize("options", [SessionOptions(), EVERYTHING])
def test_every_option_survives_the_wire(options: SessionOptions) -> None:
    """What our client writes our server reads."""
    assert read_start(write_start(options), carries_tracks=True) == (options, ())


def test_every_option_can_be_asked_for() -> None:
    """No option of the session is missing from the message."""
    written = write_start(EVERYTHING)
    assert set(SessionOptions.__dataclass_fields__) - DIALECTS_OWN == set(written) - {"type"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audio", []),
        ("audio", {"sample_rate": "16000"}),
        ("audio", {"sample_rate": 4_000}),
        ("audio", {"channels": 0}),
        ("tracks", [1]),
        ("tracks", ["one", "two"]),
        ("languages", "id"),
        ("languages", ["not a code"]),
        ("partials", "yes"),
        ("partial_interval_ms", 1),
        ("endpointing_ms", None.__class__.__name__),
        ("max_utterance_seconds", float("nan")),
        ("hotwords", {"a": 1}),
        ("hotwords", ["x" * 600, "y" * 600]),
        ("context", "x" * 2_001),
        ("label", 5),
        ("meeting_id", 5),
        ("diarize", "yes"),
        ("shared_tracks", ["nobody's"]),
        ("speaker_count", 21),
        ("max_speakers", 0),
        ("resumable", 1),
        ("resumable", True),
    ],
)
def test_a_wrong_option_is_an_invalid_configuration(name: str, value: Any) -> None:
    """Whatever is wrong with an option, the answer is the same class and names it."""
    with pytest.raises(InvalidConfiguration) as raised:
        read_start({"type": "start", name: value}, carries_tracks=True)
    assert name.removesuffix("s") in raised.value.message


@pytest.mark.parametrize(
    ("tag", "code"), [("id", "id"), ("ID", "id"), ("en-GB", "en"), ("zh_Hans", "zh"), ("auto", None), (None, None)]
)
def test_a_language_is_its_primary_code(tag: str | None, code: str | None) -> None:
    """Regions and scripts do not matter, and `auto` asks for detection."""
    assert read_language(tag, "language") == code
