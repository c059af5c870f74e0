"""The machine: Python, the libraries, and settings that cannot be what was meant."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from troth.core.errors import TrothError
from troth.web.doctor.findings import Case, Finding, fine, note, problem

_LEAST_PYTHON = (3, 11)
_SECRETS = ("TROTH_STATE_URL", "TROTH_METRICS_TOKEN", "TROTH_MAIL_URL", "TROTH_PASSPHRASE")


def python(case: Case) -> Iterator[Finding]:
    """Python is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < _LEAST_PYTHON
    yield (problem if old else fine)("python_old" if old else "python_fine", version=found, least="3.11")


def libraries(case: Case) -> Iterator[Finding]:
    """Each library that Troth needs is there, and as new as it asks for."""
    wrong = False
    for line in requires("troth") or ():
        named = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?([^;]*)(;.*extra)?", line)
        if named is None or named[3]:
            continue
        least = re.search(r">=\s*([0-9.]+)", named[2])
        found = installed(named[1])
        if found is None:
            wrong = True
            yield problem("library_missing", name=named[1])
        elif least and _numbers(found) < _numbers(least[1]):
            wrong = True
            yield problem("library_old", name=named[1], version=found, least=least[1])
    if not wrong:
        yield fine("libraries_fine", troth=version("troth"), django=installed("django"), granian=installed("granian"))


def installed(name: str) -> str | None:
    """The version of a library; None when it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


def settings(case: Case) -> Iterator[Finding]:
    """Settings can be read, and secrets lie in files."""
    from troth.state.environment import secret
    from troth.web.addresses import LOOPBACK, Proxies, check_names

    try:
        Proxies(case.environment.get("TROTH_PROXIES", LOOPBACK))
        check_names(case.environment.get("TROTH_HOSTS", ""))
        for name in _SECRETS:
            secret(name, case.environment)
    except TrothError as error:
        yield problem("told", said=error.message, remedy=error.remedy)
    for name in _SECRETS:
        if case.environment.get(name):
            yield note("secret_in_environment", name=name)
    if os.geteuid() == 0:
        yield note("runs_as_root")
