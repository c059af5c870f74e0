"""Starting a publisher's own program after a change (see ``core.rights.hooks``).

What the program prints may name people, so it is never read: it goes nowhere, and only how the program ended is
told. Variables of Troth's own (keys, passphrases) are not handed on.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from troth.core.policy.model import Hook

_OURS = "TROTH_"


class Programs:
    """Runs hooks in the policy's folder. ``env`` is what programs inherit, without Troth's own variables."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._folder = folder.resolve()
        self._env = {name: value for name, value in env.items() if not name.startswith(_OURS)}

    def __call__(self, hook: Hook, told: bytes) -> str:
        """Run it; why it failed, or ''."""
        try:
            process = subprocess.Popen(
                self._command(hook), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                cwd=self._folder, env=self._env, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return f"the program cannot be started: {(error.strerror or 'error').lower()}"
        return _ended(process, told, hook.timeout)

    def _command(self, hook: Hook) -> list[str]:
        """A bare name is looked for on PATH; a path counts from the policy's folder."""
        program, *arguments = hook.run
        return [str(self._folder / program) if "/" in program else program, *arguments]


def _ended(process: subprocess.Popen[bytes], told: bytes, timeout: int) -> str:
    try:
        process.communicate(told, timeout=timeout)
    except subprocess.TimeoutExpired:
        # With all that it started itself: they share its session.
        with suppress(ProcessLookupError):  # it may have ended this very moment
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"the program did not end within {timeout} s and was stopped"
    if process.returncode < 0:
        return f"the program was stopped by signal {-process.returncode}"
    return f"the program ended with {process.returncode}" if process.returncode else ""
