"""Calibration takes the cheapest windows whose words are as good as those of the full one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from stream_server.asr import calibrate as calibration
from stream_server.asr.calibrate import Clip, Listener, calibrate, read_clips, word_distance
from stream_server.asr.windows import Window, WindowProfile, read_profile
from stream_server.cli import cli
from stream_server.errors import StartupError
from stream_server.work import Hypothesis, HypothesisWord, Transcribe

CLIPS = Path(__file__).parents[1] / "audio" / "clips"


class Hearing:
    """Hears the text whose place in the list the audio's first sample says; badly with windows that `spoils` names."""

    def __init__(self, spoils: dict[Window, str], texts: list[str]) -> None:
        self.windows = WindowProfile()
        self.asked: list[Transcribe] = []
        self._spoils = spoils
        self._texts = texts

    def run(self, batch: list[Transcribe]) -> list[Hypothesis]:
        """Return the words heard with the window that is set."""
        (item,) = batch
        self.asked.append(item)
        window = self.windows.final if item.final else self.windows.partial
        text = self._texts[int(item.audio[0])]
        if not item.careful:
            text += self._spoils.get(window, "")
        return [
            Hypothesis(
                words=tuple(HypothesisWord(text=w, tokens=(), probability=1) for w in text.split()), language="en"
            )
        ]


@pytest.mark.parametrize(
    ("reference", "heard", "whole", "expected"),
    [
        ("a b c", "a b c", True, 0),
        ("a b c", "a x c d", True, 2),
        ("a b c d e", "a b", False, 0),
        ("a b c d e", "a x", False, 1),
        ("a b", "a b b b", False, 2),
        ("", "a", True, 1),
        ("a", "", True, 1),
    ],
)
def test_word_distance(reference: str, heard: str, whole: bool, expected: int) -> None:
    """Whole texts, or any beginning of the reference."""
    assert word_distance(reference.split(), heard.split(), whole=whole) == expected


def test_the_cheapest_window_that_loses_no_words_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that adds words is not taken however cheap; loops are looked at again, as in a session."""
    full, bad, cheap = Window(), Window(tail_seconds=5), Window(tail_seconds=10)
    monkeypatch.setattr(calibration, "CANDIDATES", (full, bad, cheap))
    seconds = iter([*(0, 9), *(0, 1), *(0, 2)] * 2)
    monkeypatch.setattr(calibration.time, "process_time", lambda: next(seconds))
    texts = ["we meet on monday", "nobody said that"]
    engine = Hearing({bad: " and so on", cheap: " again" * 20}, texts)
    clips = [Clip(np.full(10, place, np.float32), text, "en") for place, text in enumerate(texts)]
    told: list[str] = []
    monkeypatch.setattr(calibration, "SLACK_WORDS", 0)

    profile, evidence = calibrate(Listener(engine), clips, on_trial=lambda kind, _: told.append(kind))

    assert profile.final == cheap
    assert told == ["partial"] * 3 + ["final"] * 3
    assert [trial["second_looks"] for trial in evidence["final"]] == [0, 0, 2]
    assert {len(item.audio) for item in engine.asked if not item.final} == {6}
    assert {item.language for item in engine.asked} == {"en"}


def test_clips_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    """One sentence with the file's name."""
    (tmp_path / "clips.json").write_text('[{"file": "missing.wav", "reference": "x"}]', "utf-8")

    with pytest.raises(StartupError, match=r"clips\.json"):
        read_clips(tmp_path / "clips.json")


def test_the_command_writes_a_profile_that_the_server_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real recognition of two clips; the figures go with the profile."""
    monkeypatch.setattr(calibration, "CANDIDATES", (Window(), Window(tail_seconds=5)))
    output = tmp_path / "profile.json"
    arguments = ["calibrate", "tiny.en", str(CLIPS / "clips.json"), "--most", "2", "--output", str(output)]

    done = CliRunner().invoke(cli, [*arguments, "--data-directory", str(tmp_path)], catch_exceptions=False)

    assert done.exit_code == 0, done.output
    assert read_profile(output).final in (Window(), Window(tail_seconds=5))
    trials = json.loads(output.read_text("utf-8"))["evidence"]["final"]
    assert [trial["errors"] <= 4 for trial in trials] == [True, True]
    assert "word errors" in done.output
