"""What a client may ask of a session, validated; the same object for every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stream_server.errors import InvalidConfiguration
from stream_server.events import ChangeOptions
from stream_server.text.formatting import Formatting, is_text

ENCODINGS = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_mulaw", "pcm_alaw")
"""Raw encodings; anything else is a container, sniffed from its first bytes."""

MOST_SPEAKERS = 20
"""Told apart on one track: beyond that, voices of one person are taken for several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat:
    """What the client declares about its audio. `encoding` None: a container, or the sniffer decides.

    `sample_rate` is the session clock's rate; `raw_rate` that of headerless samples, where it is another.
    Headerless samples of `raw_channels`, where these are more, are mixed into one.
    """

    encoding: str | None = None
    sample_rate: int = 16_000
    channels: int = 1
    raw_rate: int | None = None
    raw_channels: int | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None and self.encoding not in ENCODINGS:
            raise InvalidConfiguration(f"unknown audio encoding; one of {', '.join(ENCODINGS)} is needed")
        if not all(8_000 <= rate <= 48_000 for rate in (self.sample_rate, self.raw_rate or self.sample_rate)):
            raise InvalidConfiguration("audio.sample_rate must be between 8000 and 48000 Hz")
        if not 1 <= self.channels <= 8:
            raise InvalidConfiguration("audio.channels must be between 1 and 8")
        if self.raw_channels is not None and not (self.channels == 1 and 1 <= self.raw_channels <= 8):
            raise InvalidConfiguration("audio.raw_channels must be between 1 and 8, and are mixed into one channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """Everything about one session that its client may choose.

    `tracks` names the tracks; empty means one per channel, called "track 1", "track 2" … . `independent_tracks`
    says that audio comes per track (msgpack) instead of interleaved. `language` None means auto-detect, restricted to
    `languages` if any are named; with `lenient_language` the model detects what it does not know by name. The three
    durations are the server's own where they are None. A client that `may_idle` is there as long as it answers pings;
    another has gone after `idle_seconds` without a message, or the server's own where that is less. With `silence_ms`
    the session tells when it has been quiet for so long after an utterance.
    With `translate` the words are English, whatever is spoken. `formatting` says how they are written.
    `diarize` says whether voices are told apart on a session's only track; None: they are, unless it is named, for a
    name is a person's. Of several tracks those in `shared_tracks` are listened to. `speaker_count` is how many speak
    there, if that is known, `max_speakers` how many at most.
    A `resumable` session outlives its connection for a while; its audio is raw, so that a sample is a place in it.
    """

    audio: AudioFormat = field(default_factory=AudioFormat)
    tracks: tuple[str, ...] = ()
    independent_tracks: bool = False
    model: str | None = None
    label: str | None = None
    meeting_id: str | None = None
    language: str | None = None
    languages: tuple[str, ...] = ()
    lenient_language: bool = False
    may_idle: bool = False
    idle_seconds: float | None = None
    partials: bool = True
    partial_interval_ms: int | None = None
    endpointing_ms: int | None = None
    silence_ms: int | None = None
    max_utterance_seconds: float | None = None
    hotwords: str = ""
    context: str = ""
    translate: bool = False
    formatting: Formatting = field(default_factory=Formatting)
    diarize: bool | None = None
    shared_tracks: tuple[str, ...] = ()
    speaker_count: int | None = None
    max_speakers: int | None = None
    keep_audio: bool = False
    resumable: bool = False

    def __post_init__(self) -> None:
        if self.tracks and not self.independent_tracks and len(self.tracks) != self.audio.channels:
            raise InvalidConfiguration("tracks must name every audio channel, or none")
        if self.independent_tracks and self.audio.channels != 1:
            raise InvalidConfiguration("independent tracks carry one channel each")
        if not set(self.shared_tracks) <= set(self.track_names):
            raise InvalidConfiguration("shared_tracks must be names of tracks")
        if self.resumable and self.audio.encoding is None:
            raise InvalidConfiguration("resumable needs raw audio: audio.encoding must say which")
        if len(self.tracks) > 32:
            raise InvalidConfiguration("at most 32 tracks")
        for name, lowest, highest in (
            ("partial_interval_ms", 100, 10_000),
            ("endpointing_ms", 10, 5_000),
            ("silence_ms", 100, 600_000),
            ("idle_seconds", 1, 3_600),
            ("max_utterance_seconds", 5, 28),
            ("speaker_count", 1, MOST_SPEAKERS),
            ("max_speakers", 1, MOST_SPEAKERS),
        ):
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise InvalidConfiguration(f"{name} must be between {lowest} and {highest}")
        if len(self.hotwords) > 1_000 or len(self.context) > 2_000:
            raise InvalidConfiguration("hotwords may have 1000 characters, context 2000")
        if not is_text(self.hotwords + self.context):
            raise InvalidConfiguration("hotwords and context must be text, without halves of surrogate pairs")

    def changed(self, change: ChangeOptions) -> SessionOptions:
        """Return the options as they are from a change on."""
        return replace(
            self,
            language=self.language if change.language is None else change.language or None,
            languages=self.languages if change.languages is None else change.languages,
            endpointing_ms=self.endpointing_ms if change.endpointing_ms is None else change.endpointing_ms,
            hotwords=self.hotwords if change.hotwords is None else change.hotwords,
            context=self.context if change.context is None else change.context,
        )

    @property
    def most_speakers(self) -> int:
        """Return how many speakers are told apart on a track at most."""
        return self.speaker_count or self.max_speakers or MOST_SPEAKERS

    def is_shared(self, track: str) -> bool:
        """Tell whether voices are to be told apart on a track."""
        if track in self.shared_tracks:
            return True
        if len(self.track_names) > 1:
            return False
        return not self.tracks if self.diarize is None else self.diarize

    def is_person(self, track: str) -> bool:
        """Tell whether a track's name is its speaker's."""
        return not self.is_shared(track) and (bool(self.tracks) or len(self.track_names) > 1)

    @property
    def participants(self) -> tuple[str, ...]:
        """Return the names of those who have a track of their own that is named after them."""
        return tuple(name for name in self.tracks if self.is_person(name))

    @property
    def track_names(self) -> tuple[str, ...]:
        """Every track's name, in order."""
        if self.tracks:
            return self.tracks
        return tuple(f"track {number}" for number in range(1, self.audio.channels + 1))


def renewed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of options that may have been written down before there was any `formatting`.

    `include_filler` stood alone then.
    """
    new = dict(values)
    if new.pop("include_filler", True) is False:
        new["formatting"] = {"fillers": False, **new.get("formatting", {})}
    return new
