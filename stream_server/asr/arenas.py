"""Keep glibc from holding free memory in many places (`M_ARENA_MAX` of mallopt(3)).

A model's threads allocate and free tens of megabytes for every window. By default glibc gives threads up to eight
arenas per core, and what is free in one is no use to another: an hour's recording (base, two cores) peaked at up to
655 MB above the model so, and at 537 to 582 MB with two arenas, in the same time.
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8

ARENAS = 2


def share_arenas() -> None:
    """Let all threads share `ARENAS`; where the C library is not glibc, do nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
