"""Many recordings of two organisations handed in at once: all end, each with its own words, billed once, in fair order.

    python benchmarks/fifty_recordings.py [--model tiny.en] [--each 25] [--seconds 60]

One server with its own Redis. The first organisation hands in all of its recordings before the second hands in its
first; each is real speech, a second longer than the one before it. Who had ended how many is counted from the moment at
which everything was handed in: before that the second had nothing to wait for. Exit status 1: a check failed. Writes
results/fifty_recordings.json.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from chapters import fifty_recordings as chapter
from record import keep
from recordings import write_flac
from speech import RATE, SHARED, Talk, clips, talk, turned, word_errors

from stream_server.local_server import local_server
from stream_server.store.base import ApiKey, Organisation
from stream_server.store.embedded import open_redis
from stream_server.store.keys import issue_key
from stream_server.store.redis import RedisStore

ORGANISATIONS = ("first", "second")
AT_ONCE = 2
"""Recordings that the server works on together."""

LARGEST_LEAD = 2 * AT_ONCE + 1
"""Turns alternate: who came first has so many under way when the other comes, and may have the next turn; as many of
the other's may be under way when they end."""

LOOK_SECONDS = 0.5
WORST_WORD_ERROR_RATE = 0.3
"""Of one recording: tiny.en is far below it, and another recording's words are far above it."""

USAGE_SECONDS = 15.0
"""Usage is written down every few seconds; so long after the end nothing more is added, wrongly or rightly."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A recording that the server has taken in."""

    organisation: str
    job_id: str
    said: Talk


class Customer:
    """One organisation at the server's REST interface."""

    def __init__(self, organisation: str, url: str, key: str) -> None:
        self.organisation = organisation
        self._http = aiohttp.ClientSession(url, headers={"x-api-key": key}, raise_for_status=True)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def get(self, path: str) -> dict[str, Any]:
        """Return what is at a path."""
        async with self._http.get(path) as answer:
            return dict(await answer.json())

    async def hand_in(self, path: Path, said: Talk) -> HandedIn:
        """Hand in a recording."""
        with path.open("rb") as file:
            form = aiohttp.FormData({"language": "en"})
            form.add_field("file", file, filename=path.name)
            async with self._http.post("/v1/recordings", data=form) as answer:
                return HandedIn(self.organisation, str((await answer.json())["id"]), said)

    async def ended(self, count: int) -> list[dict[str, Any]]:
        """Return all recordings, once so many have ended."""
        while True:
            page = await self.get(f"/v1/recordings?limit={count}")
            jobs = [job for job in page["recordings"] if job["status"] in ("complete", "failed", "cancelled")]
            if len(jobs) >= count:
                return jobs
            await asyncio.sleep(LOOK_SECONDS)

    async def text(self, job_id: str) -> str:
        """Return what was heard in a recording."""
        return " ".join(segment["text"] for segment in (await self.get(f"/v1/records/{job_id}"))["segments"])

    async def billed_seconds(self) -> float:
        """Return what all recordings are billed at."""
        return float((await self.get("/v1/usage?kind=recording"))["total"]["billable_seconds"])


async def make_keys(url: str) -> list[str]:
    """Make both organisations, and a key of each."""
    store = RedisStore(url)
    keys = []
    for name in ORGANISATIONS:
        await store.create_organisation(Organisation(id=name, name=name))
        token, _ = await issue_key(store, ApiKey(id="", organisation=name, scopes=("transcribe", "usage")))
        keys.append(token)
    await store.close()
    return keys


