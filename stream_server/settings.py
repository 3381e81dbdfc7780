"""Read every setting once: flag > environment `STREAM_SERVER_*` > TOML file > default.

The only reader of the environment. Every limit carries its unit in its name and its reason in its description;
`docs/settings.md` lists them all and a test keeps the two in step. Nothing outside `app` and `cli` sees this module.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from stream_server.errors import StartupError
from stream_server.text.formatting import Secret

ENVIRONMENT_PREFIX = "STREAM_SERVER_"

MEBIBYTE = 1024 * 1024


def default_data_directory() -> Path:
    """Return the platform's place for a user's application data."""
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given) / "stream-server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "stream-server"
    return Path.home() / ".local" / "share" / "stream-server"


def bare_environment() -> dict[str, str]:
    """Return the environment without our settings, for a server that shall know none but those it is given."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(ENVIRONMENT_PREFIX)}


class Settings(BaseSettings):
    """Everything an operator may choose."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, extra="forbid", frozen=True, validate_default=True, env_ignore_empty=True
    )

    file_values: ClassVar[Mapping[str, Any]] = {}
    """What the configuration file said; set on the subclass that `load_settings` makes."""

    # ── where it listens ────────────────────────────────────────────────────────────────────────────────────────────
    host: str = Field("127.0.0.1", description="Address to listen on; only a loopback address may run without keys")
    port: int = Field(8765, ge=0, le=65_535, description="Port for HTTP and websockets alike; 0 picks a free one")
    tls_certificate: Path | None = Field(None, description="PEM file with the certificate chain; turns on TLS")
    tls_key: Path | None = Field(None, description="PEM file with the certificate's private key")
    tls_self_signed: bool = Field(
        False, description="TLS with a certificate of the server's own, for a local network; kept in `data_directory`"
    )
    tls_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names and addresses for that certificate besides those that this machine knows of itself"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Web origins besides the server's own host whose pages may connect; `*` allows any"
    )
    deepgram_idle_seconds: float = Field(
        10.0, ge=1, le=3_600, description="Silence on the wire until a Deepgram client's stream ends; Deepgram's own"
    )
    deepgram_endpointing_ms: int = Field(
        300, ge=10, le=5_000, description="Least `endpointing` of Deepgram clients; 25 ms, as some ask for, cut words"
    )
    prosa_models: Annotated[tuple[str, ...], NoDecode] = Field(
        ("stt-general-online", "asr-general-online", "stt-general", "asr-general"),
        description="Model names the Prosa wire accepts; the documented ones, so that clients need no change",
    )

    # ── recognition ─────────────────────────────────────────────────────────────────────────────────────────────────
    engine: Literal["whisper", "scripted"] = Field("whisper", description="`scripted` is a fake for building clients")
    model: str = Field(
        "auto", description="A catalog name or a directory; `auto` is the best this machine can run live"
    )
    partial_model: str | None = Field(
        None, description="A smaller model for partials alone, of the same languages; without it one model does both"
    )
    punctuation_model: Path | None = Field(
        None,
        description="A directory with an ONNX token classifier that punctuates for engines that do not; none: rules do",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu(,cpu)*|cuda|cuda:\d{1,2}(,cuda:\d{1,2})*)$",
        description="auto, cpu, cuda or cuda:N; several of a kind with commas each get the model and serve one queue",
    )
    compute_type: str = Field(
        "auto",
        pattern=r"^(auto|int8|int8_float16|int8_float32|int8_bfloat16|int16|float16|bfloat16|float32)$",
        description="Arithmetic of the weights; `auto` is int8 on a CPU and float16 on a GPU",
    )
    device_replicas: int = Field(
        0, ge=0, le=64, description="Windows recognised at once on a device; 0: one a core up to 4, on a GPU one"
    )
    cpu_threads: int = Field(
        0, ge=0, le=256, description="Threads of one window; 0 shares all cores among devices and replicas"
    )
    final_beam_size: int = Field(1, ge=1, le=10, description="Beams for finals; partials are always greedy")
    max_batch: int = Field(
        0, ge=0, le=128, description="Windows in one call; 0: the engine chooses, 4 on a CPU, 32 on a GPU"
    )
    batch_gather_ms: int = Field(5, ge=0, le=100, description="Wait for company before a batch runs; 5 ms is unheard")
    partial_interval_ms: int = Field(500, ge=100, le=10_000, description="Default time between partials of a speaker")
    partial_deadline_ms: int = Field(
        2_000, ge=100, le=60_000, description="A partial that waited longer for its turn is dropped as stale"
    )
    partial_batch_ms: int = Field(
        250, ge=10, le=60_000, description="Partials that run together take about so long: a final waits for them"
    )
    endpointing_ms: int = Field(500, ge=10, le=5_000, description="Default silence that ends an utterance")
    max_utterance_seconds: float = Field(
        20.0, ge=5, le=28, description="An utterance is cut at its quietest moment by then; Whisper hears 30 s"
    )
    vad_start_threshold: float = Field(0.5, gt=0, lt=1, description="Speech probability at which an utterance starts")
    vad_end_threshold: float = Field(0.35, gt=0, lt=1, description="Speech probability below which silence counts")
    vad_start_ms: int = Field(96, ge=32, le=1_000, description="Speech needed before an utterance starts; coughs end")
    vad_preroll_ms: int = Field(300, ge=0, le=1_000, description="Audio kept from before the start: whole first words")
    lag_behind_ms: int = Field(2_000, ge=100, le=60_000, description="Lag at which clients are told `behind`")
    lag_overloaded_ms: int = Field(5_000, ge=100, le=600_000, description="Lag at which clients are told `overloaded`")
    load_slow_partials_ms: int = Field(
        300, ge=1, le=600_000, description="Wait for a turn at which partials become three times rarer"
    )
    load_finals_only_ms: int = Field(
        800, ge=1, le=600_000, description="Wait at which partials stop: finals still come within a second or two"
    )
    load_full_ms: int = Field(
        1_500, ge=1, le=600_000, description="Wait at which new sessions are refused, so that those here keep theirs"
    )
    load_recovery_seconds: float = Field(
        1.0, ge=0, le=600, description="Calm below half of a mark for so long takes back one step"
    )

    diarization: bool = Field(
        True, description="Tell voices apart on tracks that people share; off spares a tenth of a slow core per track"
    )
    speaker_embedder: str = Field(
        "ge2e",
        description="What voices are compared by: `ge2e`; `wespeaker` or `wespeaker-campplus`, from the hub; an ONNX "
        "file of either kind; or `hub:OWNER/REPO/FILE@sha256:HEX`",
    )
    speaker_segmentation: str = Field(
        "segmentation-2021",
        description="What tells voices in a window apart: `segmentation-2021`; `segmentation-3.0`, from the hub; an "
        "ONNX file of either; or `hub:OWNER/REPO/FILE@sha256:HEX`",
    )

    # ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────
    max_sessions: int = Field(256, ge=1, le=100_000, description="Live sessions; two cores carry 200 without the model")
    max_container_sessions: int = Field(
        256, ge=1, le=100_000, description="Of them, sessions whose audio needs a decoder: a process and some MB each"
    )
    container_memory_bytes: int = Field(
        256 * MEBIBYTE,
        ge=16 * MEBIBYTE,
        le=16_384 * MEBIBYTE,
        description="Such a process at most; what decodes the largest MP4 that is taken needs half of it",
    )
    container_stall_seconds: float = Field(
        30.0, ge=0.1, le=600, description="For such a process to answer; it takes milliseconds, on an MP4 some seconds"
    )
    max_message_bytes: int = Field(
        24 * MEBIBYTE,
        ge=1024,
        le=1024 * MEBIBYTE,
        description="One message; OpenAI's clients may put 15 MiB of audio, a third more as base64, into one",
    )
    max_http_body_bytes: int = Field(
        10 * MEBIBYTE, ge=1024, le=4096 * MEBIBYTE, description="One HTTP body; the 10 MB Prosa's REST documents"
    )
    spool_memory_bytes: int = Field(
        MEBIBYTE,
        ge=64 * 1024,
        le=1024 * MEBIBYTE,
        description="Unheard audio a session keeps in memory (32 s of speech)",
    )
    spool_disk_bytes: int = Field(
        256 * MEBIBYTE, ge=0, le=1024 * 1024 * MEBIBYTE, description="Unheard audio a session keeps on disk (2 hours)"
    )
    unheard_seconds: float = Field(
        30.0, ge=1, le=600, description="How far a session is fed ahead of what recognition has heard"
    )
    max_session_seconds: float = Field(
        28_800.0, ge=1, le=604_800, description="Longest session; a working day outlasts any meeting"
    )
    idle_seconds: float = Field(
        60.0, ge=1, le=3_600, description="Silence on the wire (no audio, no keep-alive) until it closes"
    )
    resume_seconds: float = Field(
        120.0,
        ge=0,
        le=3_600,
        description="A resumable session that lost its connection is kept so long: a restart, a tunnel; 0: none is",
    )
    handshake_seconds: float = Field(
        10.0, ge=0.1, le=120, description="Time for the request head, the key and the options to arrive"
    )
    ping_seconds: float = Field(
        20.0, ge=1, le=600, description="A peer that answers no ping for this long has vanished; proxies cut at 60 s"
    )
    outbound_bytes: int = Field(
        MEBIBYTE,
        ge=16 * 1024,
        le=256 * MEBIBYTE,
        description="Finals kept for a client that does not read (hours of talk)",
    )
    max_formatted_words: int = Field(
        50_000,
        ge=1,
        le=1_000_000,
        description="One request to format a transcript (five hours of talk); it takes seconds",
    )
    max_formatting_seconds: float = Field(
        60.0, ge=0.1, le=3_600, description="One long request to format, in a process that gives way to sessions"
    )
    max_waiting_formattings: int = Field(
        8, ge=0, le=1_000, description="Long requests to format that wait while one runs; each is held in memory"
    )
    max_evaluation_words: int = Field(
        50_000,
        ge=1,
        le=1_000_000,
        description="One side of an evaluation (five hours of talk); time grows as its square",
    )
    max_evaluation_seconds: float = Field(
        60.0, ge=0.1, le=3_600, description="One evaluation, in a process that gives way to sessions"
    )
    max_waiting_evaluations: int = Field(
        8, ge=0, le=1_000, description="Evaluations that wait while one runs; each holds a request in memory"
    )
    shutdown_grace_seconds: float = Field(
        20.0, ge=0, le=3_600, description="Time for live sessions to get their finals; orchestrators kill after 30 s"
    )

    # ── finished recordings ─────────────────────────────────────────────────────────────────────────────────────────
    max_upload_bytes: int = Field(
        4096 * MEBIBYTE,
        ge=1024,
        le=1024 * 1024 * MEBIBYTE,
        description="One recording, sent or fetched: four hours of stereo at 48 kHz are 2.8 GB as WAV",
    )
    upload_stall_seconds: float = Field(
        30.0, ge=1, le=600, description="A recording of which so long not even 256 kB come has stopped coming"
    )
    max_organisation_uploads: int = Field(
        50,
        ge=1,
        le=100_000,
        description="Requests of an organisation whose recordings come or wait for words: half of those that can wait",
    )
    max_organisation_upload_bytes: int = Field(
        16_384 * MEBIBYTE,
        ge=1024,
        le=1024 * 1024 * MEBIBYTE,
        description="What these recordings have together: four of the largest",
    )
    max_receiving_bytes: int = Field(
        65_536 * MEBIBYTE,
        ge=1024,
        le=1024 * 1024 * MEBIBYTE,
        description="All recordings that come or wait for words, so that four organisations with all theirs find room",
    )
    disk_reserve_bytes: int = Field(
        1024 * MEBIBYTE,
        ge=0,
        le=1024 * 1024 * MEBIBYTE,
        description="Of the disk, left alone by recordings that come: records and usage need it",
    )
    fetch_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts from which recordings are fetched that are given as a URL; `*` allows any public one"
    )
    max_fetch_seconds: float = Field(
        600.0, ge=1, le=86_400, description="To fetch one recording; four hours as MP3 come in that at 4 Mbit/s"
    )
    max_active_recordings: int = Field(
        2, ge=1, le=256, description="Recordings worked on together, jobs and requests each; more are no faster in sum"
    )
    max_waiting_recordings: int = Field(
        100, ge=0, le=100_000, description="Requests that wait for their recording's turn; each holds a file on disk"
    )
    max_recording_seconds: float = Field(
        14_400.0, ge=1, le=604_800, description="Longest recording: the four hours that Prosa takes"
    )
    recording_ahead_seconds: float = Field(
        300.0, ge=30, le=3_600, description="How far one is decoded ahead of recognition; 64 kB a second in memory"
    )
    recording_attempts: int = Field(
        5, ge=1, le=100, description="How often a job is begun: what ends five processes would end the sixth"
    )
    recording_lease_seconds: float = Field(
        30.0, ge=1, le=3_600, description="A job whose process gave no sign of life for so long is given to another"
    )
    max_waiting_jobs: int = Field(
        10_000, ge=1, le=1_000_000, description="Jobs of an organisation that have not ended; each has a file stored"
    )
    job_wait_seconds: float = Field(
        50.0, ge=0, le=3_600, description="How long Prosa's clients that wait for a job are kept; they hang up after 60"
    )
    recording_endpointing_ms: int = Field(
        1_500,
        ge=10,
        le=5_000,
        description="Silence that ends an utterance of a recording: in longer ones words are better, in shorter ones "
        "silence costs less",
    )
    recording_utterance_seconds: float = Field(
        24.0,
        ge=5,
        le=28,
        description="Longest utterance of a recording: nobody waits for it, but attention is quadratic",
    )

    media_url: str | None = Field(
        None,
        description="s3://bucket/prefix?endpoint=https://host&region=name for recordings that are kept; without it "
        "they are in a directory in `data_directory`",
    )
    media_access_key: str | None = Field(
        None, description="Access key of that bucket; without it the machine's own, as Amazon's tools find it"
    )
    media_secret_key: str | None = Field(None, description="Secret that belongs to `media_access_key`")
    media_retention_days: int = Field(
        30, ge=0, le=36_500, description="Recordings are deleted so long after they came; 0: only when somebody asks"
    )
    media_key_file: Path | None = Field(
        None,
        description="Key file that signs addresses of recordings, one for all servers that share them; else made "
        "among the data",
    )
    signed_url_seconds: float = Field(
        3_600.0, ge=1, le=604_800, description="Longest life of a signed address: a page stays open while one listens"
    )

    # ── keys, usage, storage ────────────────────────────────────────────────────────────────────────────────────────
    data_directory: Path = Field(default_factory=default_data_directory, description="Models, embedded Redis, spools")
    redis_url: str | None = Field(None, description="redis:// URL; without it an embedded Redis is started or adopted")
    database_url: str | None = Field(
        None, description="postgresql:// URL for records; without it they are in a SQLite file in `data_directory`"
    )
    keep_records: bool = Field(True, description="Keep what is said in each session, to be read at `/v1/records`")
    record_retention_days: int = Field(
        0, ge=0, le=36_500, description="Records are deleted this long after their end; 0: only when somebody asks"
    )
    record_buffer_bytes: int = Field(
        64 * MEBIBYTE,
        ge=MEBIBYTE,
        le=16_384 * MEBIBYTE,
        description="Finals that wait in memory while the database is away (hours of talk)",
    )
    redact: Annotated[tuple[Secret, ...], NoDecode] = Field(
        (),
        description="Masked in all that is recognised, whatever clients ask for: some of `numbers`, `card`, `phone`, "
        "`email`, `nik`, `names`",
    )
    vocabulary_refresh_seconds: float = Field(
        10.0, ge=1, le=3_600, description="What another process changed in a vocabulary is known after this long"
    )
    usage_interval_seconds: float = Field(
        2.0,
        ge=0.1,
        le=2.5,
        description="Usage is written this often; with a slow store a crash still loses less than 5 s",
    )
    quota_lease_seconds: int = Field(
        10, ge=1, le=60, description="Quota taken ahead, so that parallel sessions overshoot by no more"
    )
    key_fresh_seconds: float = Field(30.0, ge=0, le=3_600, description="A known key is asked for again after this long")
    max_token_seconds: int = Field(
        7_200, ge=10, le=86_400, description="Longest life of a token, a browser's own key; OpenAI's limit for its own"
    )
    max_token_session_seconds: int = Field(
        43_200, ge=10, le=604_800, description="Until then a token can be renewed; a page stays open for a working day"
    )
    key_stale_seconds: float = Field(
        600.0, ge=0, le=86_400, description="A known key keeps working this long while Redis is away"
    )

    # ── enrolled voices ─────────────────────────────────────────────────────────────────────────────────────────────
    voices_key_file: Path | None = Field(
        None,
        description="Seals voices and webhook secrets; one for all servers of a database, else made among the data",
    )
    voices_refresh_seconds: float = Field(
        30.0, ge=1, le=3_600, description="What another process enrolled or deleted is known after this long"
    )
    voice_threshold: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Cosine with an enrolled voice from which a speaker gets its name; else the embedder's: 0.76 for "
        "`ge2e`, 0.5 for WeSpeaker's",
    )
    voice_margin: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="So much less like any other: of two that sound alike neither is named; else the embedder's: 0.03 "
        "for `ge2e`, 0.1 for WeSpeaker's",
    )
    enroll_speech_seconds: float = Field(
        5.0,
        ge=1,
        le=120,
        description="Speech of one voice that a sample must have: a long sentence or two",
    )
    enroll_other_voice_share: float = Field(
        0.15, ge=0, le=0.5, description="Of the speech in a sample, other voices' at most: a word from beside is borne"
    )
    enroll_clipped_share: float = Field(
        0.02, ge=0, le=1, description="Of a sample, at full scale at most: more of it changes how a voice sounds"
    )
    enroll_level_dbfs: float = Field(
        -50.0, ge=-90, le=0, description="How loud a sample's speech must be: below it noise is learned too"
    )
    enroll_max_audio_seconds: float = Field(
        120.0,
        ge=5,
        le=3_600,
        description="Longest sample; a voice is known after half a minute, and it is held in memory",
    )
    enroll_audio_hours: float = Field(
        24.0, gt=0, le=720, description="What was learned from a sample waits so long for its voice; then it is deleted"
    )

    # ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────
    webhook_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts that webhooks may go to although their addresses are not public: names or addresses"
    )
    webhook_timeout_seconds: float = Field(
        30.0, ge=0.1, le=300, description="For a receiver to answer, connecting included; what Prosa documents"
    )
    webhook_retry_seconds: Annotated[tuple[Annotated[int, Field(ge=0, le=604_800)], ...], NoDecode] = Field(
        (60, 300, 1_800, 7_200),
        max_length=20,
        description="Waits before it is sent again, the first time being at once: 0, 1, 5, 30 min, 2 h, like Prosa's",
    )
    max_webhook_requests: int = Field(
        16, ge=1, le=1_000, description="Requests under way, one for each endpoint at most; sockets, hardly work"
    )
    max_webhook_endpoints: int = Field(
        20, ge=1, le=1_000, description="Of one organisation: every event is sent to each that wants it"
    )
    webhook_retention_days: int = Field(
        30,
        ge=1,
        le=36_500,
        description="Events, what was said in them, and the log of their deliveries are kept so long",
    )

    # ── logs ────────────────────────────────────────────────────────────────────────────────────────────────────────
    log_format: Literal["console", "json"] = Field("console", description="`json` writes one object per line")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line to write")

    @field_validator(
        "allowed_origins",
        "tls_names",
        "prosa_models",
        "fetch_allowed_hosts",
        "redact",
        "webhook_allowed_hosts",
        "webhook_retry_seconds",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        """Accept a comma-separated list, as flags and the environment give it."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("data_directory", "tls_certificate", "tls_key", "voices_key_file", "media_key_file")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        """Resolve `~`, which neither TOML nor the environment does."""
        return value.expanduser() if value else value

    @model_validator(mode="after")
    def _belong_together(self) -> Settings:
        """Refuse settings that contradict each other."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key must be given together")
        if self.tls_self_signed and self.tls_certificate is not None:
            raise ValueError("tls_self_signed and tls_certificate exclude each other")
        if self.tls_names and not self.tls_self_signed:
            raise ValueError("tls_names are names for the certificate of tls_self_signed")
        if self.vad_end_threshold > self.vad_start_threshold:
            raise ValueError("vad_end_threshold must not be above vad_start_threshold")
        if self.lag_behind_ms >= self.lag_overloaded_ms:
            raise ValueError("lag_behind_ms must be below lag_overloaded_ms")
        if not self.load_slow_partials_ms <= self.load_finals_only_ms <= self.load_full_ms:
            raise ValueError("load_slow_partials_ms, load_finals_only_ms and load_full_ms must not decrease")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        file = InitSettingsSource(settings_cls, init_kwargs=dict(cls.file_values))
        return init_settings, env_settings, file


