"""Runs the commands of the demo, each in a process of its own that starts in no time: a fork of one that has imported
Troth already.

``python -m troth.demo.commands`` is that process. It reads a request on each line (JSON: the module, its arguments,
folder and environment), and answers with a line: exit code, and what was printed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import FrameType
from typing import Any, NoReturn

from troth.core.errors import TrothError

Result = subprocess.CompletedProcess[str]

COMMAND = "troth.cli.main"
"""The module that stands for ``troth``; its ``run`` takes the words, that of any other module its ``main``."""
_KNOWN = (
    COMMAND, "sqlalchemy.dialects.sqlite.pysqlite", "troth.cli.check", "troth.cli.publish",
    "troth.connectors.sql.connector", "troth.core.check.run", "troth.core.rights.plan", "troth.publishing.publish",
    "troth.state.state",
)  # fmt: skip
"""What most commands import. Nothing that starts a thread or looks at the environment."""
_PATIENCE = 5.0
"""Seconds in which the process that forks may end."""


class Commands:
    """A context manager; the process is started when it is first needed, or by ``start`` while something else is
    done."""

    def __init__(self) -> None:
        self._forks: _Forks | None = None
        self._lock = Lock()

    def __enter__(self) -> Commands:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def start(self) -> None:
        """Let it import Troth; return at once."""
        if self._forks is None:
            self._forks = _Forks()

    def run(
        self, arguments: Sequence[str], home: Path, more: Mapping[str, str], seconds: float, module: str = COMMAND
    ) -> Result:
        """Run it in the folder ``home`` to its end, with nothing to read. One that has not ended after ``seconds``
        is ended, with 124 as its code."""
        asked = {"module": module, "arguments": list(arguments), "home": str(home.resolve()), "env": environment(more)}
        with self._lock:
            self.start()
            try:
                code, out, err = self._forks.ask(asked, seconds) if self._forks else (1, "", "")
            except TimeoutError:
                self.close()
                return Result(list(arguments), 124, "", f"no answer within {seconds:.0f} seconds")
            except OSError:
                self.close()
                return Result(list(arguments), 1, "", "the process that runs the commands has ended")
        return Result(list(arguments), code, out, err)

    def close(self) -> None:
        """End it, with the command under way."""
        forks, self._forks = self._forks, None
        if forks is not None:
            forks.close()


class _Forks:
    """The process that forks, and the way to it."""

    def __init__(self) -> None:
        self._line, its = socket.socketpair()
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "troth.demo.commands"],
                env=environment({}), stdin=its.fileno(), stdout=its.fileno(),
                start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
            )  # fmt: skip

    def ask(self, asked: Mapping[str, Any], seconds: float) -> tuple[int, str, str]:
        """Exit code, and what was printed. Raises TimeoutError; OSError when it has ended."""
        self._line.settimeout(seconds)
        with self._line.makefile("rw", encoding="utf-8") as line:
            line.write(json.dumps(asked) + "\n")
            line.flush()
            answer = line.readline()
        if not answer:
            raise BrokenPipeError
        code, out, err = json.loads(answer)
        return code, out, err

    def close(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        self._process.kill()
        self._process.wait()
        self._line.close()


def own_environment() -> dict[str, str]:
    """Ours, without what would lead a command of Troth elsewhere than into its example."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TROTH_")}


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a command finds in its environment: the same on every machine, as far as what it prints is concerned."""
    same = {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", "NO_COLOR": "1"}
    return {**own_environment(), **more, **same}


# --- in the process that forks --------------------------------------------------------------------


class _Asked(Exception):
    """To end."""


def main() -> None:
    """Run what is asked for, until nobody asks any more."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise _Asked

    with suppress(_Asked, BrokenPipeError):
        signal.signal(signal.SIGTERM, end)
        for name in _KNOWN:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # else each child's first collection copies all this, page by page
        seen: set[str] = set()
        for line in sys.stdin:
            asked = json.loads(line)
            _read_policy(asked["home"], seen)
            sys.stdout.write(json.dumps(_run(asked)) + "\n")
            sys.stdout.flush()


def _read_policy(home: str, seen: set[str]) -> None:
    """Parse it once: the children find it parsed."""
    from troth.bootstrap import examine_policy

    if home not in seen:
        seen.add(home)
        with suppress(TrothError):
            examine_policy(Path(home) / "troth.yaml", {})


def _run(asked: Mapping[str, Any]) -> tuple[int, str, str]:
    place = asked["env"].get("TMPDIR")
    with tempfile.TemporaryFile(dir=place) as out, tempfile.TemporaryFile(dir=place) as err:
        child = os.fork()
        if not child:
            os._exit(_command(asked, out.fileno(), err.fileno()))
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        printed = []
        for file in (out, err):
            file.seek(0)
            printed.append(file.read().decode("utf-8", errors="replace"))
        return code, printed[0], printed[1]


def _command(asked: Mapping[str, Any], out: int, err: int) -> int:
    """In the child: become the command; its exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _redirect(out, err)
    os.chdir(asked["home"])
    os.environ.clear()
    os.environ.update(asked["env"])
    tempfile.tempdir = None  # chosen anew, by its own environment
    sys.argv = ["troth", *asked["arguments"]]
    try:
        module = importlib.import_module(asked["module"])
        (module.run if asked["module"] == COMMAND else module.main)(asked["arguments"])
        code = 0
    except SystemExit as ended:
        code = _code_of(ended)
    except BaseException:
        traceback.print_exc()
        code = 1
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def _code_of(ended: SystemExit) -> int:
    """As an interpreter would end: with a number, well, or badly after a last word."""
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    sys.stderr.write(f"{ended.code}\n")
    return 1


def _redirect(out: int, err: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, number in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(given, number)
    os.close(nothing)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8")  # noqa: SIM115


if __name__ == "__main__":
    main()
