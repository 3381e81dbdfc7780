"""A query becomes options; what cannot be ignored is refused, everything else is borne."""

from __future__ import annotations

from typing import Any

import pytest

from stream_server.compat.deepgram.parameters import Listen, read_language, read_listen
from stream_server.errors import InvalidConfiguration
from stream_server.session.options import AudioFormat


def listen(query: str = "", **limits: Any) -> Listen:
    """Read a query written as name=value pairs."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return read_listen([(name, value) for name, _, value in pairs], **limits)


@pytest.mark.parametrize(
    ("query", "audio"),
    [
        ("", AudioFormat()),
        ("channels=2", AudioFormat()),
        ("multichannel=true&channels=2", AudioFormat(channels=2)),
        ("encoding=linear16&sample_rate=16000", AudioFormat(encoding="pcm_s16le")),
        ("encoding=LINEAR16&sample_rate=48000.0", AudioFormat(encoding="pcm_s16le", sample_rate=48_000)),
        ("encoding=mulaw&sample_rate=8000", AudioFormat(encoding="pcm_mulaw", sample_rate=8_000)),
        ("encoding=alaw&sample_rate=8000", AudioFormat(encoding="pcm_alaw", sample_rate=8_000)),
        ("encoding=flac&sample_rate=44100", AudioFormat()),
        ("encoding=linear16&sample_rate=16000&channels=2", AudioFormat(encoding="pcm_s16le", raw_channels=2)),
        (
            "encoding=linear16&sample_rate=16000&channels=2&multichannel=True",
            AudioFormat(encoding="pcm_s16le", channels=2),
        ),
    ],
)
def test_how_audio_is_declared(query: str, audio: AudioFormat) -> None:
    """Headerless audio by encoding and rate, a container by nothing; channels are mixed unless they are kept apart."""
    assert listen(query).options.audio == audio


@pytest.mark.parametrize(
    "query",
    [
        "encoding=linear16",
        "encoding=opus&sample_rate=48000",
        "encoding=linear16&sample_rate=fast",
        "encoding=linear16&sample_rate=4000",
        "encoding=linear16&sample_rate=16000&channels=9",
        "redact=pii",
        "redact=false&redact=name",
        "replace=:nothing",
        "callback=https://example.com",
        "endpointing=soon",
        "utterance_end_ms=-1",
        "utt_split=much",
    ],
)
def test_what_is_refused(query: str) -> None:
    """A wrong number, an encoding nobody decodes, and what would be dangerous to pass over."""
    with pytest.raises(InvalidConfiguration):
        listen(query)


def test_everything_else_is_borne() -> None:
    """Unknown parameters, empty ones, Python's booleans and dicts, and what is switched off mean nothing."""
    query = "extra={'bot_id': 'b1'}&redact=false&callback=&dictation=true&version=latest&tier=&channels=&diarize=False"
    assert listen(query) == listen()


@pytest.mark.parametrize(
    ("value", "ends", "silence_ms"),
    [("", True, None), ("true", True, None), ("25", True, 300), ("800", True, 800), ("60000", True, 5_000)]
    + [(value, False, None) for value in ("false", "False", "0")],
)
def test_endpointing(value: str, ends: bool, silence_ms: int | None) -> None:
    """Milliseconds within what makes sense for Whisper; none where the client ends turns itself."""
    wanted = listen(f"endpointing={value}", shortest_endpointing_ms=300)
    assert (wanted.endpointing, wanted.options.endpointing_ms) == (ends, silence_ms)


@pytest.mark.parametrize(
    ("value", "silence_ms"), [("1000", 1_000), ("50", 100), ("0", None), ("false", None), ("", None)]
)
def test_utterance_end(value: str, silence_ms: int | None) -> None:
    """The session itself tells of silence; the vendor's rules about it are not enforced."""
    assert listen(f"utterance_end_ms={value}").options.silence_ms == silence_ms


@pytest.mark.parametrize("query", ["diarize=true", "diarize=True", "diarize_model=latest", "diarize_version=v1"])
def test_diarize_has_three_names(query: str) -> None:
    """Any of them switches it on; with channels of their own voices are told apart on each."""
    assert listen(query).options.diarize is True
    both = listen(f"{query}&multichannel=true&channels=2")
    assert both.options.shared_tracks == ("track 1", "track 2")


@pytest.mark.parametrize(
    ("value", "code"), [("en-US", "en"), ("id", "id"), ("zh-Hant-TW", "zh"), ("multi", None), ("", None), ("??", None)]
)
def test_languages(value: str, code: str | None) -> None:
    """Tags become codes; what is none is detected, and never refused."""
    assert read_language(value) == code
    assert listen(f"language={value}").options.lenient_language


def test_language_detection() -> None:
    """It may be restricted to some; a language that is named beside it does not count."""
    some = listen("detect_language=en&detect_language=id&language=fr")
    assert (some.detect_language, some.options.language, some.options.languages) == (True, None, ("en", "id"))
    assert listen("detect_language=true").options.languages == ()
    assert not listen("detect_language=false").detect_language


def test_words_to_expect() -> None:
    """Key terms and keywords, less their boosts; one that is to be avoided is left out, and so is what has no room."""
    query = "keyterm=Prosa&keyterm=new deal&keywords=Budi:2.5&keywords=never:-3&keywords=10:30"
    assert listen(query).options.hotwords == "Prosa, new deal, Budi, 10"
    many = listen("&".join(f"keyterm=word{number}" for number in range(500))).options.hotwords
    assert len(many) <= 1_000
    assert many.endswith(", word122")


def test_formatting() -> None:
    """Each of three parameters asks for case and punctuation."""
    assert not listen().formatted
    assert all(listen(f"{name}=true").formatted for name in ("punctuate", "smart_format", "paragraphs"))


def test_partials_are_spared_where_nobody_sees_them() -> None:
    """Without interim results they only serve long speech."""
    assert listen("interim_results=true").options.partial_interval_ms is None
    assert (listen().options.partial_interval_ms or 0) > 1_000
    assert listen(idle_seconds=10.0).options.idle_seconds == 10
