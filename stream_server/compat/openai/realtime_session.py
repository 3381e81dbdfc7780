"""The session object of Realtime transcription: what clients set in it, how updates merge, and what it means to us.

Every key is echoed as the client set it. Absent keys stay as they are; `null` turns a thing off. The beta's flat keys
and the tree of the released API are understood alike, whichever a client sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from stream_server.compat.openai.hints import hints, languages_of
from stream_server.errors import InvalidConfiguration
from stream_server.events import ChangeOptions
from stream_server.protocol.codec import Message
from stream_server.session.options import AudioFormat

CLOCK_RATE = 24_000
"""Hz of every session's clock: the API's own rate, whatever the audio's."""

SERVER_VAD: Mapping[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}
"""The vendor's defaults."""

SILENCE_OF_EAGERNESS_MS = {"low": 1_000, "medium": 600, "auto": 600, "high": 300}
"""What `semantic_vad` means here, where silence alone ends a turn."""

SHORTEST_SILENCE_MS, LONGEST_SILENCE_MS = 10, 5_000

COMMITTING_MODELS = ("gpt-realtime-whisper", "gpt-live-transcribe")
"""Models without turn detection: their clients commit on their own, and a commit of ours would make theirs fail."""

_ENCODINGS = {"audio/pcm": "pcm_s16le", "audio/pcmu": "pcm_mulaw", "audio/pcma": "pcm_alaw"}
_BETA_FORMATS = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
_BETA_NAMES = {released: beta for beta, released in _BETA_FORMATS.items()}
TELEPHONE_RATE = 8_000

_KEYS = {
    "transcription": ("model", "language", "languages", "prompt", "keywords", "delay"),
    "noise_reduction": ("type",),
    "turn_detection": (
        *("type", "threshold", "prefix_padding_ms", "silence_duration_ms", "eagerness"),
        *("create_response", "interrupt_response", "idle_timeout_ms"),
    ),
}
"""What the API knows; other keys are ignored, as everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFormat:
    """What the appended bytes are. `rate` of PCM may be another than the vendor's: an extension."""

    type: str = "audio/pcm"
    rate: int = CLOCK_RATE

    @property
    def audio(self) -> AudioFormat:
        """The format as a session declares it."""
        raw_rate = None if self.rate == CLOCK_RATE else self.rate
        return AudioFormat(encoding=_ENCODINGS[self.type], sample_rate=CLOCK_RATE, raw_rate=raw_rate)

    def clock_samples(self, size: int) -> float:
        """Return how far the clock runs on with so many bytes."""
        return size / (2 if self.type == "audio/pcm" else 1) * CLOCK_RATE / self.rate

    @property
    def object(self) -> Message:
        """The format as the API writes it: only PCM has a rate."""
        return {"type": self.type, "rate": self.rate} if self.type == "audio/pcm" else {"type": self.type}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """What holds for a connection. `turn_detection` None: the client commits; `chose_turns`: it said so itself."""

    type: str = "transcription"
    format: InputFormat = InputFormat()
    transcription: Mapping[str, Any] | None = None
    noise_reduction: Mapping[str, Any] | None = None
    turn_detection: Mapping[str, Any] | None = None
    include: tuple[str, ...] | None = None
    chose_turns: bool = False

    def merged(self, session: Message) -> SessionConfig:
        """Return the configuration after an update; raises `InvalidConfiguration`, and nothing has changed."""
        given = _flat(session)
        kind = session.get("type")
        config = replace(
            self,
            type=kind if kind in ("transcription", "realtime") else self.type,
            format=_read_format(given["format"], self.format) if "format" in given else self.format,
            transcription=_merge(self.transcription, given, "transcription"),
            noise_reduction=_merge(self.noise_reduction, given, "noise_reduction"),
            include=_read_include(session["include"]) if "include" in session else self.include,
        )
        if "turn_detection" in given:
            merged = _merge(_same_kind(self.turn_detection, given["turn_detection"]), given, "turn_detection")
            return replace(config, turn_detection=merged, chose_turns=True)
        model = str((config.transcription or {}).get("model"))
        if not config.chose_turns and model.startswith(COMMITTING_MODELS):
            return replace(config, turn_detection=None)
        return config

    @property
    def options(self) -> ChangeOptions:
        """What a session is to recognise by."""
        given = self.transcription or {}
        languages = languages_of(given.get("language"), given.get("languages"))
        hotwords, context = hints(given.get("prompt"), given.get("keywords"))
        return ChangeOptions(
            language=languages[0] if len(languages) == 1 else "",
            languages=languages if len(languages) > 1 else (),
            hotwords=hotwords,
            context=context,
            endpointing_ms=self._silence_ms,
        )

    @property
    def prefix_ms(self) -> int:
        """How much before speech a turn is said to begin."""
        given = (self.turn_detection or {}).get("prefix_padding_ms", SERVER_VAD["prefix_padding_ms"])
        return int(given) if _is_number(given) and 0 <= given <= LONGEST_SILENCE_MS else 0

    def object(self, session_id: str, expires_at: int) -> Message:
        """Return the whole configuration as the released API writes it."""
        heard = {
            "format": self.format.object,
            "noise_reduction": self.noise_reduction,
            "transcription": self.transcription,
            "turn_detection": self.turn_detection,
        }
        return {
            "type": self.type,
            "object": f"realtime.{'transcription_' if self.type == 'transcription' else ''}session",
            "id": session_id,
            "expires_at": expires_at,
            "include": None if self.include is None else list(self.include),
            "audio": {"input": heard},
        }

    def beta_object(self, session_id: str, expires_at: int) -> Message:
        """Return the whole configuration as the beta wrote it."""
        return {
            "object": "realtime.transcription_session",
            "id": session_id,
            "expires_at": expires_at,
            "include": None if self.include is None else list(self.include),
            "input_audio_format": _BETA_NAMES[self.format.type],
            "input_audio_noise_reduction": self.noise_reduction,
            "input_audio_transcription": self.transcription,
            "turn_detection": self.turn_detection,
        }

    @property
    def _silence_ms(self) -> int | None:
        turns = self.turn_detection
        if turns is None:
            return None
        given = turns.get("silence_duration_ms", SERVER_VAD["silence_duration_ms"])
        if turns.get("type") == "semantic_vad":
            given = SILENCE_OF_EAGERNESS_MS.get(str(turns.get("eagerness")), SILENCE_OF_EAGERNESS_MS["auto"])
        silence = given if _is_number(given) else SERVER_VAD["silence_duration_ms"]
        clamped: float = min(max(silence, SHORTEST_SILENCE_MS), LONGEST_SILENCE_MS)
        return round(clamped)


