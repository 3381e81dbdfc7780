"""`speakers`: enroll, list and delete without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_server.cli import main
from stream_server.store.sealing import KEY_NAME

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a data directory that every command uses."""
    monkeypatch.setenv("STREAM_SERVER_DATA_DIRECTORY", str(tmp_path))
    return tmp_path


def test_a_voice_is_enrolled_listed_and_deleted(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From files to a voice and back to nothing; without the key a voice can still be listed and deleted."""
    files = [str(CLIPS / name) for name in ("train.flac", "garden.flac")]
    options = ["--user", "u1", "--organisation", "acme", "--enroll-speech-seconds", "3"]
    assert main(["speakers", "enroll", "Rob", *files, *options]) == 0
    made = capsys.readouterr()
    speaker_id = made.out.strip()
    assert speaker_id.startswith("voice_")
    assert made.err.count("s of speech") == 2
    assert main(["speakers", "list", "--organisation", "acme"]) == 0
    line = capsys.readouterr().out.split()
    assert (line[0], line[1], line[-2], line[-1]) == (speaker_id, "u1", "recognised", "Rob")
    assert main(["speakers", "list"]) == 0
    assert capsys.readouterr().out == ""
    (directory / KEY_NAME).unlink()
    assert main(["speakers", "enroll", "Alan", files[0]]) == 1
    assert "voices.key is missing" in capsys.readouterr().err
    assert main(["speakers", "list", "--organisation", "acme"]) == 0
    assert "needs enrollment" in capsys.readouterr().out
    assert main(["speakers", "delete", speaker_id]) == 0
    assert speaker_id in capsys.readouterr().out
    assert main(["speakers", "list", "--organisation", "acme"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["enroll", "Kal", str(CLIPS / "phone.flac")], "too little speech"),
        (["enroll", "Kal", str(CLIPS / "silence.flac")], "too quiet"),
        (["enroll", "Kal", str(CLIPS / "clips.json")], "audio"),
        (["enroll", "Kal", "missing.flac"], "missing.flac"),
        (["enroll", "Kal"], "FILES"),
        (["delete", "voice_none"], "no such speaker"),
    ],
)
def test_errors_are_one_sentence(
    arguments: list[str], sentence: str, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with an exit status, and nothing is enrolled."""
    assert main(["speakers", *arguments]) != 0
    written = capsys.readouterr()
    assert sentence in written.err
    assert "Traceback" not in written.err
    assert written.out == ""
