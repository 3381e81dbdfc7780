"""Memory that one thread frees is there for another."""

from __future__ import annotations

import ctypes

import pytest

from stream_server.asr.arenas import ARENAS, share_arenas


class Library:
    """A C library, with or without glibc's switch."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def mallopt(self, what: int, value: int) -> int:
        self.calls.append((what, value))
        return 1


def test_threads_share_arenas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few arenas are asked for."""
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    share_arenas()
    assert library.calls == [(-8, ARENAS)]


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no such switch nothing happens."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    share_arenas()


def test_this_machines_library_takes_it() -> None:
    """Whatever it is, nothing breaks."""
    share_arenas()
