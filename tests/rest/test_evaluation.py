"""POST /v1/eval_transcript: how far a transcript is from the truth."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Authenticator, Principal
from stream_server.errors import NotFound
from stream_server.rest.application import make_application
from stream_server.rest.evaluation import Evaluation, LoadRecord, load_from
from stream_server.rest.evaluator import Evaluator
from stream_server.store.memory import MemoryStore
from stream_server.store.records import Record, RecordStore, Segment, SegmentWord, Transcript
from tests.live import LiveServerFactory, make_key

Client = TestClient[web.Request, web.Application]

STM = "m 1 Ann 0 10 a b c d\nm 1 Ben 10 20 e f g h\n"
TURNS = [
    {"speaker": {"id": 1, "name": None}, "start_seconds": 0, "end_seconds": 12, "text": "a x c d"},
    {"speaker": {"id": 2, "name": None}, "start_seconds": 12, "end_seconds": 18, "text": "f g h i"},
]
PATH = "/v1/eval_transcript"


async def load_record(principal: Principal, record_id: str) -> Any:
    """Find the one record of acme."""
    return TURNS if (principal.organisation, record_id) == ("acme", "r1") else None


@pytest.fixture
def store() -> MemoryStore:
    """Give a store."""
    return MemoryStore()


@pytest.fixture
async def headers(store: MemoryStore) -> dict[str, str]:
    """Give the headers of acme."""
    return {"x-api-key": await make_key(store, "acme")}


def server(store: MemoryStore, *, max_words: int = 100, load: LoadRecord | None = load_record) -> TestServer:
    """Serve the route."""
    evaluation = Evaluation(
        authenticator=Authenticator(store, open_access=False),
        evaluator=Evaluator(max_words=max_words, max_seconds=100.0, max_waiting=4),
        load_record=load,
    )
    return TestServer(make_application(evaluation.routes(), max_body_bytes=10_000))


@pytest.fixture
async def client(store: MemoryStore) -> AsyncIterator[Client]:
    """Give a client of the route."""
    async with TestClient(server(store)) as client:
        yield client


@pytest.mark.parametrize(
    "hypothesis", [{"format": "json", "content": TURNS}, {"record_id": "r1"}], ids=["given", "recorded"]
)
async def test_a_report(client: Client, headers: dict[str, str], hypothesis: dict[str, Any]) -> None:
    """Words, speakers and times are scored; what is compared may be given or be a record of ours."""
    body = {"reference": {"format": "stm", "content": STM}, "hypothesis": hypothesis, "normalizer": "none"}
    async with client.post(PATH, json=body, headers=headers) as answer:
        report = await answer.json()
    assert (report["wer"]["rate"], report["cpwer"]["rate"], report["der"]["rate"]) == (0.375, 0.375, 0.184211)
    assert report["speaker_confusion"]["hypothesis_speakers"] == ["speaker 1", "speaker 2"]
    assert report["not_computed"] == {}


async def test_plain_words(client: Client, headers: dict[str, str]) -> None:
    """Two strings are texts; what they do not tell is named; a collar and a language may be given."""
    body = {"reference": "Twenty one!", "hypothesis": "21", "language": "en", "collar_seconds": 0}
    async with client.post(PATH, json=body, headers=headers) as answer:
        report = await answer.json()
    assert (report["wer"]["rate"], report["normalizer"], report["collar_seconds"]) == (0.0, "english", 0)
    assert report["not_computed"]["der"] == "the reference has no speakers"


GOOD = {"format": "text", "content": "a"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "object"),
        ({"reference": "a"}, "hypothesis must be"),
        ({"reference": 1, "hypothesis": "a"}, "reference must be"),
        ({"reference": "a", "hypothesis": "a", "mood": 1}, "reference, hypothesis, language"),
        ({"reference": {"format": "text"}, "hypothesis": "a"}, "reference must have"),
        ({"reference": GOOD | {"format": "docx"}, "hypothesis": "a"}, "reference.format"),
        ({"reference": GOOD | {"format": ["x"]}, "hypothesis": "a"}, "reference.format"),
        ({"reference": GOOD | {"content": ["secret"]}, "hypothesis": "a"}, "reference.content"),
        ({"reference": GOOD | {"format": "stm", "content": "secret"}, "hypothesis": "a"}, "the reference, line 1"),
        ({"reference": "a", "hypothesis": "a", "language": 5}, "language"),
        ({"reference": "a", "hypothesis": "a", "language": "klingon"}, "language"),
        ({"reference": "a", "hypothesis": "a", "normalizer": []}, "normalizer"),
        ({"reference": "a", "hypothesis": "a", "collar_seconds": True}, "collar_seconds"),
        ({"reference": "a", "hypothesis": "a", "collar_seconds": 11}, "collar_seconds"),
    ],
)
async def test_bad_requests(client: Client, headers: dict[str, str], body: Any, word: str) -> None:
    """What is wrong is 400 and named; what was said is not repeated."""
    async with client.post(PATH, json=body, headers=headers) as answer:
        message = (await answer.json())["error"]["message"]
    assert answer.status == 400
    assert word in message
    assert "secret" not in message


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 9_000])
async def test_what_is_no_json(client: Client, headers: dict[str, str], body: bytes) -> None:
    """It is 400, however deep it goes."""
    async with client.post(PATH, data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "invalid_configuration")


async def test_records_of_others_do_not_exist(client: Client, store: MemoryStore, headers: dict[str, str]) -> None:
    """One answer for what is not there and for what is somebody else's; and for everything, without records."""
    other = {"x-api-key": await make_key(store, "other")}
    for key, record in ((headers, "r2"), (other, "r1")):
        async with client.post(
            PATH, json={"reference": "a", "hypothesis": {"record_id": record}}, headers=key
        ) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
    async with TestClient(server(store, load=None)) as bare:
        body = {"reference": "a", "hypothesis": {"record_id": "r1"}}
        async with bare.post(PATH, json=body, headers=headers) as answer:
            assert answer.status == 404


