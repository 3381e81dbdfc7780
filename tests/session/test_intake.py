"""The intake passes inputs on in order, waits for decoders and for room, and ends cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.errors import InvalidConfiguration, UnsupportedAudio
from stream_server.events import Audio, Command, Finish, Flush, Samples
from stream_server.protocol.dialect import AudioData, DeclareAudio
from stream_server.session.intake import Intake
from stream_server.session.options import AudioFormat
from stream_server.session.spool import Spool


class Slow:
    """A decoder that answers later: one sample per byte; `parts` more answers follow each one."""

    broken_frames = 0

    def __init__(self, *, parts: int = 0, error: Exception | None = None) -> None:
        self.parts, self.error = parts, error
        self.left = 0
        self.closed = False

    @property
    def more(self) -> bool:
        return self.left > 0

    def feed(self, data: bytes) -> Awaitable[list[Samples]]:
        self.left = self.parts if data else self.left - 1
        return asyncio.ensure_future(self._answer(max(1, len(data))))

    def finish(self) -> list[Samples]:
        return [np.ones((2, 1), np.float32)]

    def close(self) -> None:
        self.closed = True

    async def _answer(self, count: int) -> list[Samples]:
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return [np.zeros((count, 1), np.float32)]


class Desk:
    """An intake whose commands are kept."""

    def __init__(self, directory: Path, decoder: Slow) -> None:
        self.heard: list[Command] = []
        self.decoders: dict[AudioFormat | None, Slow] = {}
        self.room = True
        self.quiet = asyncio.Event()
        self.intake = Intake(
            Spool(directory, memory_bytes=1_000, disk_bytes=0),
            lambda declared: self.decoders.get(declared, decoder),
            feed=self.heard.append,
            has_room=lambda: self.room,
            on_progress=self.progress,
            spawn=self.spawn,
        )

    def spawn(self, task: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        self.spawned = asyncio.create_task(task())
        return self.spawned

    def progress(self) -> None:
        self.intake.advance()
        if self.intake.is_empty:
            self.quiet.set()

    def put(self, *items: AudioData | DeclareAudio | Command) -> None:
        for item in items:
            self.intake.put(item)
            self.intake.advance()

    @property
    def told(self) -> list[str | int]:
        """Return audio as its length, other commands by name."""
        return [len(c.samples) if isinstance(c, Audio) else type(c).__name__ for c in self.heard]


async def test_commands_wait_for_the_audio_before_them(tmp_path: Path) -> None:
    """A flush overtakes no decoder; the end empties it first."""
    desk = Desk(tmp_path, Slow())
    desk.put(AudioData(data=b"abc"), Flush(flush_id="f"), AudioData(data=b"de"), Finish())
    await desk.quiet.wait()

    assert desk.told == [3, "Flush", 2, 2, "Finish"]


async def test_a_new_format_gets_a_new_decoder(tmp_path: Path) -> None:
    """What came before is decoded to its end, by the decoder that was for it."""
    before, after = Slow(), Slow()
    desk = Desk(tmp_path, before)
    desk.decoders[AudioFormat(encoding="pcm_mulaw")] = after
    desk.put(AudioData(data=b"abc"), DeclareAudio(audio=AudioFormat(encoding="pcm_mulaw")), AudioData(data=b"d"))
    await desk.quiet.wait()

    assert desk.told == [3, 2, 1]
    assert (before.closed, after.closed) == (True, False)


async def test_answers_in_parts_are_asked_for_until_the_last(tmp_path: Path) -> None:
    """A hundred bytes may be a minute of silence."""
    desk = Desk(tmp_path, Slow(parts=3))
    desk.put(AudioData(data=b"abc"))
    await desk.quiet.wait()

    assert desk.told == [3, 1, 1, 1]


async def test_nothing_passes_without_room(tmp_path: Path) -> None:
    """What waits stays in the spool until there is room again."""
    desk = Desk(tmp_path, Slow())
    desk.room = False
    desk.put(Flush(flush_id="f"))
    assert desk.heard == []
    desk.room = True
    desk.intake.advance()

    assert desk.told == ["Flush"]


async def test_undecodable_audio_ends_the_session(tmp_path: Path) -> None:
    """What follows it is not looked at."""
    desk = Desk(tmp_path, Slow(error=UnsupportedAudio("no")))
    desk.put(AudioData(data=b"abc"), Flush(flush_id="f"))
    await desk.quiet.wait()

    (end,) = desk.heard
    assert isinstance(end, Finish)
    assert isinstance(end.error, UnsupportedAudio)


async def test_wrong_channels_are_told_in_their_own_words(tmp_path: Path) -> None:
    """Any error of ours ends the session with itself."""
    desk = Desk(tmp_path, Slow(error=InvalidConfiguration("2 channels, not 1")))
    desk.put(AudioData(data=b"abc"))
    await desk.quiet.wait()

    assert isinstance(desk.heard[0], Finish)
    assert isinstance(desk.heard[0].error, InvalidConfiguration)


async def test_closing_frees_the_decoders(tmp_path: Path) -> None:
    """Also in the middle of an answer; what comes later is not taken."""
    decoder = Slow()
    desk = Desk(tmp_path, decoder)
    desk.put(AudioData(data=b"abc"))
    desk.intake.close()
    desk.put(AudioData(data=b"abc"))
    await asyncio.sleep(0)

    assert decoder.closed
    assert desk.heard == []


async def test_a_decoder_that_breaks_is_somebodys_business(tmp_path: Path) -> None:
    """What no error of ours describes reaches whoever watches over the task."""
    desk = Desk(tmp_path, Slow(error=RuntimeError("a bug")))
    desk.put(AudioData(data=b"abc"))
    with pytest.raises(RuntimeError):
        await desk.spawned
