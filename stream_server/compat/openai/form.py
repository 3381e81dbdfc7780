"""The form of a request for a transcription or a translation. Unknown fields mean nothing; few can be wrong.

SDKs write lists as `name[]`, objects as `name[key]`; others leave the brackets out or send JSON. All are taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from stream_server.compat.openai.errors import InvalidParameter
from stream_server.compat.openai.hints import hints, languages_of
from stream_server.session.options import SessionOptions

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]

TRANSLATED: tuple[ResponseFormat, ...] = ("json", "text", "srt", "vtt", "verbose_json")

DIARIZING = "diarize"
"""A model of such a name tells voices apart, as does the format that shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for of a recording."""

    options: SessionOptions
    response_format: ResponseFormat = "json"
    words: bool = False
    segments: bool = True
    logprobs: bool = False
    stream: bool = False


def read_transcription(fields: Sequence[tuple[str, str]]) -> Wanted:
    """Read what is wanted of a transcription; raises `InvalidParameter`."""
    form = _Form(fields)
    wanted = form.response_format(get_args(ResponseFormat))
    granularities = form.all("timestamp_granularities")
    diarize = wanted == "diarized_json" or DIARIZING in form.first("model")
    return Wanted(
        options=form.options(diarize=diarize, translate=False),
        response_format=wanted,
        words="word" in granularities,
        segments="segment" in granularities or "word" not in granularities,
        logprobs="logprobs" in form.all("include"),
        stream=form.first("stream").lower() == "true",
    )


def read_translation(fields: Sequence[tuple[str, str]]) -> Wanted:
    """Read what is wanted of a translation into English; raises `InvalidParameter`."""
    form = _Form(fields)
    wanted = form.response_format(TRANSLATED)
    return Wanted(options=form.options(diarize=False, translate=True), response_format=wanted)


class _Form:
    """Fields by name, with or without brackets."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = [(name.removesuffix("[]"), value.strip()) for name, value in fields]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value for known, value in self._fields if known == name]

    def first(self, name: str) -> str:
        """Return the first value of a field, "" if there is none."""
        return next(iter(self.all(name)), "")

    def response_format(self, known: Sequence[str]) -> ResponseFormat:
        """Return the format that is asked for, `json` if none is."""
        wanted = self.first("response_format") or "json"
        if wanted not in known:
            raise InvalidParameter(f"response_format must be one of {', '.join(known)}", param="response_format")
        return cast("ResponseFormat", wanted)

    def options(self, *, diarize: bool, translate: bool) -> SessionOptions:
        """Return the options of a session that does what is wanted."""
        self._check_temperature()
        languages = languages_of(self.first("language"), self.all("languages"))
        hotwords, context = hints(self.first("prompt"), self.all("keywords"))
        return SessionOptions(
            language=languages[0] if len(languages) == 1 else None,
            languages=languages if len(languages) > 1 else (),
            lenient_language=True,
            hotwords=hotwords,
            context=context,
            diarize=diarize,
            translate=translate,
        )

    def _check_temperature(self) -> None:
        """Refuse what is no temperature; there is nothing to do with one that is, for decoding never draws lots."""
        given = self.first("temperature")
        try:
            valid = not given or 0 <= float(given) <= 1
        except ValueError:
            valid = False
        if not valid:
            raise InvalidParameter("temperature must be a number between 0 and 1", param="temperature")
