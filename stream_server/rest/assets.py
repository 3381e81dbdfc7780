"""Answer with a file of a folder that came with the program: what a browser loads."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from aiohttp import ETag, hdrs, web

from stream_server.errors import NotFound

CONTENT_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""What is handed out, and as what; whatever else lies in the folder is not there."""

NAME = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
"""A path that leads down: without a step up, a second way to write it, or anything hidden."""

FRESH = {hdrs.CACHE_CONTROL: "no-cache", "X-Content-Type-Options": "nosniff"}
"""Browsers may keep a file but ask each time whether it is still the same: a new version is there at once."""


async def answer_file(request: web.Request, folder: Path, name: str, headers: Mapping[str, str]) -> web.Response:
    """Return a file of a folder, or 304 if the browser has it as it is; raises `NotFound`."""
    content = await asyncio.to_thread(read_file, folder, name)
    tag = ETag(hashlib.sha256(content).hexdigest()[:32])
    known = request.if_none_match or ()
    if any(each.value in (tag.value, "*") for each in known):
        response = web.Response(status=304, headers={**FRESH, **headers})
    else:
        response = web.Response(
            body=content, headers={**FRESH, **headers, hdrs.CONTENT_TYPE: CONTENT_TYPES[Path(name).suffix]}
        )
    response.etag = tag
    return response


def read_file(folder: Path, name: str) -> bytes:
    """Return what is in a file below a folder; raises `NotFound` for what is not to be handed out."""
    path = folder / name
    if NAME.fullmatch(name) is not None and path.suffix in CONTENT_TYPES:
        with suppress(OSError):  # it is no file, or its name is longer than any
            return path.read_bytes()
    raise NotFound("there is nothing at this path")
