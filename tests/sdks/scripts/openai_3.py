"""Drive OpenAI's Python SDK: `openai_3.py MODE JOB`; prints what its users would see."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

from openai import APIError, AsyncOpenAI, OpenAI

FORMATS = ("json", "text", "srt", "vtt", "verbose_json", "diarized_json")


def client(job: dict[str, Any], **how: Any) -> OpenAI:
    """Return the SDK's client."""
    return OpenAI(api_key=job["key"], base_url=job["url"] + "/v1", **how)


def async_client(job: dict[str, Any], **how: Any) -> AsyncOpenAI:
    """Return the SDK's client for asyncio."""
    return AsyncOpenAI(api_key=job["key"], base_url=job["url"] + "/v1", **how)


def speech(job: dict[str, Any]) -> bytes:
    """Return what is to be said."""
    return Path(job["pcm"]).read_bytes()


def shown(answer: Any) -> Any:
    """Return an answer with the class that the SDK made of it."""
    return answer if isinstance(answer, str) else {"class": type(answer).__name__, **answer.model_dump(mode="json")}


def rest(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for every format, for words, for a stream, and for the models."""
    asking = client(job)
    clip = Path(job["clip"])
    told: dict[str, Any] = {}
    for form in FORMATS:
        answer = asking.audio.transcriptions.create(file=clip, model="whisper-1", response_format=form, language="en")
        told[form] = shown(answer)
    told["words"] = shown(
        asking.audio.transcriptions.create(
            file=clip,
            model="whisper-1",
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
            prompt="Announcements.",
            temperature=0.2,
        )
    )
    told["chunked"] = shown(
        asking.audio.transcriptions.create(
            file=clip,
            model="gpt-4o-transcribe",
            chunking_strategy={"type": "server_vad", "silence_duration_ms": 300},
            include=["logprobs"],
        )
    )
    stream = asking.audio.transcriptions.create(file=clip, model="gpt-4o-transcribe", stream=True)
    told["stream"] = [shown(event) for event in stream]
    told["models"] = [model.id for model in asking.models.list()]
    told["model"] = shown(asking.models.retrieve("whisper-1"))
    return told


async def rest_async(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for a transcription and a stream of a diarized one."""
    asking = async_client(job)
    clip = Path(job["clip"])
    answer = await asking.audio.transcriptions.create(file=clip, model="gpt-4o-mini-transcribe")
    stream = await asking.audio.transcriptions.create(
        file=clip, model="gpt-4o-transcribe-diarize", response_format="diarized_json", stream=True
    )
    return {"json": shown(answer), "stream": [shown(event) async for event in stream]}


async def translated(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for a translation."""
    answer = await async_client(job).audio.translations.create(
        file=Path(job["clip"]), model="whisper-1", response_format="verbose_json"
    )
    return dict(shown(answer))


async def turns(job: dict[str, Any]) -> list[Any]:
    """Let the server find turns, as the released API has it."""
    pcm = speech(job)
    told: list[Any] = []
    async with async_client(job).realtime.connect(extra_query={"intent": "transcription"}) as connection:
        heard = {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "transcription": {"model": "gpt-4o-transcribe", "language": "en"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 400},
        }
        await connection.session.update(session={"type": "transcription", "audio": {"input": heard}})
        for at in range(0, len(pcm), 9_600):
            await connection.input_audio_buffer.append(audio=base64.b64encode(pcm[at : at + 9_600]).decode())
            await asyncio.sleep(0.06)
        async for event in connection:
            told.append(shown(event))
            if event.type.endswith(".completed"):
                return told
    return told


def commits(job: dict[str, Any]) -> list[Any]:
    """Commit, clear and commit again, without turns, by the blocking client."""
    pcm = base64.b64encode(speech(job)).decode()
    told: list[Any] = []
    with client(job).realtime.connect(model="gpt-realtime") as connection:
        connection.session.update(session={"type": "transcription", "audio": {"input": {"turn_detection": None}}})
        connection.input_audio_buffer.append(audio=pcm)
        connection.input_audio_buffer.clear()
        connection.input_audio_buffer.append(audio=pcm)
        connection.input_audio_buffer.commit()
        for event in connection:
            told.append(shown(event))
            if event.type.endswith(".completed"):
                connection.input_audio_buffer.commit(event_id="too-early")
            if event.type == "error":
                return told
    return told


async def beta(job: dict[str, Any]) -> list[Any]:
    """Speak the beta, as its own part of the SDK does."""
    pcm = speech(job)
    told: list[Any] = []
    asking = async_client(job, websocket_base_url=job["url"].replace("http", "ws", 1) + "/v1")
    connecting = asking.beta.realtime.connect(model="whisper-1", extra_query={"intent": "transcription"})
    async with connecting as connection:
        await connection.transcription_session.update(
            session={
                "input_audio_format": "pcm16",
                "input_audio_transcription": {"model": "whisper-1", "language": "en"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 400},
            }
        )
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())
        async for event in connection:
            told.append(shown(event))
            if event.type.endswith(".completed"):
                return told
    return told


async def refused(job: dict[str, Any]) -> dict[str, Any]:
    """Say which exceptions the key's owner gets, of a request, of a stream and of a websocket."""
    asking = async_client(job, max_retries=0)
    told: dict[str, Any] = {}
    for name, how in (("request", {}), ("stream", {"stream": True}), ("malformed", {"response_format": "yaml"})):
        try:
            answer = await asking.audio.transcriptions.create(file=Path(job["clip"]), model="whisper-1", **how)
            told[name] = [shown(event) async for event in answer] if how.get("stream") else shown(answer)
        except APIError as error:
            status = getattr(error, "status_code", None)
            told[name] = {"raised": type(error).__name__, "status": status, "code": error.code, "param": error.param}
    try:
        async with asking.realtime.connect(model="gpt-realtime") as connection:
            told["websocket"] = shown(await connection.recv())
    except Exception as error:  # noqa: BLE001  # whatever the SDK lets through is what its users see
        response = getattr(error, "response", None)
        told["websocket"] = {"raised": type(error).__name__, "status": getattr(response, "status_code", None)}
    return told


async def cut(job: dict[str, Any]) -> dict[str, Any]:
    """Send audio until the connection ends, and say how that is seen."""
    pcm = base64.b64encode(speech(job)).decode()
    told: list[Any] = []
    try:
        async with async_client(job).realtime.connect(model="gpt-realtime") as connection:
            await connection.input_audio_buffer.append(audio=pcm)
            while True:
                told.append(shown(await connection.recv()))
    except Exception as error:  # noqa: BLE001  # as above
        closing = getattr(error, "rcvd", None)
        return {"told": told, "raised": type(error).__name__, "code": closing and closing.code}


MODES = {
    "rest": rest,
    "rest_async": rest_async,
    "translated": translated,
    "turns": turns,
    "commits": commits,
    "beta": beta,
    "refused": refused,
    "cut": cut,
}

if __name__ == "__main__":
    wanted = MODES[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps(asyncio.run(wanted) if asyncio.iscoroutine(wanted) else wanted))
