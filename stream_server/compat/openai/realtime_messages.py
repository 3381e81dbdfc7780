"""Events of Realtime transcription: how a client's are read, and what the server's say, less their `event_id`."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from stream_server.compat.openai.realtime_items import Item
from stream_server.compat.openai.realtime_session import CLOCK_RATE
from stream_server.diarize.turns import spoken_turns
from stream_server.errors import InvalidConfiguration, UnexpectedMessage
from stream_server.events import Final, Speaker, Word
from stream_server.protocol.codec import LONGEST_TEXT, Message, decode_json_object
from stream_server.store.records import SegmentWord
from stream_server.text.formatter import join

PER_MS = CLOCK_RATE // 1000

TRANSCRIPTION = "conversation.item.input_audio_transcription"

_AUDIO = re.compile(r'"audio"\s*:\s*"([A-Za-z0-9+/=\\]*)"')


def read_message(frame: str) -> Message:
    """Return a client's event; raises `UnexpectedMessage`, or `MessageTooLarge` for much that is no audio.

    The audio of a long one is cut out before it is parsed: megabytes of anything else would hold up everybody.
    """
    found = _AUDIO.search(frame) if len(frame) > LONGEST_TEXT else None
    if found is None:
        return decode_json_object(frame)
    message = decode_json_object(f"{frame[: found.start(1)]}{frame[found.end(1) :]}")
    if message.get("audio") != "":
        raise UnexpectedMessage("audio must stand in the event itself")
    return message | {"audio": found[1].replace("\\/", "/")}


def read_audio(message: Message) -> bytes:
    """Return the bytes of an append event; raises `InvalidConfiguration`."""
    audio = message.get("audio")
    try:
        return base64.b64decode(audio, validate=True) if isinstance(audio, str) else _no_audio()
    except (binascii.Error, ValueError):
        raise InvalidConfiguration("audio must be base64") from None


def _no_audio() -> bytes:
    raise InvalidConfiguration("audio must be a string of base64")


def write_error(error: Message, event_id: str | None) -> Message:
    """Return an error; `event_id` is that of the client's event that caused it."""
    return {"type": "error", "error": {**error, "event_id": event_id}}


def write_speech_started(item: Item, prefix_ms: int) -> Message:
    """Return that a turn has begun."""
    start = max(0, item.start // PER_MS - prefix_ms)
    return {"type": "input_audio_buffer.speech_started", "audio_start_ms": start, "item_id": item.item_id}


def write_speech_stopped(item: Item, at: int) -> Message:
    """Return that a turn is over."""
    return {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": at // PER_MS, "item_id": item.item_id}


def write_committed(item: Item, previous: str | None, *, beta: bool) -> list[Message]:
    """Return that an item is in the conversation; its words follow."""
    content = [{"type": "input_audio", "transcript": None}]
    entry = {
        "id": item.item_id,
        "object": "realtime.item",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": content,
    }
    kinds = ("conversation.item.created",) if beta else ("conversation.item.added", "conversation.item.done")
    return [
        {"type": "input_audio_buffer.committed", "item_id": item.item_id, "previous_item_id": previous},
        *({"type": kind, "previous_item_id": previous, "item": entry} for kind in kinds),
    ]


def write_delta(item: Item, delta: str) -> Message:
    """Return words that are appended to those of the item before."""
    return {"type": f"{TRANSCRIPTION}.delta", **_place(item), "delta": delta}


def write_completed(item: Item, *, with_logprobs: bool) -> Message:
    """Return all that was said in an item."""
    languages = dict.fromkeys(final.language for final in item.finals if final.language)
    message = {
        "type": f"{TRANSCRIPTION}.completed",
        **_place(item),
        "transcript": item.known,
        "usage": {"type": "duration", "seconds": round(item.seconds, 3)},
    }
    if languages:
        message["languages"] = [{"code": language} for language in languages]
    if with_logprobs:
        message["logprobs"] = logprobs(word for final in item.finals for word in final.words)
    return message


def write_failed(item: Item, error: Message) -> Message:
    """Return that nobody could tell what was said in an item."""
    return {"type": f"{TRANSCRIPTION}.failed", **_place(item), "error": error}


def write_segments(item: Item) -> list[Message]:
    """Return who said what in an item, in the seconds of the session."""
    turns = [turn for final in item.finals for turn in _turns(final)]
    return [
        {
            "type": f"{TRANSCRIPTION}.segment",
            "id": f"seg_{item.item_id}_{number}",
            **_place(item),
            "start": round(start / CLOCK_RATE, 3),
            "end": round(end / CLOCK_RATE, 3),
            "speaker": speaker_label(speaker),
            "text": text,
        }
        for number, (speaker, start, end, text) in enumerate(turns)
    ]


def speaker_label(speaker: Speaker | None) -> str:
    """Return what a speaker is called: the name that is known, else A, B … Z, then S27 and so on."""
    if speaker is None:
        return "unknown"
    return speaker.name or speaker_letter(speaker.id)


def speaker_letter(number: int) -> str:
    """Return the letter of a speaker, counted from 1."""
    return chr(ord("A") + number - 1) if number <= 26 else f"S{number}"


def logprobs(words: Iterable[Word | SegmentWord]) -> list[dict[str, Any]]:
    """Return the confidence of each word that is shown, the way the API tells tokens'."""
    return [
        {
            "token": word.text,
            "bytes": list(word.text.encode()),
            "logprob": round(math.log(max(word.confidence, 1e-6)), 4),
        }
        for word in words
        if word.text
    ]


def encode(message: Message, event_id: str) -> str:
    """Return an event as it is sent."""
    return json.dumps({"event_id": event_id, **message}, ensure_ascii=False, separators=(",", ":"))


def _turns(final: Final) -> Sequence[tuple[Speaker | None, int, int, str]]:
    found = []
    for turn in spoken_turns(final.words) if final.text else ():
        first, last = turn.words[0].start, turn.words[-1].end
        start, end = final.start if first is None else first, final.end if last is None else last
        found.append((turn.speaker or final.speaker, start, end, join(word.text for word in turn.words)))
    return found


def _place(item: Item) -> dict[str, Any]:
    return {"item_id": item.item_id, "content_index": 0}
