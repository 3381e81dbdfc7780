"""OpenAI's audio endpoints and its list of models, which it shares with Deepgram."""

from __future__ import annotations

import asyncio
import math
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog
from aiohttp import web

from stream_server.asr.engine import Capabilities
from stream_server.auth import Authenticator, Principal
from stream_server.compat.openai.credentials import EPHEMERAL_KEY, key_of_header
from stream_server.compat.openai.errors import (
    REQUEST_ID_HEADER,
    InvalidParameter,
    MissingParameter,
    NoSuchModel,
    error_object,
)
from stream_server.compat.openai.form import Wanted, read_transcription, read_translation
from stream_server.compat.openai.realtime_session import opening_config
from stream_server.compat.openai.transcript_events import TranscriptEvents, as_line
from stream_server.compat.openai.transcriptions import JSON, write_answer
from stream_server.errors import Forbidden, InternalError, StreamServerError, UnexpectedMessage
from stream_server.events import Event, Ready
from stream_server.jobs.recording import RECORDING_RATE, Recording, Transcriber
from stream_server.protocol.codec import Message, decode_json_object
from stream_server.protocol.token import LONGEST
from stream_server.rest.event_stream import EventStream, Lines
from stream_server.rest.patience import Patience
from stream_server.rest.records import PRIVATE
from stream_server.rest.uploads import Form, Uploads
from stream_server.store.records import Transcript
from stream_server.tokens import Tokens

ALIASES = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize", "gpt-transcribe")
"""Names under which clients look for the model; any other is taken too."""

