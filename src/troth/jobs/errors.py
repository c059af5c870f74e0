"""What may go wrong between a worker and the journal, and what of it may be written down."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class Fenced(Exception):
    """Somebody else has taken the step over in the meantime: nothing may be written for it any more."""


class NotAReference(ValueError):
    """A value that the journal may not hold: personal by its looks, a text, too large or not JSON."""


class Later(Exception):
    """Raised by a step: not now. It is no failure and does not count as a try."""

    def __init__(self, seconds: float, code: str = "later") -> None:
        super().__init__(code)
        self.seconds = seconds
        self.code = code


class Hopeless(Exception):
    """Raised by a step: trying again cannot help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def code_of(error: BaseException) -> str:
    """What the journal keeps of an error: its kind, a code it carries, and the place in Troth. Never its message,
    which may hold somebody's data."""
    if isinstance(error, Later | Hopeless):
        return error.code if _CODE.fullmatch(error.code) else type(error).__name__
    marks = (getattr(error, name, None) for name in ("cause", "code", "sqlstate"))
    mark = next((f"[{one}]" for one in marks if one and isinstance(one, str | int) and _CODE.fullmatch(str(one))), "")
    return f"{type(error).__name__}{mark} at {_place(error)}"[:200]


def _place(error: BaseException) -> str:
    """The innermost line of Troth's own code, else of any."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            return f"{path.relative_to(_PACKAGE)}:{frame.lineno}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
