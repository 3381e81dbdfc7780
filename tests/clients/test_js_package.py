"""The JavaScript package: its own tests in node, its types, what is published of it, and how much memory it keeps."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import msgpack
import pytest

from stream_server.store.exports import export
from stream_server.store.records import Record, Segment, SegmentWord, Transcript
from stream_server.text.formatter import join
from tests.sdks.environments import NODE, NPM, node_client

PACKAGE = Path(__file__).resolve().parents[2] / "clients" / "js"
SCRIPTS = Path(__file__).parent / "js"
LARGEST_BUNDLE_BYTES = 15_000


async def node(*arguments: str | Path, cwd: Path = PACKAGE) -> str:
    """Run node and return what it printed; what it complained of is the failure's message."""
    process = await asyncio.create_subprocess_exec(
        *map(str, (NODE, *arguments)), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=cwd
    )
    printed, complaints = await process.communicate()
    assert process.returncode == 0, f"{complaints.decode()[-4000:]}\n{printed.decode()[-8000:]}"
    return printed.decode()


async def tools() -> Path:
    """Return where the TypeScript compiler and the bundler are."""
    return (await asyncio.to_thread(node_client, "js-package")) / "node_modules"


def declarations(folder: Path) -> dict[str, str]:
    """Return the declarations in a folder."""
    return {file.name: file.read_text() for file in folder.glob("*.d.ts")}


async def test_its_own_tests_pass() -> None:
    """What the package promises of itself holds in node."""
    printed = await node("--test", "--test-reporter=tap")
    counts = dict(re.findall(r"^# (pass|fail|skipped|cancelled) (\d+)$", printed, re.MULTILINE))
    assert int(counts["pass"]) > 100
    assert {counts["fail"], counts["skipped"], counts["cancelled"]} == {"0"}


async def test_its_types_are_those_of_its_source(tmp_path: Path) -> None:
    """The source is strictly typed, and the declarations that are published are what the compiler makes of it."""
    compiler = await tools() / "typescript" / "lib" / "tsc.js"
    await node(compiler, "--project", "tsconfig.json", "--outDir", tmp_path)
    assert declarations(PACKAGE / "types") == declarations(tmp_path), "npm run types makes them anew"


async def test_a_strict_program_type_checks(tmp_path: Path) -> None:
    """TypeScript's strictest options find nothing in a program that uses all of the package, libraries included."""
    compiler = await tools() / "typescript" / "lib" / "tsc.js"
    shutil.copytree(PACKAGE, tmp_path / "node_modules" / "stream-server-client")
    shutil.copy(SCRIPTS / "consumer.ts", tmp_path)
    shutil.copy(SCRIPTS / "consumer.tsconfig.json", tmp_path / "tsconfig.json")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    await node(compiler, "--project", tmp_path, cwd=tmp_path)


async def test_only_what_is_needed_is_published() -> None:
    """A package holds the source, its types, the README, the licence and nothing of tests."""
    (packed,) = json.loads(await node(NPM, "pack", "--dry-run", "--json"))
    names = {each["path"] for each in packed["files"]}
    source = {f"src/{file.name}" for file in (PACKAGE / "src").iterdir()}
    types = {f"types/{file.name}" for file in (PACKAGE / "types").iterdir()}
    assert names == {"package.json", "README.md", "LICENSE"} | source | types
    assert packed["bundled"] == []
    assert "dependencies" not in json.loads((PACKAGE / "package.json").read_text())


@pytest.mark.parametrize("entry", ["index.js", "live-captions.js"])
async def test_what_a_page_loads_is_small(tmp_path: Path, entry: str) -> None:
    """Bundled, minified and compressed, either entry stays below 15 kB; the worklet is loaded beside it, on demand."""
    bundler = await tools() / "esbuild" / "bin" / "esbuild"
    bundle = tmp_path / entry
    await node(bundler, PACKAGE / "src" / entry, "--bundle", "--minify", "--format=esm", f"--outfile={bundle}")
    assert len(gzip.compress(bundle.read_bytes(), 9, mtime=0)) < LARGEST_BUNDLE_BYTES


def test_a_strict_content_security_policy_has_nothing_to_object_to() -> None:
    """Nothing is evaluated, no markup is parsed, no style stands in an attribute."""
    for file in (PACKAGE / "src").glob("*.js"):
        forbidden = r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\"style\"|\.style\b"
        assert re.findall(forbidden, file.read_text()) == [], file.name


async def test_memory_follows_the_words_alone() -> None:
    """While hours of words pass, kept sound stays below a few seconds and the heap grows by less than 1 kB a word."""
    told = json.loads(await node("--expose-gc", SCRIPTS / "memory.mjs", "8"))
    first, last = told["samples"][1], told["samples"][-1]
    assert last["words"] == 4 * first["words"]
    assert told["mostBuffered"] < 5
    assert max(sample["soundBytes"] for sample in told["samples"]) < 16 * 1024 * 1024
    assert (last["heapBytes"] - first["heapBytes"]) / (last["words"] - first["words"]) < 1024


