"""Endpoints and their secrets."""

from __future__ import annotations

import pytest

from stream_server.errors import InvalidConfiguration
from stream_server.webhooks.endpoint import (
    LONGEST_URL,
    MOST_SECRETS,
    Endpoint,
    Secret,
    new_secret,
    read_filters,
    read_key,
    read_url,
    rotated,
)


def secret(name: str, created_at: float, expires_at: float | None = None) -> Secret:
    """Return a secret whose key is its name."""
    return Secret(id=name, key=name, created_at=created_at, expires_at=expires_at)


def test_a_secret_is_random_unless_it_is_brought() -> None:
    """Two made ones differ and are long; a brought one is kept as it is."""
    assert new_secret(0).key != new_secret(0).key
    assert len(new_secret(0).key) > 40
    assert new_secret(0, "mine").key == "mine"


def test_after_a_rotation_the_old_secret_is_valid_for_a_while() -> None:
    """The new one has no end, the old one ends when it was said, the newest is first."""
    secrets = rotated([secret("old", 0)], secret("new", 10), until=100, now=10)
    assert [(each.key, each.expires_at) for each in secrets] == [("new", None), ("old", 100)]
    endpoint = Endpoint(id="e", organisation="o", url="u", created_at=0, secrets=secrets)
    assert [each.key for each in endpoint.valid_secrets(99)] == ["new", "old"]
    assert [each.key for each in endpoint.valid_secrets(100)] == ["new"]


def test_a_rotation_lengthens_nothing() -> None:
    """What was to end earlier still does, what has ended is gone, and no time at all ends the old one at once."""
    aging = [secret("b", 1, expires_at=50), secret("a", 0, expires_at=5), secret("c", 2)]
    assert [(each.key, each.expires_at) for each in rotated(aging, secret("new", 10), until=100, now=10)] == [
        ("new", None),
        ("c", 100),
        ("b", 50),
    ]
    assert [each.key for each in rotated(aging, secret("new", 10), until=10, now=10)] == ["new"]


def test_only_so_many_secrets_are_valid() -> None:
    """The oldest is dropped first."""
    secrets: tuple[Secret, ...] = ()
    for number in range(MOST_SECRETS + 2):
        secrets = rotated(secrets, secret(str(number), number), until=1000, now=number)
    assert [each.key for each in secrets] == ["5", "4", "3", "2"]


def test_filters() -> None:
    """No filter wants everything; else only what it names."""
    everything = Endpoint(id="e", organisation="o", url="u", created_at=0)
    failures = Endpoint(id="e", organisation="o", url="u", created_at=0, event_filters=("stt.job.failed",))
    assert everything.wants("stt.job.completed")
    assert failures.wants("stt.job.failed")
    assert not failures.wants("stt.job.completed")


def test_filters_are_read_in_both_spellings() -> None:
    """Prosa's own page and `gl-speech` disagree: both are understood, `gl-speech`'s is kept; others are refused."""
    assert read_filters(["stt.jobs.completed", "stt.job.completed", "tts.job.failed"]) == (
        "stt.job.completed",
        "tts.job.failed",
    )
    with pytest.raises(InvalidConfiguration, match="event_filters"):
        read_filters(["meeting.created"])


def test_neither_keys_nor_urls_are_shown() -> None:
    """What is printed by accident tells no secret."""
    endpoint = Endpoint(id="e", organisation="o", url="hidden", created_at=0, secrets=(secret("id", 0),))
    assert "hidden" not in repr(endpoint)
    assert "key" not in repr(secret("id", 0))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com:8080/hook?token=a#b",
        "https://[2606:4700::1]/",
        "http://bücher.example/",
    ],
)
def test_urls(url: str) -> None:
    """Whatever can be called is kept as it was given."""
    assert read_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "ftp://example.com/", "http://", "http:///path", "http://[::1", "http://example.com:x/"),
        *("http://example.com:0/", "http://example.com/ /", "http://example.com/\n", "http://example.com/\ud800"),
        *("https://name:word@example.com/", "https://@example.com/", "http://example.com/" + LONGEST_URL * "a"),
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """The refusal names the field and tells nothing of the value."""
    with pytest.raises(InvalidConfiguration, match="url must") as caught:
        read_url(url)
    assert "example" not in caught.value.message


def test_secrets_that_somebody_brings() -> None:
    """Anything printable; nothing and the empty one ask for a made one."""
    assert read_key("whsec_é") == "whsec_é"
    assert read_key(None) is read_key("") is None
    for key in ("a\n", "\0", "\ud800"):
        with pytest.raises(InvalidConfiguration, match="secret_key"):
            read_key(key)
