"""A profile says how a model sees its windows; the operator's own goes before the shipped one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stream_server.asr.windows import (
    SHIPPED,
    Window,
    WindowProfile,
    find_profile,
    own_profile,
    read_profile,
    write_profile,
)
from stream_server.errors import StartupError


def test_models_without_a_profile_get_the_whole_tail(tmp_path: Path) -> None:
    """What every model can stop with."""
    assert find_profile("unheard-of", tmp_path) == WindowProfile(partial=Window(), final=Window())


@pytest.mark.parametrize("model", ["tiny.en", "base"])
def test_shipped_profiles_say_what_they_were_chosen_by(model: str, tmp_path: Path) -> None:
    """They can be read, and hold the figures of every candidate."""
    path = SHIPPED / f"{model}.json"

    assert find_profile(model, tmp_path) == read_profile(path)
    evidence = json.loads(path.read_text("utf-8"))["evidence"]
    assert {trial["window"]["tail_seconds"] for trial in evidence["final"]} >= {5, 10, 30}


def test_the_operators_profile_goes_first(tmp_path: Path) -> None:
    """It was measured on the speech of those who use the server."""
    profile = WindowProfile(partial=Window(tail_seconds=7), final=Window(silence_seconds=1, no_repeat_ngram=5))
    write_profile(own_profile(tmp_path, "base"), profile, evidence=[])

    assert find_profile("base", tmp_path) == profile


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"partial": {}, "final": {"tail_seconds": 31}}', '{"partial": {}, "final": {"x": 1}}']
)
def test_a_broken_profile_stops_the_start(tmp_path: Path, content: str) -> None:
    """With the file's name, for the operator wrote it."""
    path = own_profile(tmp_path, "base")
    path.parent.mkdir()
    path.write_text(content, "utf-8")

    with pytest.raises(StartupError, match=r"base\.json"):
        find_profile("base", tmp_path)


@pytest.mark.parametrize("wrong", [{"silence_seconds": -1}, {"tail_seconds": 30.1}, {"no_repeat_ngram": 1}])
def test_impossible_windows_are_refused(wrong: dict[str, float]) -> None:
    """No decoder can do that."""
    with pytest.raises(ValueError, match="window"):
        Window(**wrong)  # type: ignore[arg-type]
