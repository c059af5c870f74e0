"""A document as a picture that says who looks at it, and when, drawn into it: what leaves the house tells where from.

Typst draws it (``troth[pdf]``), from a file that exists in memory only. A picture or a PDF of strangers is read by no
program in C, and by none that shares a process with the site: drawn in one of its own, with bounds, it may fail alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

from troth.core.errors import UsageError

_PAGE = """
#set page(width: 18cm, height: 25.5cm, margin: 4mm, foreground: {
  for i in range(8) {
    place(top + left, dx: 4mm, dy: i * 4cm + 1cm, rotate(-14deg, origin: left,
      box(width: 300cm, text(size: 15pt, weight: "bold", fill: rgb(170, 0, 0, 130), (sys.inputs.says + " · ") * 4))))
  }
})
#image("/" + sys.inputs.file, width: 100%, height: 100%, fit: "contain"PAGES, alt: sys.inputs.says)
"""
"""Of one size whatever is in it: a tall picture becomes narrow, never a page without end; the words go all across."""
_DENSITY = 110.0
"""Dots per inch: a card can be read, and a picture of it stays small."""
SECONDS = 30.0
"""On the clock, until nobody waits for the drawing any more."""
_PASSED = ("PATH", "LANG", "PYTHONPATH")
"""Of the environment; the site's secrets are not for a program that reads a stranger's file."""

_FEW = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
"""Each thread takes addresses, and those are counted: two, on however large a machine."""


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("typst") is not None


def drawn(content: bytes, kind: str, says: str, page: int = 1) -> bytes:
    """The page of the document as PNG, with the words across it. Raises UsageError, also when drawing it took too much
    memory or time."""
    if kind != "pdf" and page != 1:
        raise UsageError("the document has no such page")
    template = _PAGE.replace("PAGES", ", page: int(sys.inputs.page)" if kind == "pdf" else "")
    order = {"template": template, "says": says, "page": page, "density": _DENSITY}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "troth.desk.watermark_child"], input=json.dumps(order).encode() + b"\n" + content,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
            env=_FEW | {name: os.environ[name] for name in _PASSED if name in os.environ},
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError):
        raise _undrawn() from None
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        raise _undrawn()
    return done.stdout


def _undrawn() -> UsageError:
    return UsageError("the document has no such page, or cannot be drawn", remedy="ask for another copy")
