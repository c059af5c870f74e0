"""Starts a program that ends with the demo, however the demo ends: ``python -m troth.demo.tied PARENT PROGRAM …``.

Linux tells the program of its parent's death; the mark outlives the change of program. Elsewhere it is not set, and
a demo that is killed outright leaves its servers running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_TELL_OF_PARENTS_DEATH = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def main(arguments: list[str]) -> None:
    """Become the program named after the parent's number."""
    parent, *program = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_TELL_OF_PARENTS_DEATH, int(signal.SIGTERM))
    if os.getppid() != int(parent):
        sys.exit(1)  # it died before the mark was set
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
