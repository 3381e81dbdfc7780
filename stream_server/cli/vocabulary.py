"""`vocabulary show`, `vocabulary set`, `vocabulary delete`: an organisation's own words, without a server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stream_server.cli.formatting_options import read_object
from stream_server.cli.options import run, with_settings
from stream_server.protocol.fields import Fields
from stream_server.protocol.formatting import read_vocabulary, write_vocabulary
from stream_server.settings import load_settings

if TYPE_CHECKING:
    from stream_server.vocabularies import VocabularyBook

DATABASE_SETTINGS = ("data_directory", "database_url")

with_organisation = click.option("--organisation", default="default", show_default=True, help="Whose words.")


@click.group()
def vocabulary() -> None:
    """Show and change how an organisation's words are written."""


@vocabulary.command("show")
@with_organisation
@with_settings(*DATABASE_SETTINGS)
def vocabulary_show(organisation: str, config: Path | None, **flags: str | None) -> None:
    """Write the vocabulary as JSON."""
    kept = _with_book(lambda book: book.find(organisation), config, flags)
    click.echo(json.dumps(write_vocabulary(kept.terms, kept.replacements), ensure_ascii=False, indent=2))


@vocabulary.command("set")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_organisation
@with_settings(*DATABASE_SETTINGS)
def vocabulary_set(file: Path, organisation: str, config: Path | None, **flags: str | None) -> None:
    """Keep the vocabulary of a JSON FILE instead of the one before; servers know it in vocabulary_refresh_seconds."""
    terms, replacements = read_vocabulary(Fields(read_object(file)))
    _with_book(lambda book: book.put(organisation, terms, replacements), config, flags)
    click.echo(f"terms: {len(terms)}, replacements: {len(replacements)}")


@vocabulary.command("delete")
@with_organisation
@with_settings(*DATABASE_SETTINGS)
def vocabulary_delete(organisation: str, config: Path | None, **flags: str | None) -> None:
    """Delete the vocabulary for good."""
    there = _with_book(lambda book: book.delete(organisation), config, flags)
    click.echo("deleted" if there else "there is no vocabulary")


def _with_book(
    ask: Callable[[VocabularyBook], Awaitable[Any]], config: Path | None, flags: dict[str, str | None]
) -> Any:
    """Ask the installation's database, which a running server may use too."""

    async def answer() -> Any:
        from stream_server.open_stores import make_directory, open_database
        from stream_server.store.sql_vocabularies import SqlVocabularies
        from stream_server.vocabularies import VocabularyBook

        settings = load_settings(flags, config)
        make_directory(settings.data_directory)
        database = await open_database(settings)
        try:
            book = VocabularyBook(SqlVocabularies(database), refresh_seconds=settings.vocabulary_refresh_seconds)
            return await ask(book)
        finally:
            await database.close()

    return run(answer())