class Shelf:
    """A store of one record: Ann's, of acme."""

    async def find_transcript(self, organisation: str, record_id: str) -> Transcript:
        """Return it."""
        if (organisation, record_id) != ("acme", "r1"):
            raise NotFound("no such record")
        record = Record(
            id="r1", organisation="acme", user="ann", started_at=0.0, clock_rate=100, model="base", tracks=("room",)
        )
        words = tuple(
            SegmentWord(text=text, spoken=text, start=at, end=at + 100, confidence=1.0, speaker=who)
            for at, text, who in ((0, "Hello", 1), (100, "Hi", 2))
        )
        said = Segment(sequence=1, utterance_id="u", track=0, start=0, end=200, text="Hello Hi", speaker=1, words=words)
        return Transcript(record=record, segments=(said,), speakers={1: "Ann", 2: None})


async def test_the_records_of_the_server(store: MemoryStore) -> None:
    """They are compared as they are kept, by whoever may read them; for others they do not exist."""
    load = load_from(cast(RecordStore, Shelf()))
    reference = {"format": "stm", "content": "m 1 Ann 0 1 hello\nm 1 Ben 1 2 hi"}
    body = {"reference": reference, "hypothesis": {"record_id": "r1"}}
    async with TestClient(server(store, load=load)) as client:
        for user, organisation, status in (
            (None, "acme", 200),
            ("ann", "acme", 200),
            ("bob", "acme", 404),
            (None, "other", 404),
        ):
            key = {"x-api-key": await make_key(store, organisation, user=user)}
            async with client.post(PATH, json=body, headers=key) as answer:
                report = await answer.json()
            assert answer.status == status
            if status == 200:
                assert report["cpwer"]["rate"] == report["der"]["rate"] == 0
                assert report["speaker_confusion"]["hypothesis_speakers"] == ["Ann", "speaker 2"]


async def test_too_many_words(store: MemoryStore, headers: dict[str, str]) -> None:
    """They are 413, and the sentence names the setting."""
    body = {"reference": "a b c", "hypothesis": "a"}
    async with (
        TestClient(server(store, max_words=2)) as client,
        client.post(PATH, json=body, headers=headers) as answer,
    ):
        assert answer.status == 413
        assert "max_evaluation_words" in (await answer.json())["error"]["message"]


async def test_keys(client: Client, store: MemoryStore) -> None:
    """A missing or unknown key is 401, one without the scope 403; nothing is read before."""
    plain = await make_key(store, "acme", scopes=("usage",))
    for headers, status in (({}, 401), ({"x-api-key": "wrong"}, 401), ({"x-api-key": plain}, 403)):
        async with client.post(PATH, data=b"{", headers=headers) as answer:
            assert answer.status == status


async def test_a_whole_server_answers(live_server: LiveServerFactory) -> None:
    """The route is there, with the bounds of the settings."""
    async with live_server(max_evaluation_words=100) as running, ClientSession() as session:
        body = {"reference": "a b", "hypothesis": "a c", "normalizer": "none"}
        async with session.post(running.url + PATH, json=body) as answer:
            assert (await answer.json())["wer"]["rate"] == 0.5
        async with session.post(running.url + PATH, json=body | {"reference": "a " * 101}) as answer:
            assert answer.status == 413
