"""Signatures of webhooks."""

from __future__ import annotations

import hashlib
import hmac

from stream_server.webhooks.signing import TOLERANCE_SECONDS, signature_of, verify

BODY = b'{"job_id":"1"}'


def test_a_signature_is_what_the_page_says() -> None:
    """HMAC-SHA256, keyed with the secret, over the time, a full stop and the body."""
    expected = hmac.new(b"secret", b"1700000000." + BODY, hashlib.sha256).hexdigest()
    assert signature_of(["secret"], 1_700_000_000, BODY) == f"t=1700000000,v1={expected}"


def test_each_valid_secret_signs() -> None:
    """A receiver that knows any one of them verifies, and no other."""
    signature = signature_of(["new", "old"], 1000, BODY)
    assert verify(signature, "new", BODY, 1000)
    assert verify(signature, "old", BODY, 1000)
    assert not verify(signature, "older", BODY, 1000)


def test_time_and_body_are_signed() -> None:
    """Another body or another time does not fit, and an old request cannot be sent again."""
    signature = signature_of(["secret"], 1000, BODY)
    assert not verify(signature, "secret", BODY + b" ", 1000)
    assert not verify(signature.replace("t=1000", "t=1001"), "secret", BODY, 1000)
    assert verify(signature, "secret", BODY, 1000 + TOLERANCE_SECONDS)
    assert not verify(signature, "secret", BODY, 1001 + TOLERANCE_SECONDS)


def test_nonsense_does_not_verify() -> None:
    """What is no signature is refused and never an exception."""
    for nonsense in ("", "t=", "t=x,v1=y", "v1=00", "t=1000", "t=1000,v1=", "t=²,v1=00", "t=1000,v1=é"):
        assert not verify(nonsense, "secret", BODY, 1000)
