"""A process that ends with the one that started it, however that one ends: Linux's kernel sees to it."""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/prctl.2.html


def end_with_parent(sign: int, parent: int | None = None) -> None:
    """Has the kernel send this process a signal when its parent ends.

    Args:
        sign: the number of the signal.
        parent: the pid of the process that started this one; by default what it is now. One that is gone already
            sends no signal, so this process ends itself.
    """
    if sys.platform == "linux":
        known = os.getppid() if parent is None else parent
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sign)
        if os.getppid() != known:
            os._exit(1)
