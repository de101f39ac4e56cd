"""Keeps the process small, and those who ask from waiting for it to tidy up.

What is said to the C library is said to glibc; elsewhere that part does nothing.
"""

from __future__ import annotations

import ctypes
import gc
import os

_ARENA_MAX = -8
"""M_ARENA_MAX: https://man7.org/linux/man-pages/man3/mallopt.3.html"""
YOUNG_OBJECTS = 10_000
"""Made before the garbage among them is looked for. Python's own 700 or 2,000 are fewer than the
questions in hand have at a busy time, so that the same ones were looked through again and again:
a tenth of the work."""


def begin() -> None:
    """Prepare to start: what is made until `begun` stays, and no garbage is looked for in it.

    All threads take memory from one place; the few that there are wait for one lock. Each would
    otherwise get a place of its own, which never shrinks: 10 MB here.
    """
    gc.disable()
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, 1)


def begun() -> None:
    """Return what starting has used, and look for garbage from now on, but not in what stays.

    To look through all of it would take a tenth of a second, again and again.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    gc.enable()
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if os.name != "posix":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
