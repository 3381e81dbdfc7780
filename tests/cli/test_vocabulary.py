"""`vocabulary`: set, show and delete without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stream_server.cli import main

OURS = {"vocabulary": [{"text": "Kopí", "sounds_like": ["kopi"]}], "replace": [{"find": "bos", "replace": "Bu Ani"}]}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file with a vocabulary; every command uses the data directory beside it."""
    monkeypatch.setenv("STREAM_SERVER_DATA_DIRECTORY", str(tmp_path / "data"))
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(OURS), "utf-8")
    return path


def test_a_vocabulary_is_set_shown_and_deleted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An organisation's own, as it was given; what is shown can be set again."""
    assert main(["vocabulary", "set", str(file), "--organisation", "acme"]) == 0
    assert capsys.readouterr().out == "terms: 1, replacements: 1\n"
    assert main(["vocabulary", "show", "--organisation", "acme"]) == 0
    assert json.loads(capsys.readouterr().out) == OURS
    assert main(["vocabulary", "show"]) == 0
    assert json.loads(capsys.readouterr().out) == {"vocabulary": [], "replace": []}
    assert main(["vocabulary", "delete", "--organisation", "acme"]) == 0
    assert main(["vocabulary", "delete", "--organisation", "acme"]) == 0
    assert capsys.readouterr().out == "deleted\nthere is no vocabulary\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no", "is not JSON"),
        ("[]", "must hold an object"),
        ('{"terms": []}', "there is no field terms"),
        ('{"vocabulary": [{"text": ""}]}', "must not be empty"),
        ('{"vocabulary": [{"text": "Caf\\ud800"}]}', "halves of surrogate pairs"),
    ],
)
def test_errors_are_one_sentence(text: str, sentence: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong with a file is said in one line."""
    file.write_text(text, "utf-8")
    assert main(["vocabulary", "set", str(file)]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