def load_settings(flags: Mapping[str, object] | None = None, config: Path | None = None) -> Settings:
    """Read the settings; flags that are None count as not given.

    `config` names the TOML file; without it `STREAM_SERVER_CONFIG` may. Raises `StartupError` with one sentence that
    names the setting.
    """
    if config is None and (named := os.environ.get(f"{ENVIRONMENT_PREFIX}CONFIG")):
        config = Path(named)
    values = _read_file(config) if config else {}
    given: dict[str, Any] = {name: value for name, value in (flags or {}).items() if value is not None}
    configured: type[Settings] = type("Settings", (Settings,), {"file_values": values})
    try:
        return configured(**given)
    except ValidationError as error:
        raise StartupError(_explain(error)) from None


def _read_file(path: Path) -> dict[str, Any]:
    """Read a TOML file of settings."""
    try:
        return tomllib.loads(path.expanduser().read_text("utf-8"))
    except OSError as error:
        raise StartupError(f"the configuration file {path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartupError(f"the configuration file {path} is not valid TOML: {error}") from None


def _explain(error: ValidationError) -> str:
    """Turn the first complaint into a sentence; values stay out of it, for a URL may hold a password."""
    first = error.errors(include_url=False, include_input=False)[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return f"there is no setting called {name}; docs/settings.md lists them"
    return f"setting {name} (--{name.replace('_', '-')}, {ENVIRONMENT_PREFIX}{name.upper()}): {message}"
