"""`transcribe-file` with a whole server: what is written where, what fails, what becomes of jobs that are given up."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
from pathlib import Path

import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import InvalidConfiguration
from stream_server.recordings_client import RecordingsClient
from stream_server.settings import Settings, load_settings
from stream_server.transcribe_files import Order, run_transcribe_files
from tests.live import LiveServer, LiveServerFactory

CLIPS = Path(__file__).parent / "audio" / "clips"


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    """Give three recordings in a directory of their own."""
    directory = tmp_path / "recordings"
    directory.mkdir()
    return [Path(shutil.copy(CLIPS / f"{name}.flac", directory)) for name in ("train", "garden", "short")]


@pytest.fixture
def settings() -> Settings:
    """Give settings that do not matter, for a server is there."""
    return load_settings({"engine": "scripted"})


async def labels(server: LiveServer) -> list[str]:
    """Return what the server's records are called."""
    async with RecordingsClient(server.url) as client, client._ask("GET", "/v1/records") as answer:
        return sorted(record["label"] for record in (await answer.json())["records"])


async def test_transcripts_go_beside_their_recordings(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has its recording's name, and so has its record; what happens is told on standard error."""
    async with live_server() as server:
        assert await run_transcribe_files(Order(files=recordings), server.url, None, settings) == 0
        assert await labels(server) == ["garden", "short", "train"]
    assert all(file.with_suffix(".txt").read_text("utf-8").strip() for file in recordings)
    told = capsys.readouterr().err
    assert f"{recordings[0]}: uploading\n" in told
    assert f"{recordings[0]}: written to {recordings[0].with_suffix('.txt')}\n" in told


@pytest.mark.parametrize(
    ("form", "sign"), [("srt", "1\n00:00:"), ("vtt", "WEBVTT"), ("md", "# board"), ("json", '{"id": "')]
)
async def test_forms(
    form: str, sign: str, live_server: LiveServerFactory, recordings: list[Path], settings: Settings
) -> None:
    """Every form of a record is one of a file's, in a directory that is made."""
    output = recordings[0].parent / "some" / "where"
    order = Order(
        files=recordings[:1],
        form=form,  # type: ignore[arg-type]  # one of them
        output=str(output),
        fields={"label": "board", "language": "id", "meeting_id": "m1", "channels": "separate"},
    )
    async with live_server() as server:
        assert await run_transcribe_files(order, server.url, None, settings) == 0
    (target,) = output.iterdir()
    assert target.name == f"train.{form}"
    assert target.read_text("utf-8").startswith(sign)
    if form == "json":
        record = json.loads(target.read_text("utf-8"))
        assert (record["language"], record["meeting_id"], record["kind"]) == ("id", "m1", "recording")


async def test_standard_output_has_the_files_in_order(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the directory stays as it was."""
    async with live_server() as server:
        order = Order(files=recordings, form="json", output="-")
        assert await run_transcribe_files(order, server.url, None, settings) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[0] == "{"]  # others are logs
    assert [each["label"] for each in said] == ["train", "garden", "short"]
    assert len(list(recordings[0].parent.iterdir())) == 3


async def test_one_that_fails_costs_no_other(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The status says that something failed, one sentence what; a place where nothing can be written is one."""
    broken = recordings[0].with_name("broken.mp3")
    broken.write_text("x")
    recordings[1].with_suffix(".txt").mkdir()
    async with live_server() as server:
        assert await run_transcribe_files(Order(files=[broken, *recordings]), server.url, None, settings) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert [error.split(": ")[1] for error in errors] == [str(broken), str(recordings[1])]
    assert "cannot be written" in errors[1]
    assert recordings[0].with_suffix(".txt").exists()


async def test_a_job_that_fails_says_why(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the server tells of a failed job is the sentence."""
    async with live_server(keys=True) as server:
        key = await server.create_key(quota_seconds=1)
        assert await run_transcribe_files(Order(files=recordings[:1]), server.url, key, settings) == 1
    assert re.search(rf"^Error: {recordings[0]}: .*quota", capsys.readouterr().err, re.MULTILINE)
    assert not recordings[0].with_suffix(".txt").exists()


async def test_a_key_that_is_refused_and_a_server_that_is_not_there(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent; for a server that is elsewhere none is started here."""
    async with live_server(keys=True) as server:
        assert await run_transcribe_files(Order(files=recordings), server.url, "wrong", settings) == 1
        assert "Error: " in capsys.readouterr().err
    elsewhere = "https://nobody.invalid:1"
    assert await run_transcribe_files(Order(files=recordings), elsewhere, None, settings) == 1
    assert capsys.readouterr().err == f"Error: no server answers at {elsewhere}\n"


async def test_who_gives_up_cancels(
    live_server: LiveServerFactory, recordings: list[Path], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was handed in is cancelled, on Ctrl-C as on SIGTERM, and nothing is written."""
    heard = threading.Event()

    def wait(_seconds: float) -> None:
        heard.wait()

    engine = ScriptedEngine(cost_seconds=1, sleep=wait)
    async with live_server(engine_object=engine) as server, RecordingsClient(server.url) as client:
        running = asyncio.create_task(run_transcribe_files(Order(files=recordings), server.url, None, settings))
        try:
            await _submitted(client, len(recordings))
            running.cancel()
            assert await running == 130
            assert set((await _jobs(client)).values()) == {"cancelled"}
        finally:
            heard.set()
    assert capsys.readouterr().err.endswith("Stopped.\n")
    assert len(list(recordings[0].parent.iterdir())) == 3


async def _submitted(client: RecordingsClient, jobs: int) -> None:
    """Wait until there are so many jobs, all of them open."""
    while True:
        found = await _jobs(client)
        if len(found) == jobs:
            assert {"queued", "in_progress"} >= set(found.values())
            return
        await asyncio.sleep(0.01)


async def _jobs(client: RecordingsClient) -> dict[str, str]:
    async with client._ask("GET", "/v1/recordings") as answer:
        return {job["id"]: job["status"] for job in (await answer.json())["recordings"]}


def test_no_file_is_written_over_another(tmp_path: Path) -> None:
    """Neither a recording nor another transcript."""
    Order(files=[tmp_path / "a.mp3", tmp_path / "b" / "a.mp3"]).check()
    Order(files=[tmp_path / "a.mp3", tmp_path / "a.wav"], output="-").check()
    for order, sentence in (
        (Order(files=[tmp_path / "a.mp3", tmp_path / "a.wav"]), "would both be"),
        (Order(files=[tmp_path / "a.mp3", tmp_path / "b" / "a.mp3"], output=str(tmp_path)), "would both be"),
        (Order(files=[tmp_path / "a.txt"]), "written over"),
    ):
        with pytest.raises(InvalidConfiguration, match=sentence):
            order.check()
