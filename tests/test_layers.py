"""Who may import whom, as ARCHITECTURE.md's table says; imports inside functions and under TYPE_CHECKING included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "stream_server"
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. `modules` are names without the package; a name stands for all that is below it.

    `never` names modules of ours, `libraries` those of others. A row may use the rows above it and its own.
    """

    number: int
    name: str
    modules: tuple[str, ...]
    never: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


WORLD = ("asyncio", "threading", "time", "os", "websockets", "aiohttp", "redis", "faster_whisper", "onnxruntime")
MODELS = ("faster_whisper", "ctranslate2", "onnxruntime", "torch", "silero_vad")

TABLE = (
    Row(number=0, name="words", modules=("", "events", "work", "errors", "diarize.voices")),
    Row(
        number=1,
        name="pure",
        modules=(
            *(f"audio.{name}" for name in ("formats", "resample", "timeline", "gate", "sniff", "wav", "mp4")),
            *(f"asr.{name}" for name in ("engine", "batching", "stabilizer", "guards", "words")),
            *("diarize", "text", "session", "protocol", "compat"),
            *("captions", "durations", "sample", "audio", "evaluate", "jobs.job", "webhooks", "transcript_formatting"),
            *("store.base", "store.records", "store.exports", "store.reworded", "store.vocabularies"),
        ),
        libraries=WORLD,
    ),
    Row(
        number=2,
        name="engines",
        modules=(
            *("audio.silero", "audio.silero_weights", "asr"),
            *(f"diarize.{name}" for name in ("checkpoint", "graphs", "networks", "published", "inference")),
            *(f"diarize.{name}" for name in ("segmentation", "embedder", "wespeaker", "embedders")),
            *(f"diarize.{name}" for name in ("listener", "listening")),
        ),
        never=("session", "protocol", "compat", "net", "rest", "store"),
        libraries=("asyncio",),
    ),
    Row(number=2, name="stores", modules=("store", "patience"), never=("session", "asr", "net", "rest")),
    Row(
        number=3,
        name="shells",
        modules=(
            *(f"session.{name}" for name in ("runner", "registry", "services", "opening", "intake", "spool", "outbox")),
            *(f"session.{name}" for name in ("serving", "life", "connections", "attachment", "delivery", "resumption")),
            *(f"session.{name}" for name in ("reception", "feed", "lease", "record", "report")),
            "journaling",
            *(f"audio.{name}" for name in ("confinement", "containers", "container_child", "decoding", "fork_server")),
            *(f"audio.{name}" for name in ("fork_server_child", "libav", "media", "media_child", "media_file")),
            *("jobs", "auth", "enrolling", "hearing", "voices", "usage", "recording", "metrics", "logs", "backlog"),
            *(
                "record_voices",
                "vocabularies",
                "speaker_edits",
                "kept_audio",
                "receiving",
                "signatures",
                "tokens",
                "media_retention",
                "webhook_delivery",
            ),
            *("evaluate.__main__", "formatting_child"),
        ),
        libraries=("websockets", "aiohttp", "redis", "sqlalchemy", "faster_whisper"),
    ),
    Row(
        number=4,
        name="edges",
        modules=("net", "rest", "client", "recordings_client", "sources"),
        never=(
            *("store.redis", "store.sql", "session.session", "session.track", "session.transcript"),
            *("asr.stabilizer", "text"),
        ),
        libraries=MODELS,
    ),
    Row(
        number=5,
        name="root",
        modules=(
            *(
                "app",
                "http_routes",
                "browser_files",
                "session_settings",
                "cli",
                "settings",
                "demo",
                "local_server",
                "__main__",
            ),
            *(f"open_{name}" for name in ("stores", "workers", "voices", "webhooks", "recordings")),
            *("lone_server", "transcribe_files", "file_progress"),
        ),
    ),
)

FREE = ("session.options", "session.meter", "text.formatting")
"""Plain values that any row from the first on may know, although `session` is closed to it."""

SEPARATE = {"session": ("protocol", "compat")}
"""Within the pure row, who may not know whom."""


def module_name(path: Path) -> str:
    """Return a file's module without the package: "" for the package itself."""
    parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}


