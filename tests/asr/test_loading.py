"""Cores are shared among devices, replicas and threads; whatever is left open fits the machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.asr.loading import MOST_CPU_REPLICAS, available_cores, share_cores


@pytest.mark.parametrize(
    ("cores", "devices", "given_replicas", "given_threads", "expected"),
    [
        (1, 1, 0, 0, (1, 1)),
        (2, 1, 0, 0, (2, 1)),
        (4, 1, 0, 0, (4, 1)),
        (16, 1, 0, 0, (4, 4)),
        (16, 2, 0, 0, (4, 2)),
        (2, 2, 0, 0, (1, 1)),
        (8, 1, 0, 4, (2, 4)),
        (8, 1, 1, 0, (1, 8)),
        (2, 1, 3, 0, (3, 1)),
        (2, 1, 0, 8, (1, 8)),
        (2, 1, 5, 7, (5, 7)),
    ],
)
def test_cores_are_shared(
    cores: int, devices: int, given_replicas: int, given_threads: int, expected: tuple[int, int]
) -> None:
    """One thread a replica while there are few cores; what the operator says stands."""
    assert share_cores(cores, devices, replicas=given_replicas, threads=given_threads) == expected


@given(st.integers(1, 512), st.integers(1, 16))
def test_nobody_gets_more_than_there_is(cores: int, devices: int) -> None:
    """Unless there are more devices than cores: then each has one."""
    replicas, threads = share_cores(cores, devices)

    assert 1 <= replicas <= MOST_CPU_REPLICAS
    assert replicas * threads <= max(1, cores // devices)


def test_this_machine_has_cores() -> None:
    """Those that the process may use."""
    assert available_cores() >= 1
