"""Draws one page of a stranger's file, in a process of its own that may neither take much memory nor much time: what
kills it kills nothing else (``troth.desk.watermark`` starts it).

Comes in by standard input: a line of JSON (``template``, ``says``, ``page``, ``density``), then the file. Goes
out by standard output: the picture (PNG). Nothing is said of what went wrong: a message could quote the file.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys

MEMORY = 448 * 1024**2
"""Bytes of addresses: enough for the largest picture that is taken."""
SECONDS = 20
"""Of the processor."""


def limit() -> None:
    """From now on this process has these bounds, and leaves no picture of its memory behind. Where a process may not
    set its own limits, those of the unit and the time of ``watermark.SECONDS`` hold."""
    bounds = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_AS: MEMORY}
    for what, most in bounds.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Read, draw, write. Ends with 1 when it cannot be drawn."""
    limit()
    import typst

    order = json.loads(sys.stdin.buffer.readline())
    handle = os.memfd_create("document", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(sys.stdin.buffer.read())
    inputs = {"says": order["says"], "file": str(handle), "page": str(order["page"])}
    try:
        made: bytes | list[bytes] = typst.compile(
            order["template"].encode(), root="/proc/self/fd", format="png", ppi=order["density"], sys_inputs=inputs,
            ignore_system_fonts=True,
        )  # fmt: skip
    except (typst.TypstError, RuntimeError, MemoryError):
        sys.exit(1)
    sys.stdout.buffer.write(made if isinstance(made, bytes) else made[0])


if __name__ == "__main__":
    main()
