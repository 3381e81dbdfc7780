"""Ours beside its peers: the same clips, weights, pacing and machine through each server, one after another.

    python benchmarks/peers.py --set-up
    python benchmarks/peers.py [--models tiny.en base] [--sessions 1 2 4 8 12 16] [--rounds 3] [--short]

The peers are WhisperLive, WhisperLiveKit (LocalAgreement, faster-whisper) and the plain loop that everyone writes
first, `peers/loop_server.py`. `--set-up` installs the first two from the package registry, each into an environment of
its own outside the tree; `peers/*.txt` names the packages. They have as many threads as the machine has cores, which
is fastest; with one thread WhisperLive (its own default) and the loop are cheaper, so that is measured beside it. More
can be asked for with `--servers`: WhisperLive's batch mode, WhisperLiveKit with one thread, and WhisperLiveKit
gathering a second of audio before it decodes (`--asr-coalesce-min-s 1`).

One session is measured `--alone` times, each with another of the talks, where it is held: they are the same clips in
another order, yet words vary with where frames fall, and one talk has few of them. With `--join` rows of an earlier run
stay where they are of servers or models that are not measured now.

Every row has a server of its own, warmed up, and a load process of its own. Servers take turns at each number of
sessions, and that for each round. `peers/latency.py` says what a final latency is, the same for all. Held means: p95 of
it at most a second, every session ended normally, word error rate within 10 % (relative) of the same server's with one
session, and at most one more word per session deleted. After two numbers that are not held a server is not loaded
further in that round. Ratios are ours over the best of the others, each at its own capacity; a peer that holds none
counts as one session at what one costs. A row that other work on the machine has disturbed is measured again, up to
`--again` times. Writes results/peers.json. A server that does not start is told on standard error, stands in `errors`
and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers import environments
from peers.environments import NoEnvironment
from peers.latency import check
from peers.measure import measure
from peers.servers import KINDS, PeerDied, Setting
from peers.talks import Talk, talks
from peers.verdict import OURS, Row, is_exhausted, judge, of, ratios
from record import keep, load, machine
from speech import SHARED

from stream_server.asr.models import resolve
from stream_server.settings import default_data_directory

DEFAULT = [OURS, "whisper_live", "whisper_live_one_thread", "whisperlivekit", "loop", "loop_one_thread"]

SHORT_SECONDS = 15.0
SHORT_MOST = 2


@dataclass
class Run:
    """What is measured, and what has come of it."""

    servers: list[str]
    sessions: list[int]
    rounds: int
    again: int
    environments: Path
    said: list[Talk]
    alone: int = 1
    rows: list[Row] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    async def model(self, name: str, weights: Path) -> None:
        """Measure all servers with one model's weights."""
        for number in range(self.rounds):
            for count in self.sessions:
                for server in self.servers:
                    mine = [row for row in of(self.rows, server, name) if row["round"] == number]
                    failed = [e for e in self.errors if (e["server"], e["model"], e["round"]) == (server, name, number)]
                    if not failed and not is_exhausted(mine):
                        await self.row(server, name, weights, count, number)
                    for talk in range(1, self.alone if count == 1 else 1):
                        if self.rows and self.rows[-1]["server"] == server and self.rows[-1]["held"]:
                            await self.row(server, name, weights, count, number, talk=talk)

    async def row(self, server: str, model: str, weights: Path, count: int, number: int, *, talk: int = 0) -> None:
        """Measure one row, its first session with that talk; again if it was disturbed, or note why there is none."""
        said = [*self.said[talk % len(self.said) :], *self.said[: talk % len(self.said)]]
        where: Row = {"server": server, "model": model, "round": number}
        for left in reversed(range(self.again + 1)):
            with tempfile.TemporaryDirectory() as directory:
                setting = Setting(model, weights, count, Path(directory), self.environments)
                try:
                    row = where | await measure(server, setting, said)
                except (PeerDied, NoEnvironment) as error:
                    self.errors.append(where | {"sessions": count, "error": str(error)})
                    print(f"ERROR: {server} with {model} was NOT measured: {error}", file=sys.stderr, flush=True)
                    return
            if not row["disturbed"] or not left:
                break
            print(f"disturbed, so again: {json.dumps(row)}", file=sys.stderr, flush=True)
        if row["whole"] < count:
            print(f"{server}: {count - row['whole']} of {count} sessions were lost: {row['ended']}", file=sys.stderr)
        self.rows.append(row)
        judge(self.rows)
        print(json.dumps(row), flush=True)


def set_up(folder: Path) -> None:
    """Install every peer; exit with status 1 if one cannot be, the others installed all the same."""
    faults = []
    for name in environments.CHECKS:
        try:
            environments.set_up(folder, name)
        except NoEnvironment as fault:
            faults.append(str(fault))
    if faults:
        raise SystemExit("\n".join(faults))


def earlier_rows(servers: list[str], models: list[str]) -> list[Row]:
    """Return the last result's rows of other servers or models than these, if this machine gave them."""
    found = load("peers")
    if found is None or found["machine"] != machine():
        return []
    rows: list[Row] = found["figures"]["rows"]
    return [row for row in rows if not (row["server"] in servers and row["model"] in models)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set-up", action="store_true", help="install the peers, measure nothing")
    parser.add_argument("--environments", type=Path, default=environments.DEFAULT, help="where they are installed")
    parser.add_argument("--models", nargs="+", default=["tiny.en", "base"])
    parser.add_argument("--servers", nargs="+", choices=KINDS, default=DEFAULT)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 4, 8, 12, 16])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--again", type=int, default=2, help="how often a disturbed row is measured again at most")
    parser.add_argument("--alone", type=int, default=3, help="how often one session is measured")
    parser.add_argument("--join", action="store_true", help="keep an earlier run's rows of what is not measured now")
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--short", action="store_true", help="one round of 15 s, at most two sessions")
    arguments = parser.parse_args()
    if arguments.set_up:
        set_up(arguments.environments)
        return
    if 1 not in arguments.sessions:
        parser.error("one session is what the others are held against: name 1 among --sessions")
    if arguments.short:
        arguments.rounds, arguments.alone, arguments.seconds = 1, 1, SHORT_SECONDS
        arguments.sessions = [count for count in arguments.sessions if count <= SHORT_MOST]
    check()
    said = talks(arguments.seconds, arguments.audio)
    counted = (arguments.servers, arguments.sessions, arguments.rounds, arguments.again)
    run = Run(*counted, arguments.environments, said, arguments.alone)
    if arguments.join:
        run.rows = earlier_rows(arguments.servers, arguments.models)
    for model in arguments.models:
        weights = resolve(model, default_data_directory(), allow_download=True).path
        asyncio.run(run.model(model, weights))
    judge(run.rows)
    models = dict.fromkeys(row["model"] for row in run.rows)
    tables = {"ratios" if model == "tiny.en" else f"ratios_{model}": ratios(run.rows, model) for model in models}
    seconds = {"seconds": arguments.seconds, "clips": len(said[0].said), "rounds": arguments.rounds}
    keep("peers", tables | seconds | {"errors": run.errors, "rows": run.rows})
    print(json.dumps(tables, indent=1))
    if run.errors:
        raise SystemExit(f"{len(run.errors)} of the servers could not be measured: see `errors`")


if __name__ == "__main__":
    main()
