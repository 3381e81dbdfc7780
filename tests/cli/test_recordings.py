"""`transcribe-file` as a person types it: alone, without a server."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jiwer
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.cli import cli, main
from stream_server.rest.recordings import CHANNELS
from stream_server.store.exports import Format

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"


@pytest.fixture
def nowhere() -> Iterator[str]:
    """Give an address on this machine at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let servers make their directories where the test can see them; the installation has no data."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("STREAM_SERVER_DATA_DIRECTORY", str(tmp_path / "installation"))
    return tmp_path


def test_alone(nowhere: str, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server one is started, asked and stopped; nothing but the transcript is left."""
    clip = shutil.copy(CLIPS / "short.flac", directory)
    options = ["--url", nowhere, "--engine", "scripted", "--format", "vtt", "--speaker-count", "1"]
    options += ["--language", "de", "--without", "capitals"]
    assert main(["transcribe-file", clip, *options]) == 0
    written = capsys.readouterr()
    assert written.out == ""
    assert f"No server answers at {nowhere}" in written.err
    assert {path.name for path in directory.iterdir()} == {"short.flac", "short.vtt"}
    words = (directory / "short.vtt").read_text().split("\n\n", 1)[1]
    assert words == words.lower().replace("<v speaker", "<v Speaker")


@pytest.mark.recognition
def test_words_are_recognised(nowhere: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A real model hears what is said."""
    (clip,) = (each for each in json.loads((CLIPS / "clips.json").read_text("utf-8")) if each["file"] == "weather.flac")
    options = ["--url", nowhere, "--model", "tiny.en", "--output", "-", "--language", "en"]
    assert main(["transcribe-file", str(CLIPS / clip["file"]), *options]) == 0
    normalise = EnglishTextNormalizer()
    heard = capsys.readouterr().out.removeprefix("Speaker 1: ")
    assert jiwer.wer(normalise(clip["reference"]), normalise(heard)) <= 0.1


def test_choices_are_the_servers() -> None:
    """The forms and channels on offer are those that the server knows, without importing it for `--help`."""
    offered = {option.name: option.type for option in cli.commands["transcribe-file"].params}
    assert set(offered["form"].choices) == set(get_args(Format))  # type: ignore[attr-defined]
    assert set(offered["channels"].choices) == set(CHANNELS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.wav"], "missing.wav"),
        ([], "FILE"),
        ([str(CLIPS / "short.flac"), "--format", "docx"], "docx"),
        ([str(CLIPS / "short.flac"), "--config", "missing.toml"], "missing.toml cannot be read"),
        ([str(CLIPS / "short.flac"), "--url", "https://nobody.invalid:1"], "no server answers"),
        ([str(CLIPS / "short.flac"), "--url", "http://127.0.0.1:1", "--model", "no-such-model"], "no-such-model"),
    ],
)
def test_errors_are_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, without a traceback, with an exit status."""
    assert main(["transcribe-file", *arguments]) != 0
    written = capsys.readouterr()
    assert sentence in written.err
    assert "Traceback" not in written.err
    assert written.out == ""
