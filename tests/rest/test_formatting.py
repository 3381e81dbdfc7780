"""POST /v1/format_transcript: text, words and records as people read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Authenticator
from stream_server.rest.application import make_application
from stream_server.rest.formatting import FormatTranscript
from stream_server.rest.transcript_writer import TranscriptWriter
from stream_server.store.memory import MemoryStore
from stream_server.store.records import Append, Begin, Entry, Record, Segment, SegmentWord
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from stream_server.store.vocabularies import Vocabulary
from stream_server.text.formatting import Term
from tests.live import make_key

Client = TestClient[web.Request, web.Application]

PATH = "/v1/format_transcript"
RATE = 1000
MOST_WORDS = 20

PRICE = "harganya satu juta tujuh ratus lima puluh ribu rupiah"


def entries(record_id: str, organisation: str, text: str) -> list[Entry]:
    """Make a record of one utterance, half a second a word."""
    head = Record(id=record_id, organisation=organisation, started_at=1.0, clock_rate=RATE, model="base")
    words = tuple(
        SegmentWord(text=word, spoken=word, start=500 * n, end=500 * n + 400, confidence=1 - n / 100, speaker=1)
        for n, word in enumerate(text.split())
    )
    said = Segment(
        sequence=1,
        utterance_id="u1",
        track=0,
        start=0,
        end=words[-1].end,
        text=text,
        language="id",
        speaker=1,
        words=words,
    )
    changes = (Begin(record=head, now=1.0), Append(segment=said, names=((1, "Ani"),)))
    return [Entry(organisation=organisation, record_id=record_id, change=change) for change in changes]


@pytest_asyncio.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqlRecordStore]:
    """Give a record of `acme`, one of another organisation, and one that is too long."""
    database = await Database.open(tmp_path / "records.sqlite3")
    store = SqlRecordStore(database)
    long = " ".join(["kata"] * (MOST_WORDS + 1))
    await store.write([*entries("s1", "acme", PRICE), *entries("s2", "other", PRICE), *entries("s3", "acme", long)])
    yield store
    await database.close()


@pytest.fixture
def keys() -> MemoryStore:
    """Give a store of keys."""
    return MemoryStore()


@pytest_asyncio.fixture
async def client(records: SqlRecordStore, keys: MemoryStore) -> AsyncIterator[Client]:
    """Give a client of the route."""
    authenticator = Authenticator(keys, open_access=False)

    async def vocabulary(organisation: str) -> Vocabulary:
        return Vocabulary(terms=(Term("Prosa"),) if organisation == "acme" else ())

    writer = TranscriptWriter(max_words=MOST_WORDS, max_seconds=100.0, max_waiting=4)
    routes = FormatTranscript(
        authenticator=authenticator, records=records, vocabulary=vocabulary, writer=writer, max_words=MOST_WORDS
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=10_000))) as client:
        yield client


@pytest_asyncio.fixture
async def headers(keys: MemoryStore) -> dict[str, str]:
    """Give the headers of a usual key of `acme`."""
    return {"x-api-key": await make_key(keys, "acme")}


async def formatted(client: Client, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    """Return what is answered."""
    async with client.post(PATH, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def test_text(client: Client, headers: dict[str, str]) -> None:
    """Raw text gets numbers, capitals and a full stop; each word knows what was said for it; lines stay lines."""
    answer = await formatted(client, headers, text=f"{PRICE}\n\napakah kita jadi berangkat", language="id")
    assert answer["text"] == "Harganya Rp1.750.000.\n\nApakah kita jadi berangkat?"
    spoken = " ".join(word["spoken"] for word in answer["words"])
    assert spoken == f"{PRICE} apakah kita jadi berangkat"
    assert answer["words"][1] == {"text": "Rp1.750.000.", "spoken": PRICE.partition(" ")[2]}


async def test_options(client: Client, headers: dict[str, str]) -> None:
    """Stages are switched, terms and replacements applied; what was punctuated is taken for that."""
    plain = {"numbers": False, "punctuation": False, "capitals": False}
    assert (await formatted(client, headers, text=PRICE, language="id", options=plain))["text"] == PRICE
    terms = {
        "vocabulary": [{"text": "Meemo", "sounds_like": ["mimo"]}],
        "replace": [{"find": "bos", "replace": "Bu Ani"}],
    }
    answer = await formatted(client, headers, text="Kata bos, mimo siap.", language="id", options=terms)
    assert answer["text"] == "Kata Bu Ani, Meemo siap."


async def test_vocabulary_of_the_organisation(client: Client, headers: dict[str, str]) -> None:
    """What the organisation has said once holds here as well."""
    assert (await formatted(client, headers, text="Kita pakai prosa.", language="id"))["text"] == "Kita pakai Prosa."


async def test_words(client: Client, headers: dict[str, str]) -> None:
    """Words with times keep them; a number is one person's; a line for each turn."""
    words = [
        {"text": "dua", "start": 0.0, "end": 0.4, "speaker": 1},
        {"text": "puluh", "start": 0.5, "end": 0.9, "speaker": 1},
        {"text": "lima", "start": 1.0, "end": 1.4, "speaker": 1},
        {"text": "tiga", "start": 1.5, "end": 1.9, "speaker": 2},
    ]
    answer = await formatted(client, headers, words=words, language="id", raw=False)
    assert answer["text"] == "25\ntiga"
    assert answer["words"][0] == {"text": "25", "spoken": "dua puluh lima", "start": 0.0, "end": 1.4, "speaker": 1}


