"""Shares of a processor for processes, as if each had a machine of its own.

Linux keeps a group of processes to its share (https://docs.kernel.org/scheduler/sched-bwc.html);
making a group needs the rights of root, or a container that hands them on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PERIOD = 20_000
"""Microseconds in which a share is given: short beside what is measured."""
_ROOTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


class Share:
    """A share of one processor, which all processes in it have together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, pid: int) -> None:
        """Keep a process, and whatever it starts, to this share."""
        (self._folder / "cgroup.procs").write_text(str(pid))


@contextmanager
def share_of(one: float) -> Iterator[Share | None]:
    """Give a share of one processor, such as 0.5; None where this machine gives none.

    The processes in it must have ended when the block does.
    """
    root = next((root for root in _ROOTS if _limits(root)), None)
    if root is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="csto-bot-", dir=root))
    try:
        quota = round(PERIOD * one)
        if (folder / "cpu.max").exists():
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        yield Share(folder)
    finally:
        with suppress(OSError):
            folder.rmdir()


def _limits(root: Path) -> bool:
    """Tell whether groups that limit processors can be made here."""
    if not os.access(root, os.W_OK):
        return False
    if (root / "cpu.cfs_quota_us").exists():
        return True
    with suppress(OSError):
        return "cpu" in (root / "cgroup.subtree_control").read_text().split()
    return False
