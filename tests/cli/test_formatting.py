"""`stream-server format`: text in, text as people read it out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from stream_server.cli import main

PRICE = "harganya satu juta tujuh ratus lima puluh ribu rupiah"


class Input:
    """Standard input that says something."""

    def __init__(self, text: bytes) -> None:
        self.buffer = io.BytesIO(text)


def test_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Raw text gets numbers and marks; lines stay lines."""
    path = tmp_path / "raw.txt"
    path.write_text(f"{PRICE}\n\napakah kita jadi\n")
    assert main(["format", "--language", "id", str(path)]) == 0
    assert capsys.readouterr().out == "Harganya Rp1.750.000.\n\nApakah kita jadi?\n"


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file the text comes from there; stages can be left out."""
    monkeypatch.setattr("sys.stdin", Input(PRICE.encode()))
    assert main(["format", "--language", "id", "--without", "numbers", "--punctuated"]) == 0
    assert capsys.readouterr().out == PRICE


def test_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of options says what the flags cannot."""
    path, options = tmp_path / "text.txt", tmp_path / "options.json"
    path.write_text("Kata bos, siap.")
    options.write_text(json.dumps({"replace": [{"find": "bos", "replace": "Bu Ani"}]}))
    assert main(["format", "--options", str(options), str(path)]) == 0
    assert capsys.readouterr().out == "Kata Bu Ani, siap."


@pytest.mark.parametrize(
    ("options", "told"),
    [("[]", "object"), ("{", "JSON"), ('{"redacted": []}', "redacted"), ('{"numbers": 1}', "numbers")],
)
def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str, told: str) -> None:
    """What cannot be meant is refused in a sentence."""
    path = tmp_path / "options.json"
    path.write_text(options)
    assert main(["format", "--options", str(path), str(tmp_path / "nothing.txt")]) == 1
    assert told in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, and one that is no text, are named."""
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nothing.txt", binary):
        assert main(["format", str(path)]) == 1
        assert path.name in capsys.readouterr().err
