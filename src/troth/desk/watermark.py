"""A document as a picture that says who looks at it, and when, drawn into it: what leaves the house tells where from.

Typst draws it (``troth[pdf]``), from a file that exists in memory only. A picture or a PDF of strangers is read by no
program in C.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from troth.core.errors import UsageError

_PAGE = """
#set page(width: 18cm, height: auto, margin: 4mm, foreground: {
  for i in range(40) {
    place(top + left, dx: 4mm, dy: i * 4cm + 1cm, rotate(-14deg, origin: left,
      text(size: 15pt, weight: "bold", fill: rgb(170, 0, 0, 130), sys.inputs.says)))
  }
})
#image("/" + sys.inputs.file, width: 100%PAGES, alt: sys.inputs.says)
"""
_DENSITY = 110.0
"""Dots per inch: a card can be read, and a picture of it stays small."""


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("typst") is not None


def drawn(content: bytes, kind: str, says: str, page: int = 1) -> bytes:
    """The page of the document as PNG, with the words across it. Raises UsageError."""
    import typst

    handle = os.memfd_create("document", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(content)
        template = _PAGE.replace("PAGES", ", page: int(sys.inputs.page)" if kind == "pdf" else "")
        inputs = {"says": says, "file": str(handle), "page": str(page)}
        if kind != "pdf" and page != 1:
            raise UsageError("the document has no such page")
        made: bytes | list[bytes] = typst.compile(  # type: ignore[call-overload]  # its stubs want both of one kind
            template.encode(), root="/proc/self/fd", format="png", ppi=_DENSITY, sys_inputs=inputs,
            ignore_system_fonts=True,
        )  # fmt: skip
    except (typst.TypstError, RuntimeError):
        raise UsageError("the document has no such page, or cannot be drawn", remedy="ask for another copy") from None
    finally:
        os.close(handle)
    return made if isinstance(made, bytes) else made[0]
