"""What this machine is called."""

from __future__ import annotations

import socket

from stream_server.net.own_names import LOOPBACK, own_names, reachable


def test_a_machine_knows_its_own_names() -> None:
    """Those of every machine come first, then the host's, each once."""
    names = own_names()
    assert names[:3] == LOOPBACK
    assert socket.gethostname().lower() in names
    assert len(set(names)) == len(names)


def test_only_addresses_that_others_can_ask_for_count() -> None:
    """Not the loopback's, nor those that a single cable knows; in an order that does not change."""
    given = [
        "127.0.0.1",
        "192.0.2.9",
        ("2001:db8::1", 0, 0),
        ("fe80::1", 0, 2),
        ("::1", 0, 0),
        "169.254.1.1",
        "10.0.0.2",
    ]
    assert reachable(given) == ["10.0.0.2", "192.0.2.9", "2001:db8::1"]