async def run(model: str, each: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Hand everything in, wait for the last, and return the figures."""
    pool, count = clips(folder), each * len(ORGANISATIONS)
    said = [talk(turned(pool, number, count), seconds + number) for number in range(count)]
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        paths = [data / f"{number}.flac" for number in range(count)]
        for path, one in zip(paths, said, strict=True):
            write_flac(path, one.audio)
        redis = await open_redis(None, data / "redis")
        try:
            keys = await make_keys(redis.url)
            async with local_server(data, ["--model", model, "--max-active-recordings", str(AT_ONCE)]) as url:
                customers = [Customer(name, url, key) for name, key in zip(ORGANISATIONS, keys, strict=True)]
                try:
                    return await submit_and_wait(customers, paths, said)
                finally:
                    for customer in customers:
                        await customer.close()
        finally:
            await redis.close()


async def submit_and_wait(customers: list[Customer], paths: list[Path], said: list[Talk]) -> dict[str, Any]:
    """Do so, one organisation's share of the recordings after the other's."""
    each = len(paths) // len(customers)
    began, handed_in = time.time(), list[HandedIn]()
    for number, customer in enumerate(customers):
        mine = slice(number * each, (number + 1) * each)
        pairs = zip(paths[mine], said[mine], strict=True)
        handed_in += await asyncio.gather(*(customer.hand_in(path, one) for path, one in pairs))
    all_in = time.time()
    pages = await asyncio.gather(*(customer.ended(each) for customer in customers))
    jobs = [
        {"organisation": customer.organisation, "status": job["status"], "at": seconds_of(job["modified_at"])}
        for customer, page in zip(customers, pages, strict=True)
        for job in page
    ]
    jobs.sort(key=lambda job: job["at"])
    by_name = {customer.organisation: customer for customer in customers}
    heard = [await by_name[one.organisation].text(one.job_id) for one in handed_in]
    await asyncio.sleep(USAGE_SECONDS)
    return {
        "handing_in": all_in - began,
        "wall": jobs[-1]["at"] - began,
        "recorded_seconds": sum(len(one.audio) for one in said) / RATE,
        "shortest_seconds": min(len(one.audio) for one in said) / RATE,
        "word_error_rates": [
            word_errors([one.said.reference], [text]).rate for one, text in zip(handed_in, heard, strict=True)
        ],
        "word_error_rate": word_errors([one.said.reference for one in handed_in], heard).rate,
        "order": [job["organisation"] for job in jobs],
        "statuses": [job["status"] for job in jobs],
        "ended_before_all_were_in": sum(job["at"] < all_in for job in jobs),
        "usage": {
            customer.organisation: {
                "billed_seconds": await customer.billed_seconds(),
                "recorded_seconds": sum(
                    len(one.said.audio) for one in handed_in if one.organisation == customer.organisation
                )
                / RATE,
            }
            for customer in customers
        },
    }


def seconds_of(moment: str) -> float:
    """Return POSIX seconds."""
    return datetime.fromisoformat(moment).timestamp()


def largest_lead(order: list[str]) -> int:
    """Return by how many recordings one organisation was ahead of the other at most, while both had some waiting."""
    lead, left, worst = 0, {name: order.count(name) for name in ORGANISATIONS}, 0
    for name in order:
        if not all(left.values()):
            break
        left[name] -= 1
        lead += 1 if name == ORGANISATIONS[0] else -1
        worst = max(worst, abs(lead))
    return worst


def complaints(figures: dict[str, Any]) -> list[str]:
    """Return which checks failed."""
    found = [f"a recording ended as {status}" for status in figures["statuses"] if status != "complete"]
    rates = figures["word_error_rates"]
    found += [f"a text has {rate:.0%} of its words wrong" for rate in rates if rate > WORST_WORD_ERROR_RATE]
    found += [
        f"{name} had {used['recorded_seconds']:.1f} s and is billed {used['billed_seconds']:.1f} s"
        for name, used in figures["usage"].items()
        if abs(used["recorded_seconds"] - used["billed_seconds"]) > 0.01 * len(figures["order"])
    ]
    if figures["largest_lead"] > LARGEST_LEAD:
        found.append(f"one organisation was {figures['largest_lead']} recordings ahead")
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--each", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    figures = {"model": options.model, "each": options.each}
    figures |= asyncio.run(run(options.model, options.each, options.seconds, options.audio))
    figures |= {"largest_lead": largest_lead(figures["order"][figures["ended_before_all_were_in"] :])}
    keep("fifty_recordings", figures)
    print(chapter.body(figures))
    if wrong := complaints(figures):
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
