"""Builds what enrolled voices need out of the settings: for the server, and for the command line without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stream_server.audio.containers import Containers
from stream_server.audio.decoding import open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.diarize.enrollment import EnrollmentLimits
from stream_server.diarize.listener import Listener
from stream_server.diarize.naming import name_speakers
from stream_server.diarize.networks import find_graph, version_of
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.diarize.voices import Embedding
from stream_server.enrolling import Enroller, RecordedVoices
from stream_server.hearing import MOST_WAITING, SampleHearer
from stream_server.session.speakers import Recognise
from stream_server.session_settings import container_limits
from stream_server.settings import Settings
from stream_server.store.sealing import KEY_NAME, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_voices import SqlVoices
from stream_server.voices import VoiceBook


@dataclass(frozen=True, slots=True)
class OpenVoices:
    """Enrolled voices in use; `close` before the database. `seal` seals whatever tells how people sound."""

    seal: Seal
    book: VoiceBook
    enroller: Enroller
    hearer: SampleHearer

    async def close(self) -> None:
        """End what is under way."""
        await self.enroller.stop()
        await self.hearer.stop()
        await self.book.stop()


async def open_voices(
    settings: Settings,
    database: Database,
    fork_server: ForkServer,
    *,
    recorded: Callable[[Seal, str], RecordedVoices] | None = None,
    check_key: bool = True,
) -> OpenVoices:
    """Return enrolled voices on a database; raises `StartupError` as `SqlVoices.open` does, `ModelUnavailable`.

    `fork_server` begins what decodes samples. `recorded` makes what finds speakers of records, given the seal and the
    embedder.
    """
    key_file = settings.voices_key_file or settings.data_directory / KEY_NAME
    store = await SqlVoices.open(database, key_file, check_key=check_key)
    book = VoiceBook(store, version_of(settings.speaker_embedder), refresh_seconds=settings.voices_refresh_seconds)
    spool = settings.data_directory / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    containers = Containers(fork_server, MOST_WAITING, spool=spool, limits=container_limits(settings))
    hearer = SampleHearer(
        lambda: load_listener(settings.speaker_segmentation, settings.speaker_embedder, settings.data_directory),
        lambda audio: open_decoder(audio, containers),
        enrollment_limits(settings),
        max_audio_seconds=settings.enroll_max_audio_seconds,
    )
    enroller = Enroller(
        store,
        book,
        hearer,
        audio_hours=settings.enroll_audio_hours,
        recorded=None if recorded is None else recorded(store.seal, book.embedder),
    )
    return OpenVoices(store.seal, book, enroller, hearer)


def recognise_with(book: VoiceBook, limits: RecognitionLimits) -> Callable[[str], Recognise]:
    """Return what gives, for an organisation, what names its enrolled voices in its sessions."""

    def recognise(organisation: str) -> Recognise:
        book.voices(organisation)  # so that they are here when somebody has spoken

        def name(centroids: Mapping[int, Embedding], before: Mapping[int, str]) -> dict[int, str]:
            voices = book.voices(organisation)
            if not book.knows(organisation):  # nobody has asked in a while: the answer is on its way
                return dict(before)
            return name_speakers(centroids, before, voices, limits)

        return name

    return recognise


def load_listener(segmentation: str, embedder: str, data_directory: Path) -> Listener:
    """Load the speaker networks; raises `ModelUnavailable`."""
    from stream_server.diarize.embedders import open_embedder
    from stream_server.diarize.segmentation import OnnxSegmenter

    segmenter = OnnxSegmenter(find_graph(segmentation, data_directory), segmentation)
    return Listener(segmenter, open_embedder(find_graph(embedder, data_directory)))


def enrollment_limits(settings: Settings) -> EnrollmentLimits:
    """Return what a sample must be like."""
    return EnrollmentLimits(
        speech_seconds=settings.enroll_speech_seconds,
        other_voice_share=settings.enroll_other_voice_share,
        clipped_share=settings.enroll_clipped_share,
        level_dbfs=settings.enroll_level_dbfs,
    )


def recognition_limits(settings: Settings, own: RecognitionLimits | None = None) -> RecognitionLimits:
    """Return when a speaker is given a name: as the settings say, else by the embedder's `own` (None: GE2E's)."""
    own = own or RecognitionLimits()
    threshold = own.threshold if settings.voice_threshold is None else settings.voice_threshold
    margin = own.margin if settings.voice_margin is None else settings.voice_margin
    return RecognitionLimits(threshold=threshold, margin=margin)
