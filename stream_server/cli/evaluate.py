"""`evaluate`: how far a transcript is from the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stream_server.errors import InvalidConfiguration

if TYPE_CHECKING:
    from stream_server.evaluate.evaluation import Options, Report


@click.command()
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("hypothesis", type=click.Path(path_type=Path))
@click.option("--language", help="Code of the language; without it what the JSON says.")
@click.option(
    "--normalizer",
    type=click.Choice(["auto", "english", "basic", "none"]),
    default="auto",
    show_default=True,
    help="How words are made comparable; auto goes by the language.",
)
@click.option(
    "--collar",
    "collar_seconds",
    type=float,
    default=0.25,
    show_default=True,
    help="Seconds that are not scored, to each side of every start and end of a turn.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate(
    reference: Path, hypothesis: Path, *, language: str | None, normalizer: str, collar_seconds: float, form: str
) -> None:
    """Score transcript HYPOTHESIS against REFERENCE, or each file of a directory against its namesake.

    Plain text (.txt) has words; .rttm speakers and times; .stm, .json, .jsonl, .srt and .vtt may have all three.
    """
    from stream_server.evaluate.evaluation import Options, total
    from stream_server.evaluate.report import as_json, as_rows, as_table

    options = Options(language=language, normalizer=normalizer, collar_seconds=collar_seconds)
    if not reference.is_dir() and not hypothesis.is_dir():
        report = _score(reference, hypothesis, options)
        click.echo(json.dumps(as_json(report), indent=2) if form == "json" else as_table(report), nl=form == "json")
        return
    reports = {stem: _score(ours, theirs, options) for stem, ours, theirs in _pairs(reference, hypothesis)}
    summed = total(list(reports.values()))
    if form == "table":
        click.echo(as_rows(reports, summed), nl=False)
        return
    files = [{"file": stem, **as_json(report)} for stem, report in reports.items()]
    click.echo(json.dumps({"files": files, "total": as_json(summed)}, indent=2))


def _score(reference: Path, hypothesis: Path, options: Options) -> Report:
    from stream_server.evaluate.evaluation import evaluate as score
    from stream_server.evaluate.formats import SUFFIXES, format_of, parse

    transcripts = []
    for path in (reference, hypothesis):
        form = format_of(path.name)
        if form is None:
            raise InvalidConfiguration(f"{path}: the name must end in one of {', '.join(SUFFIXES)}")
        transcripts.append(parse(_read(path), form, str(path)))
    return score(transcripts[0], transcripts[1], options)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{path} is not UTF-8") from None


def _pairs(reference: Path, hypothesis: Path) -> Iterator[tuple[str, Path, Path]]:
    """Yield the files of two directories that share a stem; raises `InvalidConfiguration` if one has no namesake.

    A file that is missing on one side is no accident to pass over: the total would flatter.
    """
    ours, theirs = _transcripts(reference), _transcripts(hypothesis)
    alone = sorted(ours.keys() ^ theirs.keys())
    if alone:
        raise InvalidConfiguration(f"only one of the directories has {', '.join(alone)}")
    if not ours:
        raise InvalidConfiguration(f"{reference} holds no transcripts")
    yield from ((stem, ours[stem], theirs[stem]) for stem in sorted(ours))


def _transcripts(directory: Path) -> dict[str, Path]:
    from stream_server.evaluate.formats import format_of

    if not directory.is_dir():
        raise InvalidConfiguration(f"{directory} is no directory; give two files or two directories")
    found: dict[str, Path] = {}
    for path in sorted(directory.iterdir()):
        if format_of(path.name) is None or path.name.startswith("."):
            continue
        if path.stem in found:
            raise InvalidConfiguration(f"{directory} holds two transcripts called {path.stem}")
        found[path.stem] = path
    return found