USUAL_SECRET_SECONDS = 600
"""The vendor's default."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAI:
    """Handlers of what OpenAI's clients ask over HTTP."""

    authenticator: Authenticator
    transcriber: Transcriber
    uploads: Uploads
    capabilities: Capabilities
    tokens: Tokens
    max_token_seconds: int = 7_200
    patience: Patience = field(default_factory=Patience)
    started_at: float = field(default_factory=time.time)

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.post("/v1/audio/transcriptions", self.transcribe),
            web.post("/v1/audio/translations", self.translate),
            web.post("/v1/realtime/client_secrets", self.client_secret),
            web.get("/v1/models", self.models),
            web.get("/v1/models/{id}", self.model),
        ]

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        """Answer with what is said in a recording."""
        return await self._answer(request, read_transcription)

    async def translate(self, request: web.Request) -> web.StreamResponse:
        """Answer with what is said in a recording, in English."""
        return await self._answer(request, read_translation)

    async def client_secret(self, request: web.Request) -> web.Response:
        """Answer with a key for a browser, which opens the session that is asked for."""
        await self._principal(request)
        key = presented_key(request)
        if self.tokens.find(key) is not None:
            raise Forbidden("a client secret cannot ask for another one")
        seconds, session = read_client_secret(await request.read(), self.max_token_seconds)
        config = opening_config(self.capabilities.model).merged(session)
        value, token = self.tokens.issue(key, seconds, ("transcribe",), session=session, prefix=EPHEMERAL_KEY)
        if len(value) > LONGEST:
            raise InvalidParameter("session is too long to be carried by a client secret", param="session")
        body = {"value": value, "expires_at": token.expires, "session": config.object("", 0)}
        return web.json_response(body, headers=_headers())

    async def models(self, request: web.Request) -> web.Response:
        """Answer with what may be asked for by name; all of it is the model that is loaded."""
        await self._principal(request)
        names = dict.fromkeys((self.capabilities.model, *ALIASES))
        body = {"object": "list", "data": [self._model(name) for name in names], "stt": [], "tts": []}
        return web.json_response(body, headers=_headers())

    async def model(self, request: web.Request) -> web.Response:
        """Answer with one model."""
        await self._principal(request)
        name = request.match_info["id"]
        if name not in (self.capabilities.model, *ALIASES):
            raise NoSuchModel("no model of this name is listed; the audio endpoints take any name")
        return web.json_response(self._model(name), headers=_headers())

    def _model(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": int(self.started_at), "owned_by": "stream-server"}

    async def _principal(self, request: web.Request) -> Principal:
        return await self.authenticator.authorise(presented_key(request), "transcribe")

    async def _answer(
        self, request: web.Request, read: Callable[[Sequence[tuple[str, str]]], Wanted]
    ) -> web.StreamResponse:
        principal = await self._principal(request)
        async with self.uploads.read_form(request, principal) as form:
            wanted = read(form.fields)
            recording = read_recording(form, wanted)
            if wanted.stream:
                return await self._stream(request, principal, recording, wanted)
            work = self._transcribe(principal, recording, wanted)
            is_json = wanted.response_format.endswith("json")
            patience = self.patience if is_json else replace(self.patience, silent_seconds=math.inf)
            return await patience.answer(request, work, _headers())

    async def _transcribe(self, principal: Principal, recording: Recording, wanted: Wanted) -> web.Response:
        transcript = await self.transcriber.transcribe(principal, recording)
        answer = await asyncio.to_thread(write_answer, transcript, wanted)
        charset = None if answer.content_type == JSON else "utf-8"
        return web.Response(
            body=answer.text.encode(), content_type=answer.content_type, charset=charset, headers=_headers()
        )

    async def _stream(
        self, request: web.Request, principal: Principal, recording: Recording, wanted: Wanted
    ) -> web.StreamResponse:
        """Answer with words as they become final."""
        said, lines = TranscriptEvents(wanted, RECORDING_RATE), Lines()

        def hear(event: Event) -> None:
            if isinstance(event, Ready):
                lines.begin()
            lines.put(said.hear(event))

        work = self.transcriber.transcribe(principal, recording, on_event=hear)
        stream: EventStream[Transcript] = EventStream(ending=lambda task: _end(task, said))
        return await stream.answer(request, work, lines, _headers() | {"X-Accel-Buffering": "no"})


def presented_key(request: web.Request) -> str | None:
    """Return the key of a request."""
    return key_of_header(request.headers.get("Authorization", "")) or request.headers.get("x-api-key")


def read_client_secret(body: bytes, longest_seconds: int) -> tuple[int, Message]:
    """Return for how long a secret is wanted, and for which session; raises `InvalidParameter`."""
    try:
        values = decode_json_object(body.decode()) if body.strip() else {}
    except UnicodeDecodeError:
        raise UnexpectedMessage("the body must be JSON") from None
    session, expiry = values.get("session") or {}, values.get("expires_after") or {}
    if not isinstance(session, dict):
        raise InvalidParameter("session must be an object", param="session")
    seconds = expiry.get("seconds", USUAL_SECRET_SECONDS) if isinstance(expiry, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 10 <= seconds <= longest_seconds:
        message = f"expires_after.seconds must be between 10 and {longest_seconds}"
        raise InvalidParameter(message, param="expires_after.seconds")
    return seconds, session


def read_recording(form: Form, wanted: Wanted) -> Recording:
    """Return the file of a form and what is wanted of it; raises `MissingParameter` if there is none."""
    file = form.file("file", "file[]")
    if file is None:
        message = "Missing required parameter: 'file'."
        raise MissingParameter(message, param="file")
    return Recording(media=file.path, name=file.name, options=wanted.options)


def _end(task: asyncio.Task[Transcript], said: TranscriptEvents) -> list[str]:
    """Return the last events; an error is one that SDKs raise."""
    error = task.exception()
    if error is None:
        return said.end(task.result())
    known = error if isinstance(error, StreamServerError) else InternalError("something went wrong on our side")
    log.info("answer broken off", error=known.code, cause=type(error).__name__)
    return [as_line({"error": error_object(known)})]


def _headers() -> dict[str, str]:
    return {**PRIVATE, REQUEST_ID_HEADER: uuid.uuid4().hex}
