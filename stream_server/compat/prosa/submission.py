"""Read what is handed in at Prosa's `POST /v2/speech/stt`: JSON, or a form that carries the audio as a file. Pure.

Clients write booleans and numbers as strings, call `model` `engine` and `data` `audio`, and leave out the objects
`config` and `request`; all of that is understood. What is unknown means nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stream_server.compat.prosa.errors import ModelNotFound, NoAudioProvided, WaitingNotAllowed
from stream_server.compat.prosa.messages import LenientFields, read_speaker_count
from stream_server.errors import InvalidConfiguration
from stream_server.protocol.codec import Message, decode_json_object
from stream_server.session.options import SessionOptions
from stream_server.text.formatting import Formatting

FLAGS = (
    "wait",
    "include_filler",
    "include_partial_results",
    "auto_punctuation",
    "enable_spoken_numerals",
    "enable_speech_insights",
    "enable_voice_insights",
)
"""Of `config`; false unless given."""

REQUEST_FIELDS = ("label", "data", "audio", "uri", "duration", "mime_type", "sample_rate", "channels")
"""What belongs to `request`; everything else is of `config`."""

LONGEST_LABEL = 1_000
LONGEST_URI = 4_096
LONGEST_DATA = 2**31
"""Of base64; the limit on bodies is far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client wants: `data` is base64, `uri` where to fetch from; both None: the audio came as a file.

    `config` is to be said back later, see `jobs.job_json`.
    """

    options: SessionOptions
    wait: bool
    data: str | None
    uri: str | None
    mime_type: str
    config: dict[str, Any]

    @property
    def name(self) -> str:
        """What the audio might be called: its type says what GSM is, which has no header."""
        return f"audio.{self.mime_type.rpartition('/')[2]}" if self.mime_type else ""


def read_form(fields: Iterable[tuple[str, str]]) -> Message:
    """Return the message that a form's fields are: `config` and `request` as JSON, or their fields one by one."""
    message: Message = {}
    for name, value in fields:
        if name in ("config", "request"):
            message[name] = decode_json_object(value)
        elif value:
            message[name] = value
    return message


def read_order(message: Message, models: Collection[str], *, has_file: bool = False) -> Order:
    """Read a submission; its audio is a file that came with it if `has_file`.

    Raises `InvalidConfiguration`, `ModelNotFound`, `NoAudioProvided` or `WaitingNotAllowed`.
    """
    config, request = LenientFields(_part(message, "config")), LenientFields(_part(message, "request"))
    job_config = _read_config(config, models) | {"speaker_count": _part(message, "config").get("speaker_count")}
    speakers = read_speaker_count(job_config["speaker_count"])
    data = request.text("data", longest=LONGEST_DATA) or request.text("audio", longest=LONGEST_DATA) or None
    uri = request.text("uri", longest=LONGEST_URI) or None
    if not (data or uri or has_file):
        raise NoAudioProvided("request.data, request.uri or a file must be given")
    if bool(data) + bool(uri) + has_file > 1:
        raise InvalidConfiguration("only one of request.data, request.uri and a file may be given")
    if uri and job_config["wait"]:
        raise WaitingNotAllowed("what is fetched from request.uri cannot be waited for; config.wait must be false")
    label, mime_type = request.text("label", longest=LONGEST_LABEL), request.text("mime_type")
    hints = {name: _number(_part(message, "request").get(name)) for name in ("duration", "sample_rate", "channels")}
    whole = {name: int(value) for name, value in hints.items() if name != "duration" and value is not None}
    return Order(
        options=SessionOptions(
            label=label,
            partials=False,
            formatting=_read_formatting(job_config),
            speaker_count=speakers,
        ),
        wait=job_config["wait"],
        data=data,
        uri=uri,
        mime_type=mime_type or "",
        config={
            "job_config": job_config | {"speaker_count": speakers or 1},
            "request": {"label": label, "uri": uri, "mime_type": mime_type, **hints, **whole},
        },
    )


def _part(message: Message, name: str) -> Message:
    """Return one of the two objects, with those of its fields that lie beside it."""
    part = message.get(name)
    if part is not None and not isinstance(part, dict):
        raise InvalidConfiguration(f"{name} must be an object")
    beside = {
        field: value
        for field, value in message.items()
        if field not in ("config", "request") and (field in REQUEST_FIELDS) == (name == "request")
    }
    return beside | (part or {})


def _read_config(config: LenientFields, models: Collection[str]) -> dict[str, Any]:
    model = config.text("model") or config.text("engine")
    if not model:
        raise InvalidConfiguration("config.model must be given")
    if model not in models:
        raise ModelNotFound(model)
    return {"model": model} | {name: config.boolean(name) or False for name in FLAGS}


def _read_formatting(flags: Mapping[str, Any]) -> Formatting:
    """Return how words are to be written: without numerals, marks and capitals, and fillers unless they are wanted."""
    punctuated = flags["auto_punctuation"]
    return Formatting(
        numbers=flags["enable_spoken_numerals"],
        punctuation=punctuated,
        capitals=punctuated,
        spelling=punctuated,
        fillers=flags["include_filler"],
    )


def _number(value: object) -> float | None:
    """Return what a client says of its audio, if it is a number; the audio itself knows better."""
    with suppress(TypeError, ValueError, OverflowError):
        number = float(value)  # type: ignore[arg-type]  # whatever it is
        return number if 0 <= number < 1e9 else None
    return None
