"""The query of `/v1/listen`: what a client wants of a stream or of a recording.

What we have no use for is ignored; what would be dangerous to ignore is refused: a secret of `redact` that nobody finds
here, for it would be shown, and `callback`, for results would go nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stream_server.compat.deepgram.formatting import read_formatting
from stream_server.compat.deepgram.query import Query
from stream_server.errors import InvalidConfiguration
from stream_server.session.options import AudioFormat, SessionOptions

ENCODINGS = {"linear16": "pcm_s16le", "linear32": "pcm_f32le", "mulaw": "pcm_mulaw", "alaw": "pcm_alaw"}
"""Headerless audio."""

CONTAINERS = frozenset({"flac", "ogg-opus"})
"""Encodings that bring headers of their own: their first bytes tell."""

LONGEST_ENDPOINTING_MS = 5_000
SILENCES_MS = (100, 600_000)
HOTWORDS_CHARACTERS = 1_000
"""What a session takes."""

SPARING_INTERVAL_MS = 2_000
"""Without interim results partials only serve to finalise long speech in pieces: a quarter of them is enough."""

UTTERANCE_SPLIT_SECONDS = 0.8
"""Silence between utterances of a recording where nobody says otherwise; Deepgram's own."""

_LANGUAGE = re.compile(r"([a-z]{2,3})([-_][a-z0-9]+)*", re.IGNORECASE)
_BOOST = re.compile(r"(.+?)(:-?\d+(\.\d+)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """What is wanted. `raw` declares headerless bytes, None: a container.

    `formatted`: words are shown with case and punctuation. `endpointing` False: the client ends turns itself.
    `multilingual`: every result says its languages.
    """

    raw: AudioFormat | None
    multichannel: bool
    interim_results: bool
    vad_events: bool
    endpointing: bool
    formatted: bool
    diarize: bool
    multilingual: bool
    detect_language: bool
    paragraphs: bool
    utterances: bool
    utterance_split_seconds: float
    options: SessionOptions


def read_listen(
    parameters: Sequence[tuple[str, str]], *, shortest_endpointing_ms: int = 10, idle_seconds: float | None = None
) -> Listen:
    """Read a query; raises `InvalidConfiguration` that names the parameter.

    `shortest_endpointing_ms` is what a shorter `endpointing` becomes, `idle_seconds` how long a stream may say nothing.
    """
    query = Query(parameters)
    if query.is_on("callback"):
        raise InvalidConfiguration("callback is not supported here")
    multichannel, interim, diarize = (
        query.is_on("multichannel"),
        query.is_on("interim_results"),
        query.is_on("diarize", "diarize_model", "diarize_version"),
    )
    channels = query.integer("channels") or 1
    raw = _read_raw(query, channels)
    endpointing, endpointing_ms = _read_endpointing(query, shortest_endpointing_ms)
    detect, languages = _read_detection(query)
    language = None if detect else read_language(query.text("language"))
    audio = stream_format(raw, channels, multichannel=multichannel)
    shared = SessionOptions(audio=audio).track_names if diarize and audio.channels > 1 else ()
    paragraphs = query.is_on("paragraphs", "smart_format")
    formatted = paragraphs or query.is_on("punctuate")
    return Listen(
        raw=raw,
        multichannel=multichannel,
        interim_results=interim,
        vad_events=query.is_on("vad_events"),
        endpointing=endpointing,
        formatted=formatted,
        diarize=diarize,
        multilingual=query.text("language") == "multi",
        detect_language=detect,
        paragraphs=paragraphs,
        utterances=query.is_on("utterances"),
        utterance_split_seconds=query.number("utt_split", UTTERANCE_SPLIT_SECONDS),
        options=SessionOptions(
            audio=audio,
            language=language,
            languages=languages,
            lenient_language=True,
            idle_seconds=idle_seconds,
            partial_interval_ms=None if interim else SPARING_INTERVAL_MS,
            endpointing_ms=endpointing_ms,
            silence_ms=_read_silence(query),
            hotwords=read_hotwords([*query.texts("keyterm"), *map(_without_boost, query.texts("keywords"))]),
            formatting=read_formatting(query, formatted=formatted),
            diarize=diarize,
            shared_tracks=shared,
        ),
    )


def read_language(value: str | None) -> str | None:
    """Return a language's code; None, to be detected, for `multi` and for what is no code at all."""
    match = _LANGUAGE.fullmatch(value or "")
    return match[1].lower() if match else None


def read_hotwords(terms: Iterable[str]) -> str:
    """Return terms as a session takes them: as many as fit."""
    line = ""
    for term in filter(None, (term.strip() for term in terms)):
        longer = f"{line}, {term}" if line else term
        if len(longer) > HOTWORDS_CHARACTERS:
            break
        line = longer
    return line


def stream_format(raw: AudioFormat | None, channels: int, *, multichannel: bool) -> AudioFormat:
    """Return how a stream comes: a track for each channel with `multichannel`, else mixed into one."""
    if raw is None:
        return AudioFormat(channels=channels if multichannel else 1)
    if multichannel or channels == 1:
        return raw
    return AudioFormat(encoding=raw.encoding, sample_rate=raw.sample_rate, raw_channels=channels)


def _read_raw(query: Query, channels: int) -> AudioFormat | None:
    encoding, rate = (query.text("encoding") or "").lower(), query.integer("sample_rate")
    if not encoding or encoding in CONTAINERS:
        return None
    if encoding not in ENCODINGS:
        raise InvalidConfiguration(f"encoding must be one of {', '.join((*ENCODINGS, *sorted(CONTAINERS)))}, or absent")
    if rate is None:
        raise InvalidConfiguration("sample_rate must be given with encoding")
    return AudioFormat(encoding=ENCODINGS[encoding], sample_rate=rate, channels=channels)


def _read_endpointing(query: Query, shortest_ms: int) -> tuple[bool, int | None]:
    """Return whether speech ends by itself, and after how much silence if the client says so."""
    value = (query.text("endpointing") or "true").lower()
    if value == "true":
        return True, None
    wanted = query.integer("endpointing")
    if not wanted:
        return False, None
    return True, min(max(wanted, shortest_ms), LONGEST_ENDPOINTING_MS)


def _read_silence(query: Query) -> int | None:
    wanted = query.integer("utterance_end_ms")
    return min(max(wanted, SILENCES_MS[0]), SILENCES_MS[1]) if wanted else None


def _read_detection(query: Query) -> tuple[bool, tuple[str, ...]]:
    """Return whether the language is to be detected, and among which: the parameter may repeat with codes."""
    values = query.texts("detect_language")
    languages = tuple(code for code in map(read_language, values) if code is not None and len(code) == 2)
    return query.is_on("detect_language"), languages


def _without_boost(keyword: str) -> str:
    """Return a keyword without how much it is to be favoured; "" for one that is to be avoided."""
    match = _BOOST.fullmatch(keyword)
    if match is None or (match[2] or "").startswith(":-"):
        return ""
    return match[1]
