"""The demonstration, played as fast as it goes to a real server with a real Redis and the scripted engine."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import jiwer
import psutil
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.demo import run_demo
from stream_server.local_server import ServerDied, local_server
from stream_server.sample import sample_meeting


def running_in(directory: Path) -> list[str]:
    """Return the command lines of processes that work in a directory."""
    lines = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(directory) in line:
            lines.append(line)
    return lines


def left_in(directory: Path) -> list[Path]:
    """Return the demonstration's directories that are still there."""
    return list(directory.glob("stream-server-demo-*"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the demonstration make its directory where the test can see it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


async def test_the_usage_is_the_meetings_length_and_nothing_is_left(temporary: Path, tmp_path: Path) -> None:
    """Redis holds the sample's length exactly; no process and no directory outlives the demonstration."""
    output, told = io.StringIO(), tmp_path / "told.json"
    status = await run_demo(speed=0, output=output, record_file=told, serve_options=("--engine", "scripted"))
    assert status == 0, output.getvalue()
    record = json.loads(told.read_text(encoding="utf-8"))
    assert record["usage_seconds"] == pytest.approx(sample_meeting().seconds, abs=0.01)
    assert {final["speaker"]["name"] for final in record["finals"]} == set(sample_meeting().tracks)
    assert f"{sample_meeting().seconds:.2f} s = 0:01:04" in output.getvalue()
    assert running_in(temporary) == []
    assert not left_in(temporary)


@pytest.mark.recognition
@pytest.mark.timeout(300)
async def test_the_meeting_is_recognised(temporary: Path, tmp_path: Path) -> None:
    """The real base model hears the sample within 8 % word error rate, its turns in order."""
    told = tmp_path / "told.json"
    status = await run_demo(speed=4, output=io.StringIO(), record_file=told, serve_options=("--model", "base"))
    record, meeting = json.loads(told.read_text(encoding="utf-8")), sample_meeting()
    finals = sorted(record["finals"], key=lambda final: final["start_sample"])
    normalise = EnglishTextNormalizer()
    heard = normalise(" ".join(final["text"] for final in finals))

    assert (status, record["model"]) == (0, "base")
    assert jiwer.wer(normalise(meeting.reference), heard) <= 0.08
    speakers = [final["speaker"]["name"] for final in finals]
    assert [speaker for speaker, _ in itertools.groupby(speakers)] == [
        speaker for speaker, _ in itertools.groupby(turn.speaker for turn in meeting.turns)
    ]
    assert running_in(temporary) == []


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    """The server's own last words are passed on."""
    with pytest.raises(ServerDied, match="did not start"):
        async with local_server(tmp_path, ("--no-such-option",)):
            pass
