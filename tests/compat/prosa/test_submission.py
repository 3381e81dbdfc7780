"""Laws of `stream_server.compat.prosa.submission`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.compat.prosa.errors import ModelNotFound, NoAudioProvided, WaitingNotAllowed
from stream_server.compat.prosa.submission import Order, read_form, read_order
from stream_server.errors import InvalidConfiguration, StreamServerError
from stream_server.protocol.codec import Message
from stream_server.text.formatting import Formatting

MODELS = ("stt-general",)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def read(config: Message | None = None, request: Message | None = None, **others: object) -> Order:
    """Read a submission with a model and data, unless said otherwise."""
    message = {"config": {"model": "stt-general", **(config or {})}, "request": {"data": "QUJD", **(request or {})}}
    return read_order({**message, **others}, MODELS)


def test_a_submission() -> None:
    """Options, data, and what is to be said back: every option, and what the client says of its audio."""
    order = read({"wait": True, "speaker_count": 2, "include_filler": True}, {"label": "Rapat", "duration": 2.5})
    assert (order.data, order.uri, order.wait) == ("QUJD", None, True)
    assert (order.options.label, order.options.speaker_count, order.options.formatting.fillers) == ("Rapat", 2, True)
    assert order.config == {
        "job_config": {
            "model": "stt-general",
            "wait": True,
            "include_filler": True,
            "include_partial_results": False,
            "auto_punctuation": False,
            "enable_spoken_numerals": False,
            "enable_speech_insights": False,
            "enable_voice_insights": False,
            "speaker_count": 2,
        },
        "request": {
            "label": "Rapat",
            "uri": None,
            "mime_type": None,
            "duration": 2.5,
            "sample_rate": None,
            "channels": None,
        },
    }


@pytest.mark.parametrize("said", ["true", "True", "1", 1, True, "yes"])
def test_booleans_may_be_strings(said: object) -> None:
    """A tool of GDP Labs sends them so."""
    assert read({"include_filler": said}).options.formatting.fillers
    assert not read({"include_filler": "false"}).options.formatting.fillers


def test_older_names_and_flat_fields() -> None:
    """`engine` is `model`, `audio` is `data`; both objects may be left out."""
    assert read_order({"engine": "stt-general", "audio": "QUJD", "label": "x"}, MODELS).data == "QUJD"
    assert read_order({"config": {"engine": "stt-general"}, "uri": "https://a/b.mp3"}, MODELS).uri == "https://a/b.mp3"


def test_a_form() -> None:
    """Its fields are the two objects as JSON, or what belongs in them; a file is the audio."""
    message = read_form(
        [("config", '{"model": "stt-general"}'), ("label", "x"), ("wait", "true"), ("speaker_count", "")]
    )
    order = read_order(message, MODELS, has_file=True)
    assert (order.data, order.uri, order.wait, order.options.label) == (None, None, True, "x")


@pytest.mark.parametrize("said", [1, 0, None, "1", "many", 400, -2, True])
def test_one_speaker_is_no_hint(said: object) -> None:
    """It is sent by clients who do not know, so voices are told apart all the same; so they are for nonsense."""
    order = read({"speaker_count": said})
    assert (order.options.speaker_count, order.config["job_config"]["speaker_count"]) == (None, 1)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"config": {}, "request": {"data": "QUJD"}}, InvalidConfiguration),
        ({"config": {"model": "x"}, "request": {"data": "QUJD"}}, ModelNotFound),
        ({"config": {"model": "stt-general"}, "request": {"data": "", "uri": None}}, NoAudioProvided),
        ({"config": {"model": "stt-general"}}, NoAudioProvided),
        ({"config": {"model": "stt-general"}, "request": {"data": "QUJD", "uri": "https://a/"}}, InvalidConfiguration),
        ({"config": {"model": "stt-general", "wait": True}, "request": {"uri": "https://a/"}}, WaitingNotAllowed),
        ({"config": {"model": "stt-general", "wait": "perhaps"}, "request": {"data": "QUJD"}}, InvalidConfiguration),
        ({"config": [], "request": {"data": "QUJD"}}, InvalidConfiguration),
        ({"config": {"model": "stt-general"}, "request": {"data": 5}}, InvalidConfiguration),
    ],
)
def test_what_is_refused(message: Message, error: type[StreamServerError]) -> None:
    """No model, another model, no audio, audio twice, waiting for a fetch, what is no boolean or no object."""
    with pytest.raises(error):
        read_order(message, MODELS)


@given(config=st.dictionaries(st.text(), JSON), request=st.dictionaries(st.text(), JSON) | JSON)
def test_any_json_is_read_or_refused(config: Message, request: object) -> None:
    """Nothing but errors of ours comes of whatever strangers send."""
    try:
        order = read_order({"config": {"model": "stt-general", **config}, "request": request, "data": "QUJD"}, MODELS)
    except StreamServerError:
        return
    assert order.config["job_config"]["model"] == "stt-general"


def test_how_words_are_written() -> None:
    """Nothing is written well that nobody asks for, as the vendor's defaults are."""
    plain = Formatting(numbers=False, punctuation=False, capitals=False, spelling=False, fillers=False)
    assert read({}).options.formatting == plain
    asked = {"auto_punctuation": "true", "enable_spoken_numerals": True, "include_filler": 1}
    assert read(asked).options.formatting == Formatting()
    assert read({"enable_spoken_numerals": True}).options.formatting == replace(plain, numbers=True)
