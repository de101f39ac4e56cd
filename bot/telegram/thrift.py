"""Keeps the process small where the C library is glibc; elsewhere nothing happens."""

from __future__ import annotations

import ctypes
import os

_ARENA_MAX = -8
"""M_ARENA_MAX: https://man7.org/linux/man-pages/man3/mallopt.3.html"""


def use_one_arena() -> None:
    """Let all threads take memory from one place; the few that there are wait for one lock.

    Each thread would otherwise get a place of its own, which never shrinks: 10 MB here.
    """
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Return what starting up has used to the system: some 6 MB."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if os.name != "posix":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
