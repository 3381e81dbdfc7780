"""A signature opens one path for a while, and nothing else."""

from __future__ import annotations

import pytest

from stream_server.errors import Forbidden
from stream_server.signatures import Signatures

PATH = "acme/-/a.mp3"


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands."""
    return Clock()


@pytest.fixture
def signatures(clock: Clock) -> Signatures:
    """Give signatures of one key."""
    return Signatures(bytes(32), clock)


def test_a_signature_opens_its_path_until_its_end(signatures: Signatures, clock: Clock) -> None:
    """And not a moment longer."""
    signature = signatures.sign(PATH, 60)
    assert signature.expires == clock.now + 60
    clock.now += 59
    signatures.check(PATH, str(signature.expires), signature.text)
    clock.now += 1
    with pytest.raises(Forbidden, match="expired"):
        signatures.check(PATH, str(signature.expires), signature.text)


@pytest.mark.parametrize("path", ["acme/-/b.mp3", "other/-/a.mp3", "", "acme/-/a.mp3 "])
def test_another_path_stays_shut(path: str, signatures: Signatures) -> None:
    """Whoever may hear one recording may not hear the next."""
    signature = signatures.sign(PATH, 60)
    with pytest.raises(Forbidden):
        signatures.check(path, str(signature.expires), signature.text)


@pytest.mark.parametrize(
    "expires", ["", "0", "9999999999", "-1", "1e9", "١", "9" * 5_000, "1000000060.0", " 1000000060"]
)
def test_an_end_cannot_be_moved(expires: str, signatures: Signatures) -> None:
    """The end is part of what is signed, and nothing but a number."""
    with pytest.raises(Forbidden):
        signatures.check(PATH, expires, signatures.sign(PATH, 60).text)


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 100_000, "\0"])
def test_what_is_no_signature(text: str, signatures: Signatures) -> None:
    """Anything else is refused, however it is written."""
    with pytest.raises(Forbidden):
        signatures.check(PATH, str(signatures.sign(PATH, 60).expires), text)


def test_another_key_opens_nothing(signatures: Signatures, clock: Clock) -> None:
    """Servers with one key know each other's signatures, others do not."""
    signature = signatures.sign(PATH, 60)
    Signatures(bytes(32), clock).check(PATH, str(signature.expires), signature.text)
    with pytest.raises(Forbidden):
        Signatures(bytes(31) + b"\1", clock).check(PATH, str(signature.expires), signature.text)
