"""The few names of `livekit` that gl-speech's plugin touches, with LiveKit's shapes (livekit-agents 1.8.9)."""

from __future__ import annotations

import io
import sys
import wave
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any


@dataclass
class AudioFrame:
    """Interleaved s16le samples."""

    data: bytes
    sample_rate: int
    num_channels: int
    samples_per_channel: int

    def to_wav_bytes(self) -> bytes:
        """Return a WAV file with a header of 44 bytes."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setparams((self.num_channels, 2, self.sample_rate, 0, "NONE", ""))
            writer.writeframes(self.data)
        return file.getvalue()


def combine_audio_frames(frames: list[AudioFrame]) -> AudioFrame:
    """Join frames; the plugin's tests here give one."""
    (frame,) = frames
    return frame


class Base:
    """Stands for `stt.STT`, `tts.TTS` and `tts.ChunkedStream`: they keep nothing that the plugin reads."""

    def __init__(self, **_: Any) -> None: ...


@dataclass
class STTCapabilities:
    streaming: bool
    interim_results: bool


class SpeechEventType(Enum):
    FINAL_TRANSCRIPT = "final_transcript"


@dataclass
class SpeechData:
    language: str
    text: str
    confidence: float


@dataclass
class SpeechEvent:
    type: SpeechEventType
    alternatives: list[SpeechData] = field(default_factory=list)


@dataclass
class APIConnectOptions:
    timeout: float = 10.0


def install() -> None:
    """Put the names where the plugin imports them from."""
    add("livekit.rtc", AudioFrame=AudioFrame, combine_audio_frames=combine_audio_frames)
    speech = (STTCapabilities, SpeechEventType, SpeechData, SpeechEvent)
    add("livekit.agents.stt", STT=Base, **{cls.__name__: cls for cls in speech})
    add("livekit.agents.tts", TTS=Base, ChunkedStream=Base, TTSCapabilities=dict, AudioEmitter=object)
    options = {"APIConnectOptions": APIConnectOptions, "DEFAULT_API_CONNECT_OPTIONS": APIConnectOptions()}
    add("livekit.agents.types", NOT_GIVEN=None, NotGivenOr=Any, **options)
    add("livekit.agents.utils", AudioBuffer=Any, shortuuid=str)


def add(name: str, **names: Any) -> None:
    """Make a module, and the packages above it, importable."""
    parent, _, own = name.rpartition(".")
    if parent and parent not in sys.modules:
        add(parent)
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(names)
    if parent:
        setattr(sys.modules[parent], own, module)
