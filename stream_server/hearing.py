"""Samples of voices: decoded while they arrive, listened to by a thread of its own, one at a time, never kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from stream_server.audio.decoding import Decoder, decoded
from stream_server.diarize.enrollment import Enrollment, EnrollmentLimits, enroll
from stream_server.diarize.listener import Listener
from stream_server.diarize.voices import STEP_FRAMES
from stream_server.errors import IdleTimeout, MessageTooLarge, ServerFull, ServerStopping
from stream_server.events import Samples
from stream_server.session.options import AudioFormat
from stream_server.work import ENGINE_RATE

MOST_WAITING = 8
"""Samples that may wait for their turn, each of which holds minutes of audio in memory; more are refused."""

UPLOAD_SECONDS = 120.0
"""For a sample to arrive and be decoded: whoever sends slowly keeps others from their turn."""

RETRY_AFTER_SECONDS = 5.0
"""About how long a sample of a minute takes."""

MONO = AudioFormat(sample_rate=ENGINE_RATE, channels=1)


class SampleHearer:
    """Turns the bytes of a sample into what is learned from it.

    `make_listener` is called in the thread when the first sample comes, so that a server which enrolls nobody pays
    nothing; it may raise `ModelUnavailable`.
    """

    def __init__(
        self,
        make_listener: Callable[[], Listener],
        open_decoder: Callable[[AudioFormat], Decoder],
        limits: EnrollmentLimits,
        *,
        max_audio_seconds: float,
    ) -> None:
        self._make_listener = make_listener
        self._open_decoder = open_decoder
        self._limits = limits
        self._max_audio_seconds = max_audio_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="enrollment")
        self._listener: Listener | None = None
        self._waiting = 0
        self._stopped = False

    async def hear(self, data: AsyncIterator[bytes]) -> Enrollment:
        """Decode and listen.

        Raises `UnsupportedAudio`, `MessageTooLarge` if it is longer than allowed, `IdleTimeout` if it is too slow,
        `UnsuitableSample`, `ServerFull`, `ModelUnavailable`, and whatever `data` raises.
        """
        if self._stopped:
            raise ServerStopping("the server is shutting down")
        if self._waiting >= MOST_WAITING:
            raise ServerFull("too many samples are waiting to be heard", retry_after_seconds=RETRY_AFTER_SECONDS)
        self._waiting += 1
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                audio = await self._decode(data)
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._listen, audio)
        except TimeoutError:
            raise IdleTimeout(f"the sample did not arrive within {UPLOAD_SECONDS:g} s") from None
        finally:
            self._waiting -= 1

    async def stop(self) -> None:
        """Finish the sample that is being heard and end the thread."""
        self._stopped = True
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def _decode(self, data: AsyncIterator[bytes]) -> Samples:
        """Return mono audio at the networks' rate; several channels become their mean."""
        decoder = self._open_decoder(MONO)
        parts: list[Samples] = []
        room = round(self._max_audio_seconds * ENGINE_RATE)
        try:
            async for answer in _answers(decoder, data):
                room -= sum(len(part) for part in answer)
                if room < 0:
                    raise MessageTooLarge(f"a sample may have {self._max_audio_seconds:g} s")
                parts += answer
        finally:
            decoder.close()
        whole = np.concatenate(parts)[:, 0] if parts else np.zeros(0, np.float32)
        return np.nan_to_num(whole, posinf=1.0, neginf=-1.0)

    def _listen(self, audio: Samples) -> Enrollment:
        """Do the work; in the thread, which alone knows the networks."""
        if self._listener is None:
            self._listener = self._make_listener()
        heard = self._listener.hear_all(audio, STEP_FRAMES)
        return enroll(audio, heard, self._limits, self._listener.clustering)


async def _answers(decoder: Decoder, data: AsyncIterator[bytes]) -> AsyncIterator[list[Samples]]:
    async for piece in data:
        async for answer in decoded(decoder, piece):
            yield answer
    async for answer in decoded(decoder, None):
        yield answer