async def test_it_spells_msgpack_as_python_does(tmp_path: Path) -> None:
    """A thousand random values that Python packed are packed to the same bytes once they have been unpacked."""
    numbers = random.Random(7)
    packed = [base64.b64encode(msgpack.packb(_value(numbers, 2))).decode() for _ in range(1_000)]
    file = tmp_path / "packed.json"
    file.write_text(json.dumps(packed))
    assert json.loads(await node(SCRIPTS / "msgpack.mjs", file)) == packed


def _value(numbers: random.Random, depth: int) -> Any:
    """Make a value as JSON has them, or bytes."""
    kinds = "nbifstB" + ("lm" * 3 if depth else "")
    match numbers.choice(kinds):
        case "n":
            return None
        case "b":
            return numbers.random() < 0.5
        case "i":
            return numbers.randint(-(2 ** numbers.randint(0, 53)), 2 ** numbers.randint(0, 53)) // 2
        case "f":
            return numbers.uniform(-1, 1) * 10.0 ** numbers.randint(-3, 3) + 1e-9
        case "s" | "t":
            return "".join(numbers.choice("aé日\U0001f600\u202e\0") for _ in range(numbers.choice((0, 3, 40, 300))))
        case "B":
            return numbers.randbytes(numbers.choice((0, 5, 300, 70_000 if depth == 2 else 40)))
        case "l":
            return [_value(numbers, depth - 1) for _ in range(numbers.choice((0, 3, 17)))]
    return {f"k{index}": _value(numbers, depth - 1) for index in range(numbers.choice((0, 3, 17)))}


TALK = (
    "Good morning everyone, let's start with the results of the third quarter. Thank you: we signed 420 new customers, "
    "12% more than last year! Dr. Smith said that it was, in his own words, a very good result because nobody had "
    "expected it. Selamat pagi semuanya, hari ini kami akan membahas anggaran yang sudah disetujui oleh direksi --> "
    "dan untuk itu saya mohon maaf. 今日は 会議を 始めます。 <b>bold</b> & _under_ *star* "
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft is one word."
)


@pytest.mark.parametrize("seed", range(8))
async def test_it_exports_as_the_server_does(tmp_path: Path, seed: int) -> None:
    """Text, Markdown and subtitles of the same words are the same, character by character."""
    transcript = _transcript(random.Random(seed))
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(_messages(transcript)))
    made = json.loads(await node(SCRIPTS / "exports.mjs", file))
    assert made["txt"] == export(transcript, "txt")
    assert made["srt"] == export(transcript, "srt")
    assert made["vtt"] == export(transcript, "vtt")
    assert made["md"] == re.sub(r"\A(# .*?\n\n)- .*?\n\n(?!- )", r"\1", export(transcript, "md"), flags=re.DOTALL)


def _transcript(numbers: random.Random) -> Transcript:
    """Make a record of a talk on a clock of milliseconds, which is what the wire's seconds are exact to."""
    segments, at = [], 0
    for number in range(25):
        words = []
        for _ in range(numbers.randint(1, 30)):
            start = at + numbers.choice((0, 0, 30, 120, 700))
            at = start + numbers.randint(40, 600)
            text = numbers.choice(TALK.split())
            speaker = numbers.choice((1, 2, None)) if numbers.random() < 0.15 else number % 3 + 1
            words.append(SegmentWord(text=text, spoken=text, start=start, end=at, confidence=1.0, speaker=speaker))
        segments.append(
            Segment(
                sequence=number + 1,
                utterance_id=f"u{number}",
                track=0,
                start=words[0].start,
                end=at,
                text=join(word.text for word in words),
                speaker=number % 3 + 1,
                words=tuple(words),
            )
        )
        at += numbers.choice((0, 200, 900, 3_000))
    record = Record(id="r1", organisation="acme", started_at=0.0, clock_rate=1_000, model="m", tracks=("track 1",))
    return Transcript(record=record, segments=tuple(segments), speakers={1: "Ada", 2: None, 3: "Budi *B* <x>"})


def _messages(transcript: Transcript) -> list[dict[str, Any]]:
    """Tell of a record as the wire does."""
    ready = {"type": "ready", "session_id": "r1", "sample_rate": 1_000, "tracks": list(transcript.record.tracks)}
    return [ready, *(_final(segment, transcript) for segment in transcript.segments)]


def _final(segment: Segment, transcript: Transcript) -> dict[str, Any]:
    def speaker(number: int | None) -> dict[str, Any] | None:
        return None if number is None else {"id": number, "name": transcript.speakers[number], "confidence": 1.0}

    def span(start: int, end: int) -> dict[str, float]:
        return {"start_seconds": start / 1_000, "end_seconds": end / 1_000}

    words = [
        {"text": word.text, **span(word.start, word.end), "confidence": 1.0, "speaker": speaker(word.speaker)}
        for word in segment.words
    ]
    return {
        "type": "final",
        "sequence": segment.sequence,
        "track": segment.track,
        "speaker": speaker(segment.speaker),
        "utterance_id": segment.utterance_id,
        **span(segment.start, segment.end),
        "text": segment.text,
        "words": words,
        "language": None,
        "lag_ms": 0,
    }
