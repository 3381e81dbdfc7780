from __future__ import annotations

import pytest

from stream_server import errors
from stream_server.compat.prosa.messages import DOCUMENTED_MODELS, close_code, read_configuration, write_metadata
from stream_server.errors import InvalidConfiguration, StreamServerError, UnknownModel

CODES = [cls for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")]
KNOWN = {1000, 1008, 1009, 1011, 1012, 1013, 4000, 4001, 4002, 4005, 4029}


@pytest.mark.parametrize("cls", CODES, ids=lambda cls: cls.__name__)
def test_every_error_closes_with_a_code_that_prosa_or_the_standard_knows(cls: type[StreamServerError]) -> None:
    """No private code of ours reaches Prosa's clients."""
    assert close_code(cls("why")) in KNOWN


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("s16le", "pcm_s16le"),
        ("pcm_s16le", "pcm_s16le"),
        ("mulaw", "pcm_mulaw"),
        ("pcm_mulaw", "pcm_mulaw"),
        ("alaw", "pcm_alaw"),
        ("PCM_ALAW", "pcm_alaw"),
        *((name, None) for name in ("wav", "mp3", "flac", "opus", "webm", "ogg", "m4a", "", None)),
    ],
)
def test_a_format_is_raw_or_left_to_the_bytes(name: str | None, encoding: str | None) -> None:
    """Headerless formats are believed; every container is left to its first bytes."""
    message = {"model": "stt-general", "audio": {"format": name, "sample_rate": None, "channels": None}}
    audio = read_configuration(message, DOCUMENTED_MODELS).audio
    assert (audio.encoding, audio.sample_rate, audio.channels) == (encoding, 16_000, 1)


def test_a_container_knows_its_own_rate() -> None:
    """A rate that no session can have is no mistake where a container follows, and one where it does not."""
    message = {"model": "stt-general", "audio": {"format": "wav", "sample_rate": 96_000}}
    assert read_configuration(message, DOCUMENTED_MODELS).audio.sample_rate == 16_000
    with pytest.raises(InvalidConfiguration):
        read_configuration(message | {"audio": {"format": "s16le", "sample_rate": 96_000}}, DOCUMENTED_MODELS)


def test_booleans_and_numbers_may_be_strings() -> None:
    """What a careless tool sends as a string is read as what it means."""
    message = {
        "model": "stt-general",
        "include_partial": "True",
        "include_filler": "false",
        "audio": {"format": "s16le", "sample_rate": "8000", "channels": "2"},
    }
    options = read_configuration(message, DOCUMENTED_MODELS)
    assert (options.partials, options.formatting.fillers) == (True, False)
    assert (options.audio.sample_rate, options.audio.channels) == (8_000, 2)


def test_the_accepted_models_are_the_operators_choice() -> None:
    """Only names that were given are accepted, and the name never becomes a model of ours."""
    assert read_configuration({"model": "mine"}, {"mine"}).model is None
    with pytest.raises(UnknownModel) as raised:
        read_configuration({"model": "stt-general"}, {"mine"})
    assert "stt-general" not in raised.value.message


def test_metadata_is_never_null_and_always_a_fraction() -> None:
    """Clients cast every field: three doubles and a boolean."""
    message = write_metadata(3, 3, 60, max_reached=False)
    assert [type(message[name]) for name in ("duration", "quota_used", "max_duration")] == [float] * 3
    assert message["max_reached"] is False