def inside(module: str, names: tuple[str, ...]) -> bool:
    """Tell whether a module is one of the names or below one of them."""
    return any(module == name or (name != "" and module.startswith(f"{name}.")) for name in names)


def row_of(module: str) -> Row | None:
    """Return the row that names a module most exactly."""
    found = [
        (len(name), row)
        for row in TABLE
        for name in row.modules
        if module == name or (name != "" and module.startswith(f"{name}."))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def imports_of(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """Yield the dotted names that a source imports, wherever in it; `from a import b` gives a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = [PACKAGE, *filter(None, module.split("."))]
                up = here[: len(here) - node.level + is_package]
                base = ".".join([*up, *filter(None, [base])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def own_module(name: str) -> str | None:
    """Return which of our modules a dotted name means; None for other people's."""
    if name != PACKAGE and not name.startswith(f"{PACKAGE}."):
        return None
    inner = name.removeprefix(PACKAGE).removeprefix(".")
    return inner if inner in SOURCES else inner.rpartition(".")[0]


def violations(module: str, names: list[str]) -> Iterator[str]:
    """Yield what is wrong with a module's imports."""
    row = row_of(module)
    assert row is not None
    for name in names:
        target = own_module(name)
        if target is None:
            if inside(name, row.libraries):
                yield f"{module} ({row.name}) imports {name}"
            continue
        if inside(target, FREE):
            continue
        other = row_of(target)
        if other is None or other.number > row.number or inside(target, row.never):
            yield f"{module} ({row.name}) imports {target}"
        if inside(target, SEPARATE.get(module.partition(".")[0], ())) and row.name == "pure":
            yield f"{module} imports {target}: they do not know each other"


@pytest.mark.parametrize("module", SOURCES)
def test_every_module_has_its_row(module: str) -> None:
    """A module that the table does not name is not part of the house."""
    assert row_of(module) is not None, f"give {module} a row in ARCHITECTURE.md and here"


@pytest.mark.parametrize("module", [module for module in SOURCES if row_of(module)])
def test_modules_import_only_what_their_row_allows(module: str) -> None:
    """A row knows the rows above it and its own, and never the libraries that the table keeps from it."""
    path = SOURCES[module]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = list(imports_of(tree, module, is_package=path.name == "__init__.py"))
    assert list(violations(module, names)) == []


@pytest.mark.parametrize("module", [module for module in SOURCES if module != "settings"])
def test_only_settings_reads_the_environment(module: str) -> None:
    """Nobody else looks at os.environ: what a module needs comes as an argument."""
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    words = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not words & {"environ", "getenv"}


def test_the_walk_sees_imports_wherever_they_hide() -> None:
    """An import inside a function, under TYPE_CHECKING or relative is an import."""
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import redis.asyncio\n"
        "def late():\n    from ..store import redis as ours\n    from . import runner\n"
    )
    names = list(imports_of(ast.parse(source), "session.state", is_package=False))
    assert names == [
        "typing.TYPE_CHECKING",
        "redis.asyncio",
        "stream_server.store.redis",
        "stream_server.session.runner",
    ]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("session.state", "asyncio"),
        ("session.session", "stream_server.protocol.dialect.Handshake"),
        ("asr.worker", "asyncio.sleep"),
        ("asr.whisper", "stream_server.store.base"),
        ("store.redis", "stream_server.session.session.Session"),
        ("auth", "redis.asyncio.Redis"),
        ("recording", "sqlalchemy.Table"),
        ("rest.records", "stream_server.store.sql"),
        ("net.port", "ctranslate2"),
        ("rest", "stream_server.settings.Settings"),
        ("audio.gate", "stream_server.audio.silero"),
    ],
)
def test_the_table_forbids(module: str, name: str) -> None:
    """What the house forbids is found."""
    assert list(violations(module, [name]))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("protocol.native", "stream_server.session.options.SessionOptions"),
        ("store.redis", "stream_server.session.meter.UsageSnapshot"),
        ("session.session", "stream_server.asr.stabilizer"),
        ("app", "stream_server.settings"),
        ("compat.prosa.streaming", "stream_server.protocol.dialect"),
    ],
)
def test_the_table_allows(module: str, name: str) -> None:
    """What the house allows is not found fault with."""
    assert not list(violations(module, [name]))
