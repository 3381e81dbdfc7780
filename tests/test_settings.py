"""Settings: four sources in order, bounds, and one clear sentence for a bad value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stream_server.errors import StartupError
from stream_server.settings import ENVIRONMENT_PREFIX, Settings, default_data_directory, load_settings

UNITS = (
    "_recordings",
    "_attempts",
    "_jobs",
    "_uploads",
    "_seconds",
    "_ms",
    "_bytes",
    "_sessions",
    "_threads",
    "_size",
    "_batch",
    "_replicas",
    "_threshold",
    "_words",
    "_days",
    "_hours",
    "_evaluations",
    "_formattings",
    "_share",
    "_dbfs",
    "_requests",
    "_endpoints",
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*Settings.model_fields, "config"):
        monkeypatch.delenv(f"{ENVIRONMENT_PREFIX}{name.upper()}", raising=False)


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source yields to those before it."""
    file = tmp_path / "server.toml"
    file.write_text("port = 1\nmax_sessions = 1\nmodel = 'file'\n")
    monkeypatch.setenv("STREAM_SERVER_PORT", "2")
    monkeypatch.setenv("STREAM_SERVER_MAX_SESSIONS", "2")
    settings = load_settings({"port": "3", "host": None}, file)
    assert (settings.port, settings.max_sessions, settings.model, settings.host) == (3, 2, "file", "127.0.0.1")


def test_the_environment_may_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """STREAM_SERVER_CONFIG stands for --config."""
    (tmp_path / "x.toml").write_text("port = 7")
    monkeypatch.setenv("STREAM_SERVER_CONFIG", str(tmp_path / "x.toml"))
    assert load_settings().port == 7


def test_one_file_leaves_no_trace_in_the_next_settings(tmp_path: Path) -> None:
    """Settings of one call are not those of another."""
    (tmp_path / "x.toml").write_text("port = 7")
    load_settings(config=tmp_path / "x.toml")
    assert load_settings().port == 8765


def test_lists_are_split_at_commas() -> None:
    """A flag gives a list as one string."""
    assert load_settings({"redact": "card, names"}).redact == ("card", "names")
    assert load_settings({"allowed_origins": "https://a, https://b,"}).allowed_origins == ("https://a", "https://b")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"port": "70000"}, r"^setting port \(--port, STREAM_SERVER_PORT\): .*65535"),
        ({"port": "web"}, r"^setting port "),
        ({"device": "gpu"}, r"^setting device "),
        ({"engine": "vosk"}, r"^setting engine .*whisper"),
        ({"redact": "cards"}, r"^setting redact .*card"),
        ({"max_sessions": 0}, r"^setting max_sessions \(--max-sessions, STREAM_SERVER_MAX_SESSIONS\)"),
        ({"usage_interval_seconds": 6}, r"^setting usage_interval_seconds "),
        ({"tls_key": "k.pem"}, r"^tls_certificate and tls_key must be given together$"),
        (
            {"tls_self_signed": True, "tls_key": "k.pem", "tls_certificate": "c.pem"},
            r"^tls_self_signed and tls_certificate exclude each other$",
        ),
        ({"tls_names": "box.example"}, r"^tls_names are names for the certificate of tls_self_signed$"),
        ({"vad_end_threshold": 0.9}, r"^vad_end_threshold must not be above vad_start_threshold$"),
        ({"lag_behind_ms": 5000, "lag_overloaded_ms": 5000}, r"^lag_behind_ms must be below lag_overloaded_ms$"),
        ({"prot": 1}, r"^there is no setting called prot; docs/settings.md lists them$"),
    ],
)
def test_a_bad_value_is_one_sentence(flags: dict[str, object], sentence: str) -> None:
    """The sentence names the setting and how to give it."""
    with pytest.raises(StartupError, match=sentence) as refused:
        load_settings(flags)
    assert "\n" not in refused.value.message


def test_values_stay_out_of_complaints() -> None:
    """A Redis URL may hold a password."""
    with pytest.raises(StartupError) as refused:
        load_settings({"redis_url": ["redis://:secret@host"]})
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(("text", "sentence"), [("port =", "not valid TOML"), (None, "cannot be read")])
def test_a_bad_file_is_one_sentence(tmp_path: Path, text: str | None, sentence: str) -> None:
    """A file that is missing or malformed is named."""
    path = tmp_path / "bad.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(StartupError, match=f"{re.escape(str(path))} .*{sentence}"):
        load_settings(config=path)


def test_data_directory_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_DATA_HOME counts; without it the platform's habit; `~` is the home."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data_directory() == tmp_path / "stream-server"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    assert default_data_directory() == Path.home() / ".local" / "share" / "stream-server"
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_data_directory() == Path.home() / "Library" / "Application Support" / "stream-server"
    assert load_settings({"data_directory": "~/x"}).data_directory == Path.home() / "x"


def test_every_setting_has_its_reason_and_every_number_its_unit_and_bounds() -> None:
    """An operator learns from the setting itself what it counts and how far it goes."""
    for name, field in Settings.model_fields.items():
        assert field.description, name
        if field.annotation in (int, float) and name != "port":
            assert name.endswith(UNITS), name
            assert len([limit for limit in field.metadata if hasattr(limit, "ge") or hasattr(limit, "gt")]) == 1, name
            assert len([limit for limit in field.metadata if hasattr(limit, "le") or hasattr(limit, "lt")]) == 1, name
