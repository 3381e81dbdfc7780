"""Ask a process of its own, which never outlives the question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from stream_server.errors import InternalError


async def ask(command: Sequence[str], question: bytes, max_seconds: float) -> bytes:
    """Hand a question to a process on its standard input and return what it writes.

    Raises `TimeoutError` if that takes longer on the clock, and `InternalError` if the process fails.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A traceback may quote what was said: nobody reads it.
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(max_seconds):
            answer, _ = await process.communicate(question)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise InternalError("a process of our own ended without an answer")
    return answer