def opening_config(model: str) -> SessionConfig:
    """Return what holds before any update: turns are detected, so that audio alone is enough."""
    transcription = {"model": model, "language": None, "prompt": ""}
    return SessionConfig(transcription=transcription, turn_detection=SERVER_VAD)


def _flat(session: Message) -> Message:
    """Return the settings of the input under one set of names."""
    audio = _object(session.get("audio"), "session.audio")
    given = dict(_object(audio.get("input"), "session.audio.input"))
    for beta, name in (
        ("input_audio_format", "format"),
        ("input_audio_transcription", "transcription"),
        ("input_audio_noise_reduction", "noise_reduction"),
        ("turn_detection", "turn_detection"),
    ):
        if beta in session:
            given.setdefault(name, session[beta])
    return given


def _read_format(value: object, before: InputFormat) -> InputFormat:
    if value is None:
        return InputFormat()
    given = {"type": _BETA_FORMATS.get(value, value)} if isinstance(value, str) else _object(value, "format")
    kind = given.get("type", before.type)
    if not isinstance(kind, str) or kind not in _ENCODINGS:
        raise InvalidConfiguration(f"session.audio.input.format.type must be one of {', '.join(_ENCODINGS)}")
    if kind != "audio/pcm":
        return InputFormat(type=kind, rate=TELEPHONE_RATE)
    rate = given.get("rate", CLOCK_RATE)
    if not isinstance(rate, int) or not 8_000 <= rate <= 48_000:
        raise InvalidConfiguration("session.audio.input.format.rate must be between 8000 and 48000")
    return InputFormat(rate=rate)


def _merge(before: Mapping[str, Any] | None, given: Message, name: str) -> Mapping[str, Any] | None:
    """Return an object after an update of it: what is not named stays, unless all of it is turned off."""
    if name not in given:
        return before
    if given[name] is None:
        return None
    value = _object(given[name], f"session.audio.input.{name}")
    return {**(before or {}), **{key: value[key] for key in _KEYS[name] if key in value}}


def _same_kind(before: Mapping[str, Any] | None, value: object) -> Mapping[str, Any]:
    """Return what an update of turn detection starts from: one of another kind shares nothing with it."""
    kind = value.get("type", "server_vad") if isinstance(value, Mapping) else "server_vad"
    if before is not None and before.get("type") == kind:
        return before
    return SERVER_VAD if kind == "server_vad" else {}


def _read_include(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise InvalidConfiguration("session.include must be a list")
    return tuple(str(item) for item in value)


def _object(value: object, name: str) -> Mapping[str, Any]:
    """Return an object; one that is not there is empty."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidConfiguration(f"{name} must be an object")
    return value


def _is_number(value: object) -> bool:
    """Tell whether this can be reckoned with: no truth value, and no NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124  # NaN
