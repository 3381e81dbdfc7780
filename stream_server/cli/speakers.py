"""`speakers enroll`, `speakers list`, `speakers delete`: enrolled voices, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stream_server.cli.options import run, with_settings
from stream_server.settings import load_settings

if TYPE_CHECKING:
    from stream_server.enrolling import Enroller
    from stream_server.store.voices import Voice

VOICE_SETTINGS = ("data_directory", "database_url", "voices_key_file", "speaker_embedder")
SAMPLE_SETTINGS = (
    "speaker_segmentation",
    "enroll_speech_seconds",
    "enroll_other_voice_share",
    "enroll_clipped_share",
    "enroll_level_dbfs",
    "enroll_max_audio_seconds",
)
PIECE_BYTES = 65_536


@click.group()
def speakers() -> None:
    """Enroll, list and delete voices that are recognised by name."""


@speakers.command("enroll")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organisation", default="default", show_default=True, help="Whose voice it is.")
@click.option("--user", help="An opaque id of whom it belongs to.")
@with_settings(*VOICE_SETTINGS, *SAMPLE_SETTINGS)
def speakers_enroll(
    *, name: str, files: tuple[Path, ...], organisation: str, user: str | None, config: Path | None, **flags: str | None
) -> None:
    """Learn NAME's voice from recordings of NAME alone."""

    async def enroll(enroller: Enroller) -> str:
        audio_ids = []
        for file in files:
            audio, quality = await enroller.add_audio(organisation, _pieces(file))
            click.echo(f"{file.name}: {quality.speech_seconds:.1f} s of speech", err=True)
            audio_ids.append(audio.id)
        return (await enroller.enroll(organisation, name, audio_ids, user)).id

    click.echo(_with_enroller(enroll, config, flags))


@speakers.command("list")
@click.option("--organisation", default="default", show_default=True, help="Whose voices.")
@with_settings(*VOICE_SETTINGS)
def speakers_list(*, organisation: str, config: Path | None, **flags: str | None) -> None:
    """List voices."""

    async def ask(enroller: Enroller) -> list[str]:
        return [_line(voice, enroller.embedder) for voice in await enroller.list_voices(organisation)]

    for line in _with_enroller(ask, config, flags, check_key=False):
        click.echo(line)


@speakers.command("delete")
@click.argument("speaker_id")
@with_settings(*VOICE_SETTINGS)
def speakers_delete(speaker_id: str, config: Path | None, **flags: str | None) -> None:
    """Delete a voice for good; servers forget it within `voices_refresh_seconds`."""
    voice = _with_enroller(lambda enroller: enroller.delete(None, speaker_id), config, flags, check_key=False)
    click.echo(f"deleted {voice.id}")


def _line(voice: Voice, embedder: str) -> str:
    day = datetime.fromtimestamp(voice.created_at, UTC).date().isoformat()
    state = "needs enrollment" if voice.needs_enrollment(embedder) else "recognised"
    return "  ".join([voice.id, voice.user or "-", day, state, voice.name])


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            yield piece


def _with_enroller(
    ask: Callable[[Enroller], Awaitable[Any]],
    config: Path | None,
    flags: dict[str, str | None],
    *,
    check_key: bool = True,
) -> Any:
    """Ask the installation's database, which a running server may use too.

    Who lists and deletes needs no key: that is the way out for those who have lost it.
    """

    async def answer() -> Any:
        from stream_server.audio.fork_server import ForkServer
        from stream_server.open_stores import make_directory, open_database
        from stream_server.open_voices import open_voices

        settings = load_settings(flags, config)
        make_directory(settings.data_directory)
        database, fork_server = await open_database(settings), ForkServer()
        try:
            voices = await open_voices(settings, database, fork_server, check_key=check_key)
            try:
                return await ask(voices.enroller)
            finally:
                await voices.close()
        finally:
            await fork_server.close()
            await database.close()

    return run(answer())
