"""What the site tells its operator: one line of JSON (or of text) for each start, stop, request, error and mail.

Nothing in a line comes from a request or from another program's sentence: a route has its *name*, a status its class,
an error its type and the places in our own code. Libraries' own messages are never repeated, since they quote paths,
hosts and values; what is left of them is who spoke, and how loudly.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from troth.core.errors import UsageError

_OURS = f"{Path(__file__).parent.parent}{os.sep}"
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_SILENT = ("django.request", "django.server", "granian.access")
"""Loggers whose news the request's own line tells already."""
_KNOWN = re.compile(
    r"Unexpected exit from worker-\d+|Respawning worker-\d+|Worker crash loop detected, exiting"
    r"|Killing worker-\d+ after it refused to gracefully stop"
    r"|HUP signal received, gracefully respawning workers\.\."
    r"|Configured number of workers appears to be higher than the amount of CPU cores available\..{0,200}"
    r"|Configuration allows spawning up to \d+ Python threads, which seems quite high .{0,300}"
)
"""Sentences of the server that are repeated: they say nothing but a number."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,80}")
_MOST_FRAMES = 8


class _Settings:
    """How lines are written, and which."""

    def __init__(self) -> None:
        self.json, self.level = True, _LEVELS["info"]


_chosen = _Settings()


def configure() -> None:
    """Take over everything that this process would print by itself. Raises UsageError for settings that are none.

    ``TROTH_LOG``: ``json`` or ``text``, by default text on a terminal and JSON elsewhere; ``TROTH_LOG_LEVEL``:
    ``debug``, ``info``, ``warning`` or ``error``.
    """
    form = os.environ.get("TROTH_LOG") or ("text" if sys.stderr.isatty() else "json")
    level = os.environ.get("TROTH_LOG_LEVEL") or "info"
    if form not in ("json", "text"):
        raise UsageError("TROTH_LOG is neither json nor text", remedy="leave it empty, or set one of the two")
    if level not in _LEVELS:
        raise UsageError("TROTH_LOG_LEVEL names no level", remedy=f"set one of {', '.join(_LEVELS)}")
    _chosen.json, _chosen.level = form == "json", _LEVELS[level]
    root = logging.getLogger()
    root.handlers[:] = [Guard()]
    root.setLevel(logging.WARNING)
    for name in _SILENT:
        silent = logging.getLogger(name)
        silent.handlers[:], silent.propagate = [logging.NullHandler()], False
    sys.excepthook = _fault
    threading.excepthook = lambda told: _fault(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _fault(told.exc_type, told.exc_value, told.exc_traceback)
    warnings.showwarning = _warning


def of_granian() -> dict[str, Any]:
    """The configuration of the server's own loggers, for its ``log_dictconfig``."""
    handler = {"()": "troth.web.logs.Guard"}
    quiet: dict[str, Any] = {"handlers": ["guard"], "propagate": False}
    return {
        "version": 1, "disable_existing_loggers": False, "formatters": {},
        "handlers": {"guard": handler},
        "loggers": {"_granian": {**quiet, "level": "WARNING"}, "granian.access": {**quiet, "level": "CRITICAL"}},
    }  # fmt: skip


def say(event: str, level: str = "info", /, **fields: object) -> None:
    """Write a line. ``fields`` are words of our own, numbers or lists of them; never a value of a request."""
    if _LEVELS[level] < _chosen.level:
        return
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"at": at, "level": level, "event": event, **{k: v for k, v in fields.items() if v is not None}}
    line = json.dumps(told, ensure_ascii=True) if _chosen.json else _as_text(told)
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # nobody reads any more: the site goes on


def mail(purpose: str, outcome: str) -> None:
    """A mail was handed over (``sent``) or not (``refused``, ``unreachable``, ``timeout``…); never to whom."""
    from troth.web.metrics import mail as counted

    counted(sent=outcome == "sent")
    say("mail", "info" if outcome == "sent" else "error", purpose=purpose, outcome=outcome)


def error(fault: BaseException, **fields: object) -> None:
    """An error: its type, those that caused it, and where in our own code it came by."""
    say("error", "error", **fields, **told(fault))


def told(fault: BaseException) -> dict[str, object]:
    """What may be said of an error: never its message, which may hold anything."""
    kinds: list[str] = []
    seen: BaseException = fault
    while len(kinds) < 4:
        kinds.append(kind(type(seen)))
        further = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if further is None:
            break
        seen = further
    return {"kind": kinds[0], "because": kinds[1:] or None, "where": places(fault.__traceback__) or None}


def kind(of: type[BaseException]) -> str:
    """The name of an exception's class, with its module when it is not Python's own."""
    return of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"


def places(trace: TracebackType | None) -> list[str]:
    """File and line of each of our own frames, the innermost last; of others nothing."""
    found = [f"{frame.filename.removeprefix(_OURS)}:{frame.lineno}" for frame in traceback.extract_tb(trace)
             if frame.filename.startswith(_OURS)]  # fmt: skip
    return found[-_MOST_FRAMES:]


class Guard(logging.Handler):
    """Where the records of libraries end: their sentences are not repeated, only that they spoke."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say who spoke, how loudly, and of which error."""
        try:
            if record.name in _SILENT:
                return
            level = next((name for name, least in reversed(_LEVELS.items()) if record.levelno >= least), "debug")
            fields: dict[str, object] = {"logger": record.name if _PLAIN.fullmatch(record.name) else "other"}
            if record.name == "_granian" and isinstance(record.msg, str) and _KNOWN.fullmatch(record.msg):
                fields["said"] = record.msg
            if record.exc_info and record.exc_info[1]:
                fields |= told(record.exc_info[1])
            say("library", level, **fields)
        except Exception:  # a log must never break what it tells about
            say("library", "error", logger="unreadable")


def _fault(of: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    if fault is None:
        say("error", "error", kind=kind(of), where=places(trace) or None)
    else:
        error(fault)


def _warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    say("library", "warning", logger="py.warnings", kind=kind(category))


def _as_text(told: dict[str, object]) -> str:
    at, level, event = (str(told.pop(name)) for name in ("at", "level", "event"))
    rest = " ".join(f"{k}={','.join(map(str, v)) if isinstance(v, list) else v}" for k, v in told.items())
    return f"{at} {level:7} {event:8} {rest}".rstrip()
