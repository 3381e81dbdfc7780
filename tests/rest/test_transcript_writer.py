"""Short transcripts are formatted here, long ones in processes that never outlive their time."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from stream_server.errors import InternalError, MessageTooLarge, ServerFull
from stream_server.protocol.fields import Fields
from stream_server.rest import transcript_writer as module
from stream_server.rest.transcript_writer import MOST_SHORT_CHARACTERS, MOST_SHORT_WORDS, TranscriptWriter
from stream_server.store.records import Record, Segment, SegmentWord, Transcript
from stream_server.transcript_formatting import Request, read_request

MOST_WORDS = 5 * MOST_SHORT_WORDS
LONG = "dua puluh lima " * MOST_SHORT_WORDS
PAUSE = "import signal; signal.pause()"


def make_writer(*, max_words: int = MOST_WORDS, max_seconds: float = 100.0, max_waiting: int = 4) -> TranscriptWriter:
    """Return a writer with room for everything."""
    return TranscriptWriter(max_words=max_words, max_seconds=max_seconds, max_waiting=max_waiting)


def request_for(**body: Any) -> Request:
    """Return a request in Indonesian, punctuated."""
    return read_request(Fields({"language": "id", "raw": False, **body}), MOST_WORDS)


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the processes run this."""
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", code))


def a_record(words: int) -> Transcript:
    """Make a record of one utterance of so many words."""
    said = tuple(
        SegmentWord(text="lima", spoken="lima", start=at, end=at + 1, confidence=1.0, speaker=1) for at in range(words)
    )
    segment = Segment(sequence=1, utterance_id="u1", track=0, start=0, end=words, text="", language="id", words=said)
    record = Record(id="s1", organisation="acme", started_at=0.0, clock_rate=1000, model="base")
    return Transcript(record=record, segments=(segment,), speakers={1: "Ani"})


async def test_a_short_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no process."""
    run_instead(monkeypatch, PAUSE)
    found = json.loads(await make_writer().write(request_for(text="dua puluh lima"), None))
    assert found == {"text": "25", "words": [{"text": "25", "spoken": "dua puluh lima"}]}


async def test_a_long_text() -> None:
    """The process writes what would have been written here."""
    found = json.loads(await make_writer().write(request_for(text=LONG), None))
    assert found["text"] == " ".join(["25"] * MOST_SHORT_WORDS)


async def test_a_long_record() -> None:
    """A record goes there whole, with its times and names."""
    record = a_record(MOST_SHORT_WORDS + 1)
    found = json.loads(await make_writer().write(request_for(record_id="s1"), record))
    assert found["text"].startswith("Ani: ")
    assert found["words"][-1]["end"] == (MOST_SHORT_WORDS + 1) / 1000


@pytest.mark.parametrize("body", [{"text": LONG}, {"text": "1" * (MOST_SHORT_CHARACTERS + 1)}])
async def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    """What takes too long is ended, and told so; a word may be long as well."""
    run_instead(monkeypatch, PAUSE)
    with pytest.raises(MessageTooLarge, match="max_formatting_seconds"):
        await make_writer(max_seconds=0.1).write(request_for(**body), None)


async def test_words_are_bounded() -> None:
    """A text of more words is refused."""
    with pytest.raises(MessageTooLarge, match="max_formatted_words"):
        await make_writer(max_words=2).write(request_for(text="dua puluh lima"), None)


async def test_a_process_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is our fault, and the next request gets a process of its own."""
    run_instead(monkeypatch, "raise SystemExit(1)")
    writer = make_writer()
    for _ in range(2):
        with pytest.raises(InternalError):
            await writer.write(request_for(text=LONG), None)


async def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second long one waits, a third is told to come back; short ones do not wait for them."""
    writer = make_writer(max_waiting=1)
    go = asyncio.Event()
    running, most = 0, 0

    async def ask(_command: tuple[str, ...], _question: bytes, _max_seconds: float) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1
        return b"{}"

    monkeypatch.setattr(module, "ask", ask)
    tasks = [asyncio.create_task(writer.write(request_for(text=LONG), None)) for _ in range(3)]
    (refused,), others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    error = refused.exception()
    assert isinstance(error, ServerFull)
    assert error.retry_after_seconds == 100.0
    assert await writer.write(request_for(text="lima"), None)
    go.set()
    assert await asyncio.gather(*others) == [b"{}", b"{}"]
    assert most == 1
