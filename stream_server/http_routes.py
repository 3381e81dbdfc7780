"""Puts every HTTP route together with what stands behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from stream_server import __version__
from stream_server.asr.engine import Capabilities
from stream_server.auth import Authenticator
from stream_server.browser_files import PAGE, find_javascript
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.errors import StoreUnavailable
from stream_server.journaling import JournalKeeper
from stream_server.kept_audio import KeptAudio
from stream_server.open_recordings import OpenRecordings
from stream_server.open_voices import OpenVoices
from stream_server.open_webhooks import OpenWebhooks
from stream_server.record_voices import RecordVoices
from stream_server.recording import RecordKeeper
from stream_server.rest.clusters import Clusters
from stream_server.rest.deepgram import Deepgram
from stream_server.rest.documentation import Documentation
from stream_server.rest.evaluation import Evaluation, load_from
from stream_server.rest.evaluator import Evaluator
from stream_server.rest.formatting import FormatTranscript
from stream_server.rest.front import Front
from stream_server.rest.health import Health
from stream_server.rest.media import Media
from stream_server.rest.openai import OpenAI
from stream_server.rest.prosa import Prosa
from stream_server.rest.recordings import Recordings
from stream_server.rest.records import Records
from stream_server.rest.speakers import Speakers
from stream_server.rest.tokens import TokenRoutes
from stream_server.rest.transcript_writer import TranscriptWriter
from stream_server.rest.usage import Usage
from stream_server.rest.vocabulary import VocabularyRoutes
from stream_server.rest.webhooks import WebhookRoutes
from stream_server.session.registry import Registry
from stream_server.settings import Settings
from stream_server.signatures import Signatures
from stream_server.speaker_edits import SpeakerEdits
from stream_server.store.base import Store
from stream_server.store.media import MediaStore
from stream_server.store.sql_records import SqlRecordStore
from stream_server.tokens import Tokens
from stream_server.vocabularies import VocabularyBook


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRoutes:
    """What the routes stand on; `websockets` are the paths of those.

    `forget` deletes what was kept of records besides themselves.
    """

    settings: Settings
    store: Store
    authenticator: Authenticator
    tokens: Tokens
    capabilities: Capabilities
    health: Health
    websockets: Sequence[str]
    records: SqlRecordStore
    keeper: RecordKeeper
    kept_audio: KeptAudio
    forget: Callable[[Sequence[str]], Awaitable[None]]
    voices: OpenVoices
    vocabularies: VocabularyBook
    record_voices: RecordVoices
    recognition: RecognitionLimits
    registry: Registry
    webhooks: OpenWebhooks
    media: MediaStore
    signatures: Signatures
    recordings: OpenRecordings
    journals: JournalKeeper | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return every route."""
        return [
            *self.health.routes(),
            *self._front(),
            *Documentation(version=__version__, websockets=self.websockets).routes(),
            *Usage(authenticator=self.authenticator, store=self.store).routes(),
            *self._tokens(),
            *self._records(),
            *self._formatting(),
            *self._evaluation(),
            *self._speakers(),
            *VocabularyRoutes(authenticator=self.authenticator, book=self.vocabularies).routes(),
            *self._webhooks(),
            *self._recordings(),
            *self._prosa(),
            *self._deepgram(),
            *self._openai(),
            *self._media(),
        ]

    def _front(self) -> list[web.RouteDef]:
        return Front(
            version=__version__,
            model=self.capabilities.model,
            websockets=self.websockets,
            page=PAGE,
            javascript=find_javascript(),
        ).routes()

    def _tokens(self) -> list[web.RouteDef]:
        return TokenRoutes(
            authenticator=self.authenticator,
            tokens=self.tokens,
            max_seconds=self.settings.max_token_seconds,
            max_session_seconds=self.settings.max_token_session_seconds,
        ).routes()

    def _records(self) -> list[web.RouteDef]:
        return Records(
            authenticator=self.authenticator,
            store=self.records,
            audio=self.kept_audio,
            forget=self.forget,
            flush=self.keeper.flush,
        ).routes()

    def _formatting(self) -> list[web.RouteDef]:
        writer = TranscriptWriter(
            max_words=self.settings.max_formatted_words,
            max_seconds=self.settings.max_formatting_seconds,
            max_waiting=self.settings.max_waiting_formattings,
        )
        return FormatTranscript(
            authenticator=self.authenticator,
            records=self.records,
            vocabulary=self.vocabularies.known,
            writer=writer,
            max_words=self.settings.max_formatted_words,
        ).routes()

    def _evaluation(self) -> list[web.RouteDef]:
        evaluator = Evaluator(
            max_words=self.settings.max_evaluation_words,
            max_seconds=self.settings.max_evaluation_seconds,
            max_waiting=self.settings.max_waiting_evaluations,
        )
        return Evaluation(
            authenticator=self.authenticator, evaluator=evaluator, load_record=load_from(self.records)
        ).routes()

    def _speakers(self) -> list[web.RouteDef]:
        """Return where voices are enrolled and records' speakers changed."""
        speakers = Speakers(
            authenticator=self.authenticator,
            enroller=self.voices.enroller,
            records=self.records,
            max_body_bytes=self.settings.max_http_body_bytes,
        )
        edits = SpeakerEdits(
            self.records,
            self.record_voices,
            tell=self.registry.tell,
            flush=self._write_down,
            enrolled=self.voices.book.refresh,
            limits=self.recognition,
        )
        clusters = Clusters(authenticator=self.authenticator, edits=edits, records=self.records)
        return [*speakers.routes(), *clusters.routes()]

    async def _write_down(self) -> None:
        """Write down what sessions have told: in their journals, and then in their records."""
        if self.journals is not None:
            with suppress(StoreUnavailable):
                await self.journals.flush()
        await self.keeper.flush()

    def _webhooks(self) -> list[web.RouteDef]:
        return WebhookRoutes(
            authenticator=self.authenticator,
            store=self.webhooks.store,
            webhooks=self.webhooks.deliveries,
            check=self.webhooks.poster.check,
            most_endpoints=self.settings.max_webhook_endpoints,
        ).routes()

    def _recordings(self) -> list[web.RouteDef]:
        return Recordings(
            authenticator=self.authenticator,
            desk=self.recordings.desk,
            intake=self.recordings.intake,
            uploads=self.recordings.uploads,
        ).routes()

    def _prosa(self) -> list[web.RouteDef]:
        return Prosa(
            authenticator=self.authenticator,
            desk=self.recordings.desk,
            intake=self.recordings.intake,
            uploads=self.recordings.uploads,
            models=self.recordings.models,
            wait_seconds=self.settings.job_wait_seconds,
        ).routes()

    def _deepgram(self) -> list[web.RouteDef]:
        return Deepgram(
            authenticator=self.authenticator,
            transcriber=self.recordings.transcriber,
            uploads=self.recordings.uploads,
            fetcher=self.recordings.fetcher,
            capabilities=self.capabilities,
        ).routes()

    def _openai(self) -> list[web.RouteDef]:
        return OpenAI(
            authenticator=self.authenticator,
            tokens=self.tokens,
            max_token_seconds=self.settings.max_token_seconds,
            transcriber=self.recordings.transcriber,
            uploads=self.recordings.uploads,
            capabilities=self.capabilities,
        ).routes()

    def _media(self) -> list[web.RouteDef]:
        return Media(
            authenticator=self.authenticator,
            store=self.media,
            signatures=self.signatures,
            signed_seconds=self.settings.signed_url_seconds,
        ).routes()
