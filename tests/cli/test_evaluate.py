"""`stream-server evaluate`: two files, or two directories."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from stream_server.cli import main

STM = "m 1 Ann 0 10 a b c d\nm 1 Ben 10 20 e f g h\n"
TURNS = [
    {"speaker": "1", "start": 0, "end": 12, "text": "a x c d"},
    {"speaker": "2", "start": 12, "end": 18, "text": "f g h i"},
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Give a reference and a hypothesis."""
    (tmp_path / "truth.stm").write_text(STM)
    (tmp_path / "heard.json").write_text(json.dumps(TURNS))
    return str(tmp_path / "truth.stm"), str(tmp_path / "heard.json")


@pytest.fixture
def directories(tmp_path: Path) -> tuple[Path, Path]:
    """Give two directories of two meetings, with files that are no transcripts."""
    ours, theirs = tmp_path / "truth", tmp_path / "heard"
    for directory in (ours, theirs):
        directory.mkdir()
        (directory / "README.md").write_text("x")
        (directory / ".hidden.txt").write_text("x")
    (ours / "one.stm").write_text(STM)
    (theirs / "one.json").write_text(json.dumps(TURNS))
    (ours / "two.txt").write_text("a b")
    (theirs / "two.txt").write_text("a c")
    return ours, theirs


def test_a_table(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The rates stand first, then who is who."""
    assert main(["evaluate", *files, "--normalizer", "none"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("word error rate         37.50 %")
    assert "cpWER takes 1 for Ann, 2 for Ben" in text
    assert "1 (Ann)" in text


def test_json(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The options reach the scores: without a collar 4 s of 20 are wrong."""
    options = ["--format", "json", "--collar", "0", "--language", "id", "--normalizer", "none"]
    assert main(["evaluate", *files, *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["der"]["rate"], report["collar_seconds"], report["language"]) == (0.2, 0.0, "id")


def test_directories(directories: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Each meeting has its row, all have a total; other files do not matter."""
    where = [str(directory) for directory in directories]
    assert main(["evaluate", *where, "--normalizer", "none"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["file", "WER"],
        ["one", "37.50"],
        ["two", "50.00"],
        ["total", "40.00"],
    ]
    assert main(["evaluate", *where, "--normalizer", "none", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in report["files"]] == ["one", "two"]
    assert report["total"]["wer"]["rate"] == 0.4


def fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence with which a command fails."""
    assert main(["evaluate", *arguments]) == 1
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.count("\n") == 1
    return written.err


def test_errors_of_files(tmp_path: Path, files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The file, and the line in it, is named."""
    broken = tmp_path / "broken.stm"
    broken.write_text("m 1 A 0 1 a\nm 1 A")
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"\xe9")
    unknown = tmp_path / "x.docx"
    assert "broken.stm, line 2: STM has" in fails([files[0], str(broken)], capsys)
    assert "latin.txt is not UTF-8" in fails([files[0], str(latin)], capsys)
    assert "x.docx: the name must end in one of .txt, .stm" in fails([files[0], str(unknown)], capsys)
    assert "missing.txt cannot be read" in fails([files[0], str(tmp_path / "missing.txt")], capsys)
    assert "collar_seconds" in fails([*files, "--collar", "-1"], capsys)


def test_errors_of_directories(
    directories: tuple[Path, Path], files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without its namesake is no accident to pass over, for the total would flatter."""
    ours, theirs = directories
    assert "is no directory" in fails([str(ours), files[1]], capsys)
    (ours / "three.txt").write_text("a")
    assert "only one of the directories has three" in fails([str(ours), str(theirs)], capsys)
    (ours / "three.stm").write_text(STM)
    assert "two transcripts called three" in fails([str(ours), str(theirs)], capsys)
    for directory in directories:
        for file in directory.glob("*.*"):
            file.unlink()
    assert "holds no transcripts" in fails([str(ours), str(theirs)], capsys)


def test_without_the_extra(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not installed the libraries is told how to."""
    monkeypatch.setitem(sys.modules, "jiwer", None)
    assert "pip install 'stream-server[evaluate]'" in fails([*files, "--normalizer", "none"], capsys)