async def test_people_who_speak_at_once(client: Client, headers: dict[str, str]) -> None:
    """A word may begin before the one in front ends; each turn is a text of its own."""
    words = [
        {"text": "kapan", "start": 0.0, "end": 1.0, "speaker": 1},
        {"text": "besok", "start": 0.9, "end": 1.5, "speaker": 2},
        {"text": "oke", "speaker": 1},
        {"text": "siap", "end": 1.2, "speaker": 2},
        {"text": "baik", "start": 1.4, "speaker": 1},
    ]
    answer = await formatted(client, headers, words=words, language="id", raw=True)
    assert answer["text"] == "Kapan?\nBesok.\nOke.\nSiap.\nBaik."
    assert [word.get("start") for word in answer["words"]] == [0.0, 0.9, None, None, 1.4]


async def test_a_record(client: Client, headers: dict[str, str]) -> None:
    """A record's spoken words are written in its own language; the record itself stays as it is."""
    answer = await formatted(client, headers, record_id="s1")
    assert answer["text"] == "Ani: Harganya Rp1.750.000.\n"
    assert answer["words"][1] == {
        "text": "Rp1.750.000.", "spoken": PRICE.partition(" ")[2], "start": 0.5, "end": 4.4, "speaker": 1,
    }  # fmt: skip
    assert (await formatted(client, headers, record_id="s1", options={"numbers": False}))["text"].startswith(
        "Ani: Harganya satu"
    )


@pytest.mark.parametrize(
    ("body", "status", "names"),
    [
        ([], 400, "object"),
        ({}, 400, "text, words, record_id"),
        ({"text": "a", "record_id": "s1"}, 400, "text, words, record_id"),
        ({"text": 5}, 400, "text"),
        ({"text": "a", "language": "?"}, 400, "language"),
        ({"text": "a", "raw": "yes"}, 400, "raw"),
        ({"text": "a", "option": {}}, 400, "option"),
        ({"text": "a", "options": {"redacted": []}}, 400, "redacted"),
        ({"text": "a", "options": {"redact": ["secrets"]}}, 400, "redact"),
        ({"words": [{"text": "two words"}]}, 400, "words.text"),
        ({"words": [{"text": "a", "start": 2, "end": 1}]}, 400, "order"),
        ({"words": [{"text": "a", "start": 2}, {"text": "a"}, {"text": "a", "start": 1}]}, 400, "order"),
        ({"words": [{"text": "a", "colour": 2}]}, 400, "colour"),
        ({"text": "a " * (MOST_WORDS + 1)}, 413, "max_formatted_words"),
        ({"words": [{"text": "a"}] * (MOST_WORDS + 1)}, 413, "max_formatted_words"),
        ({"record_id": "s3"}, 413, "max_formatted_words"),
        ({"record_id": "s2"}, 404, ""),
        ({"record_id": "nowhere"}, 404, ""),
    ],
)
async def test_refusals(client: Client, headers: dict[str, str], body: Any, status: int, names: str) -> None:
    """What cannot be formatted is refused by name; another organisation's record is not there."""
    async with client.post(PATH, json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        assert names in (await answer.json())["error"]["message"]


async def test_a_key_is_needed(client: Client) -> None:
    """Nobody formats without one."""
    async with client.post(PATH, json={"text": "a"}) as answer:
        assert answer.status == 401
