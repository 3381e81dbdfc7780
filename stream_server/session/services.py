"""What a session needs from the house, as plain values and contracts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stream_server.asr.engine import Capabilities
from stream_server.audio.decoding import Decoder
from stream_server.auth import Authenticator, Principal
from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.voices import Embedding
from stream_server.events import Resumed
from stream_server.journaling import JournalKeeper
from stream_server.kept_audio import KeptAudio
from stream_server.recording import RecordKeeper
from stream_server.session.limits import Limits
from stream_server.session.observer import Observer
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.registry import Registry
from stream_server.session.session import Session
from stream_server.session.speakers import Recognise
from stream_server.session.spool import Spool
from stream_server.session.standing import Standing
from stream_server.session.written import write_options
from stream_server.store.base import Kind
from stream_server.store.journals import JournalHead
from stream_server.store.records import Record
from stream_server.text.formatting import Secret
from stream_server.usage import UsageRecorder
from stream_server.vocabularies import VocabularyBook
from stream_server.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerLimits:
    """Set by the operator; see `docs/settings.md` for the reasons."""

    handshake_seconds: float = 10.0
    spool_memory_bytes: int = 1024 * 1024
    spool_disk_bytes: int = 256 * 1024 * 1024
    unheard_seconds: float = 30.0
    outbound_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything outside of a session. `submit` and `cancel` reach the workers; results come through `registry`.

    `voice_window` is the length of the windows in which voices are told apart, None where they are not, `clustering`
    what makes two of them one; `recognise` gives what names an organisation's enrolled voices. `sealed_voices` makes of
    a session's voices what its record may keep, and says which network heard them. Without `journals` no session is
    resumable, whoever asks for it.
    """

    authenticator: Authenticator
    recorder: UsageRecorder
    registry: Registry
    submit: Callable[[Work], None]
    cancel: Callable[[str], None]
    open_decoder: Callable[[AudioFormat], Decoder]
    capabilities: Capabilities
    spool_directory: Path
    records: RecordKeeper
    journals: JournalKeeper | None = None
    kept_audio: KeptAudio | None = None
    sealed_voices: Callable[[str, Mapping[int, Embedding]], tuple[str, bytes]] | None = None
    voice_window: int | None = None
    clustering: ClusteringLimits | None = None
    recognise: Callable[[str], Recognise] | None = None
    vocabularies: VocabularyBook | None = None
    redact: tuple[Secret, ...] = ()
    observer: Observer = field(default_factory=Observer)
    limits: Limits = field(default_factory=Limits)
    runner_limits: RunnerLimits = field(default_factory=RunnerLimits)
    monotonic: Callable[[], float] = time.monotonic
    clock: Callable[[], float] = time.time

    async def with_house_rules(self, options: SessionOptions, principal: Principal) -> SessionOptions:
        """Return the options of something of somebody's that opens now.

        The organisation's vocabulary is in them, and secrets that are masked here whoever speaks.
        """
        options = self.with_redaction(options)
        return options if self.vocabularies is None else await self.vocabularies.apply(options, principal.organisation)

    async def make_ready(self, options: SessionOptions) -> None:
        """Make ready what it takes to write as somebody asked for in another process; nobody waits for it here."""
        if self.vocabularies is not None:
            await self.vocabularies.make_ready(options.formatting)

    def with_redaction(self, options: SessionOptions) -> SessionOptions:
        """Return options with the secrets in them that are masked here, of what opens now or began elsewhere."""
        if not self.redact:
            return options
        return replace(options, formatting=options.formatting.with_redaction(self.redact))

    def new_session(
        self,
        session_id: str,
        options: SessionOptions,
        principal: Principal,
        *,
        limits: Limits,
        granted_until: int | None,
        standing: Standing | None = None,
    ) -> Session:
        """Return a session of somebody's that begins now, or goes on where another stood."""
        return Session(
            session_id,
            options,
            model=self.capabilities.model,
            engine=self.capabilities.engine,
            punctuates=self.capabilities.punctuates,
            now=self.monotonic(),
            limits=limits,
            granted_until=granted_until,
            voice_window=self.voice_window,
            clustering=self.clustering,
            recognise=self.recognise(principal.organisation) if self.recognise else None,
            standing=standing,
        )

    def journals_for(self, options: SessionOptions) -> JournalKeeper | None:
        """Return what keeps the journal of a session with these options; None if it cannot be resumed."""
        return self.journals if options.resumable else None

    def new_spool(self) -> Spool:
        """Return where a session's audio waits that comes faster than it is heard."""
        limits = self.runner_limits
        return Spool(self.spool_directory, memory_bytes=limits.spool_memory_bytes, disk_bytes=limits.spool_disk_bytes)

    def new_head(
        self, session_id: str, options: SessionOptions, principal: Principal, token_digest: str
    ) -> JournalHead:
        """Return the head of the journal of a session that begins now."""
        return JournalHead(
            session_id=session_id,
            organisation=principal.organisation,
            key_id=principal.key_id,
            digest=token_digest,
            started_at=self.clock(),
            options=write_options(options),
        )

    def resumed(self, session_id: str, options: SessionOptions, *, at: int, again: bool) -> Resumed:
        """Return what the client of a session is told that goes on, or of which there is but the end to tell."""
        return Resumed(
            session_id=session_id,
            clock_rate=options.audio.sample_rate,
            tracks=options.track_names,
            independent_tracks=options.independent_tracks,
            model=self.capabilities.model,
            engine=self.capabilities.engine,
            language=options.language,
            resume_seconds=self.journals.resume_seconds if self.journals else 0.0,
            at=at,
            again=again,
        )

    def new_record(
        self,
        session_id: str,
        options: SessionOptions,
        principal: Principal,
        kind: Kind,
        *,
        started_at: float | None = None,
    ) -> Record:
        """Return the head of what is kept of a session that begins now, or began then."""
        return Record(
            id=session_id,
            organisation=principal.organisation,
            user=principal.user,
            label=options.label,
            meeting_id=options.meeting_id,
            kind=kind,
            started_at=self.clock() if started_at is None else started_at,
            clock_rate=options.audio.sample_rate,
            model=self.capabilities.model,
            language=options.language,
            tracks=options.track_names,
        )
