"""From a file to a transcript: what becomes of its channels, and who is told apart on them."""

from __future__ import annotations

import asyncio
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.auth import ANONYMOUS
from stream_server.errors import StreamServerError
from stream_server.jobs.line import Line
from stream_server.jobs.recording import RECORDING_RATE, Recording
from stream_server.jobs.runner import RecordingLimits
from stream_server.jobs.transcriber import FileTranscriber, recording_options
from stream_server.metrics import Metrics
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.store.records import Transcript
from stream_server.text.formatting import Formatting, Secret
from tests.jobs.house import House
from tests.voices import WINDOW, speech

ANA, BUDI, CITRA = range(3)
BOTH = SessionOptions(diarize=True)


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    """Give a recording: two persons on the first channel, a third on the second."""
    left = speech((0.5, 4, ANA), (7, 11, BUDI), seconds=18)
    right = speech((12, 15, CITRA), seconds=18)
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RECORDING_RATE)
        file.writeframes((np.stack([left, right], axis=1) * 32_767).astype(np.int16).tobytes())
    return path


def transcriber_in(directory: Path, **known: Any) -> FileTranscriber:
    """Return a transcriber with a scripted engine and made-up voices."""
    return FileTranscriber(
        House(directory, voice_window=WINDOW, **known).services,
        limits=RecordingLimits(),
        line=Line(1, most_waiting=1),
        records=None,
        longest_seconds=60.0,
    )


async def transcribed(directory: Path, recording: Recording, **known: Any) -> Transcript:
    """Return what is heard."""
    transcriber = transcriber_in(directory, **known)
    try:
        return await transcriber.transcribe(ANONYMOUS, recording)
    finally:
        await transcriber.stop()


def speakers(transcript: Transcript) -> list[tuple[int, set[int | None]]]:
    """Return the track of every segment and who speaks in it."""
    return [(segment.track, set(segment.speakers)) for segment in transcript.segments]


async def test_several_people_on_each_channel_are_told_apart(stereo: Path, tmp_path: Path) -> None:
    """Channels on their own and voices together: nobody on one channel is taken for somebody on the other."""
    found = speakers(await transcribed(tmp_path, Recording(media=stereo, options=BOTH, per_channel=True)))
    assert [track for track, _ in found] == [0, 0, 1]
    assert all(len(who) == 1 and None not in who for _, who in found)
    assert len(set[int | None]().union(*(who for _, who in found))) == 3


async def test_a_channel_is_a_speaker_where_voices_are_not_told_apart(stereo: Path, tmp_path: Path) -> None:
    """Whoever speaks on it."""
    found = speakers(await transcribed(tmp_path, Recording(media=stereo, per_channel=True)))
    assert found == [(0, {1}), (0, {1}), (1, {2})]


@pytest.mark.parametrize(
    ("diarize", "tracks", "channels", "named", "shared"),
    [
        (True, (), 2, (), ("track 1", "track 2")),
        (True, (), 1, (), ()),
        (False, (), 2, (), ()),
        (True, ("Ana", "room"), 2, ("Ana", "room"), ("room",)),
        (True, ("Ana", "room"), 1, (), ()),
        (True, ("Ana", "room"), 3, (), ("track 1", "track 2", "track 3")),
    ],
)
def test_whose_voices_are_told_apart(
    diarize: bool, tracks: tuple[str, ...], channels: int, named: tuple[str, ...], shared: tuple[str, ...]
) -> None:
    """On channels without names all; named ones as their names say, unless the file has other channels than those."""
    asked = SessionOptions(
        audio=AudioFormat(channels=len(tracks) or 1),
        diarize=diarize,
        tracks=tracks,
        shared_tracks=tracks[1:],
    )
    options = recording_options(asked, channels)
    assert (options.tracks, options.shared_tracks) == (named, shared)


def test_a_recording_has_a_clock_and_no_partials_of_its_own() -> None:
    """Whatever was asked of its audio; what else was asked holds."""
    asked = SessionOptions(
        audio=AudioFormat(encoding="pcm_mulaw", sample_rate=8_000), language="id", hotwords="Budi", partials=True
    )
    options = recording_options(asked, 2)
    assert options.audio == AudioFormat(encoding=None, sample_rate=RECORDING_RATE, channels=2)
    assert not options.partials
    assert replace(options, audio=asked.audio, partials=True) == asked


async def test_secrets_of_the_house_are_masked_in_every_recording(stereo: Path, tmp_path: Path) -> None:
    """Whatever its options ask for."""
    options = SessionOptions(language="id", formatting=Formatting(participants=("Cemara",)))
    for redact, shown, hidden in (((), "cemara", "[NAME]"), (("names",), "[NAME]", "cemara")):
        transcript = await transcribed(tmp_path, Recording(media=stereo, options=options), redact=redact)
        spoken = {word.spoken.lower() for segment in transcript.segments for word in segment.words}
        assert shown.lower() in spoken
        assert hidden.lower() not in spoken


@pytest.mark.parametrize(("house", "asked", "may"), [((), (), True), (("nik",), (), False), ((), ("card",), False)])
async def test_words_may_be_kept_where_nothing_is_masked(
    tmp_path: Path, house: tuple[Secret, ...], asked: tuple[Secret, ...], may: bool
) -> None:
    """The engine's own words are written down on the way only where nobody asks for masks."""
    transcriber = transcriber_in(tmp_path, redact=house)
    assert transcriber.may_keep_words(SessionOptions(formatting=Formatting(redact=asked))) is may
    await transcriber.stop()


async def test_what_is_worked_on_is_counted(stereo: Path, tmp_path: Path) -> None:
    """Seconds by how far they came, a channel or two; requests by how they ended."""
    metrics = Metrics()

    def counted(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"stream_server_{name}_total", labels)

    await transcribed(tmp_path, Recording(media=stereo, per_channel=True), observer=metrics)
    assert counted("recording_seconds", stage="decoded") == pytest.approx(18)
    assert counted("recording_seconds", stage="recognised") == pytest.approx(18)
    assert counted("recordings", kind="request", outcome="ok") == 1
    (tmp_path / "noise").write_bytes(b"no sound")
    with pytest.raises(StreamServerError) as unusable:
        await transcribed(tmp_path, Recording(media=tmp_path / "noise"), observer=metrics)
    assert counted("recordings", kind="request", outcome=unusable.value.code) == 1


async def test_whoever_goes_before_the_end_is_counted_so(stereo: Path, tmp_path: Path) -> None:
    """As sessions are whose clients vanish."""
    metrics, house = Metrics(), House(tmp_path)
    transcriber = FileTranscriber(
        replace(house.services, observer=metrics),
        limits=RecordingLimits(),
        line=Line(1, most_waiting=1),
        records=None,
        longest_seconds=60.0,
    )
    house.held = []
    work = asyncio.create_task(transcriber.transcribe(ANONYMOUS, Recording(media=stereo)))
    await house.holding.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await transcriber.stop()
    labels = {"kind": "request", "outcome": "vanished"}
    assert metrics.registry.get_sample_value("stream_server_recordings_total", labels) == 1
