"""The outer vocabulary: commands that come in, events that go out.

Finer than any vendor's, so that every wire dialect is a projection of it. Times are integer samples of the session
clock (one clock for all tracks, running at the declared sample rate); seconds exist only in codecs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stream_server.errors import StreamServerError

Samples: TypeAlias = npt.NDArray[np.float32]
"""Audio as float32 in [-1, 1]."""


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Append audio.

    `samples` has shape (n, channels) at the session clock's rate. With `track` None channel k belongs to track k
    and `channels` equals the number of tracks; otherwise `channels` is 1 and the audio belongs to that track alone.
    """

    samples: Samples
    track: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """Finalize everything received so far, then answer `Flushed` with the same `flush_id`."""

    flush_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAlive:
    """Nothing, but the client is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAudio:
    """Allow the session clock to run up to this sample; None lifts the limit. See `Session.wanted_until`."""

    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndQuota:
    """No more audio will be granted: what is granted is finished, then the session ends with `QuotaExceeded`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """No more audio will come: finalize everything, then close. With `error` the session closes with that reason."""

    error: StreamServerError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameSpeaker:
    """Call a speaker so from now on, in all that was said too; None takes the name away."""

    speaker: int
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSpeakers:
    """Speaker `old` is `new`, in all that was said and from now on."""

    old: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgainNow:
    """Tell voices apart anew with all that was heard; what is seen otherwise comes as `Revised`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOptions:
    """Recognise utterances that begin from here on with these; None leaves an option as it is.

    An empty `language` means: detect it, among `languages` if any are named.
    """

    language: str | None = None
    languages: tuple[str, ...] | None = None
    hotwords: str | None = None
    context: str | None = None
    endpointing_ms: int | None = None


Command: TypeAlias = (
    Audio
    | Flush
    | KeepAlive
    | GrantAudio
    | EndQuota
    | Finish
    | RenameSpeaker
    | MergeSpeakers
    | LookAgainNow
    | ChangeOptions
)


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks: `id` counts from 1 and means one person for the whole session, whatever the person is called.

    `name` is the track's where every track is a person's, else that of a voice that was enrolled, else None.
    `confidence` is in [0, 1].
    """

    id: int
    name: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What is shown for one or more words as they were recognised, with its place on the session clock.

    `text` is the display form, `spoken` what the engine wrote; both without surrounding space, punctuation attached.
    A hidden word's `text` is "", and what a secret's words are masked with stands in both.
    `start` and `end` are None only in partials, where they may still change. `confidence` is in [0, 1].
    `speaker` is None where voices are not told apart, or where too little was heard yet to say who it was; with
    `overlap` somebody else spoke at the same time.
    """

    text: str
    spoken: str
    start: int | None
    end: int | None
    confidence: float
    speaker: Speaker | None = None
    overlap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The session accepts audio.

    With a `resume_token` it can be gone on with, if its connection is lost, for `resume_seconds`.
    """

    session_id: str
    clock_rate: int
    tracks: tuple[str, ...]
    model: str
    engine: str
    language: str | None
    resume_token: str | None = field(default=None, repr=False)
    resume_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The session goes on with another connection: it waits for audio from sample `at` on.

    `again`: somebody else goes on with it, to whom what is said from there on is new.
    """

    session_id: str
    clock_rate: int
    tracks: tuple[str, ...]
    independent_tracks: bool
    model: str
    engine: str
    language: str | None
    resume_seconds: float
    at: int
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """All before sample `at` is silence, or was said in durable events up to `sequence` that are safe in a store."""

    at: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """Speech began on a track at sample `at` (the start of the utterance, pre-roll excluded)."""

    track: int
    utterance_id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded:
    """Speech ended on a track at sample `at`; the utterance's `Final` follows, or `NothingSaid`.

    `cut`: the speaker has not paused; what is said next goes on with the sentence, as an utterance of its own.
    """

    track: int
    utterance_id: str
    at: int
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody has spoken on a track since an utterance's last speech at `since`, for `silence_ms` until `at`.

    Once for each utterance, for sessions that ask for it; the utterance's `Final` may come later.
    """

    track: int
    utterance_id: str
    since: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What is being said: replaces the previous partial of the same utterance; may be dropped on the way.

    `stable` words never change again: they are a prefix of the final's words. `tentative` words may.
    `stable_text` and `tentative_text` are their display forms; joined by a space they make the line.
    `sequence` is that of the last durable event. `lag_ms`: from hearing the last sample it covers to emitting it.
    """

    sequence: int
    track: int
    utterance_id: str
    start: int
    end: int
    stable: tuple[Word, ...]
    tentative: tuple[Word, ...]
    stable_text: str
    tentative_text: str
    language: str | None
    lag_ms: int
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A finished utterance; durable. `speaker` says most of it; the words tell who said which (`diarize.turns`)."""

    sequence: int
    track: int
    speaker: Speaker | None
    utterance_id: str
    start: int
    end: int
    words: tuple[Word, ...]
    text: str
    language: str | None
    lag_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingSaid:
    """An utterance that ended has no words after all: no final follows. Comes in the order of finals; not durable.

    With `failed` there may have been words, but it could not be recognised; a `Warned` says why.
    """

    track: int
    utterance_id: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerChange:
    """Words `first` to `stop` (exclusive) of an utterance's final were said by this speaker; None: nobody knows."""

    utterance_id: str
    first: int
    stop: int
    speaker: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What was said of speakers before is no longer so; durable, and the only way in which the past changes.

    Three steps, in this order: all that `merged` names first of a pair is said by the second; the words in `changes`
    have other speakers; `names` are what ids are called from now on. `reason` is "second_look" (the whole session was
    clustered again), "recognised" (a voice turned out to be enrolled), "renamed" or "merged" (somebody asked).
    """

    sequence: int
    reason: str
    merged: tuple[tuple[int, int], ...] = ()
    changes: tuple[SpeakerChange, ...] = ()
    names: tuple[tuple[int, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flushed:
    """Everything received before the `Flush` is final (`at` = session clock at the flush); durable."""

    sequence: int
    flush_id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Time used so far, cumulative, in samples of the session clock; durable.

    `session` is the clock's high-water mark (billable), `tracks` the sum over tracks, `speech` what the gate let
    through. `last` marks the closing report.
    """

    sequence: int
    session: int
    tracks: int
    speech: int
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LagChanged:
    """How far recognition is behind what was received; sent when it crosses a level."""

    lag_ms: int
    level: str  # "ok", "behind" or "overloaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadChanged:
    """The server gives something up, or takes it up again, for all its sessions; finals are never given up.

    `level` is "normal", "slow_partials", "finals_only" or "full" (nobody new is let in). `partial_interval_ms` is what
    holds now; None: no partials.
    """

    level: str
    partial_interval_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something the client should know and that does not end the session."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The session ends because of this error; `Closed` follows after the finals of everything accepted."""

    error: StreamServerError
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The last event. `error` None means that all went well. `at` is the session clock's end."""

    error: StreamServerError | None
    at: int


Event: TypeAlias = (
    Ready
    | Resumed
    | Acknowledged
    | SpeechStarted
    | SpeechEnded
    | Silence
    | Partial
    | Final
    | NothingSaid
    | Revised
    | Flushed
    | Usage
    | LagChanged
    | LoadChanged
    | Warned
    | Failed
    | Closed
)
DURABLE: tuple[type, ...] = (Final, Revised, Flushed, Usage)
"""Events that carry a sequence number of their own: 1, 2, 3 … without gaps, never dropped."""
