"""tools/house.py against planted faults: a check that finds nothing is no check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import house
from house import Check, Fault, Source

HOUSE = Path(house.__file__)


def found(check: Check, text: str, path: str) -> list[Fault]:
    return list(check([Source(path, dedent(text))]))


def function(name: str, lines: int) -> str:
    """A function of so many lines."""
    return f"def {name}():\n" + "    x = 1\n" * (lines - 1)


# One planted fault for each way to break a rule: check, file, text, part of the message.
PLANTED = [
    (house.functions_are_short, "src/troth/a.py", function("long", 61), "long has 61 lines"),
    (house.functions_are_short, "src/troth/a.py", function("a", 31) + function("b", 5), "1 of 2 functions"),
    (house.files_are_short, "tests/test_a.py", "x = 1\n" * 501, "501 lines"),
    (house.packages_are_seen, "src/troth/core/new/a.py", "x = 1", "is missing"),
    (
        house.core_has_no_clock,
        "src/troth/core/a.py",
        "import datetime\ndatetime.datetime.now()",
        "datetime.now",
    ),
    (
        house.core_has_no_clock,
        "src/troth/core/a.py",
        "from datetime import datetime as d\nd.utcnow()",
        "utcnow",
    ),
    (
        house.core_has_no_clock,
        "src/troth/core/a.py",
        "from datetime import date\nclock = date.today",
        "today",
    ),
    (house.core_has_no_clock, "src/troth/core/a.py", "import time as t\nt.time()", "time.time"),
    (house.core_has_no_clock, "src/troth/core/a.py", "from time import monotonic\nmonotonic()", "monotonic"),
    (house.sql_is_built, "src/troth/a.py", "import sqlalchemy as sa\nsa.text('SELECT 1')", "text()"),
    (house.sql_is_built, "src/troth/a.py", "from sqlalchemy import text as t\nt(x)", "text()"),
    (house.sql_is_built, "src/troth/a.py", "from sqlalchemy.sql import text\ntext(x)", "text()"),
    (house.sql_is_built, "src/troth/a.py", "connection.exec_driver_sql(x)", "exec_driver_sql() takes text that is"),
    (house.sql_is_built, "src/troth/a.py", "connection.exec_driver_sql('BEGIN')", "exec_driver_sql() takes SQL"),
    (house.sql_is_built, "src/troth/a.py", "from sqlalchemy import text\ntext(X.format(y))", "put together"),
    (
        house.sql_is_built,
        "src/troth/a.py",
        "from sqlalchemy import literal_column\nliteral_column(x)",
        "literal",
    ),
    (house.sql_is_built, "src/troth/a.py", "x = f'delete from {table}'", "composed as a string"),
    (house.sql_is_built, "src/troth/a.py", "x = 'DROP TABLE ' + table", "composed as a string"),
    (
        house.sql_is_built,
        "src/troth/a.py",
        "x = 'UPDATE a SET b = ' + b + ' WHERE c'",
        "composed as a string",
    ),
    (house.sql_is_built, "src/troth/a.py", "x = 'SELECT %s FROM a' % b", "composed as a string"),
    (house.sql_is_built, "src/troth/a.py", "x = f'SHOW GRANTS FOR {user}'", "composed as a string"),
    (house.sql_is_built, "src/troth/a.py", "x = 'GRANT {} ON a'.format(b)", "format()"),
    (
        house.engines_hide_parameters,
        "src/troth/a.py",
        "from sqlalchemy import create_engine\ncreate_engine(u)",
        "hide",
    ),
    (
        house.engines_hide_parameters,
        "src/troth/a.py",
        "import sqlalchemy as sa\nsa.create_engine(u, hide_parameters=False)",
        "hide",
    ),
    (house.tests_can_fail, "tests/test_a.py", "def test_a():\n    work()", "test_a asserts nothing"),
    (house.tests_can_fail, "tests/test_a.py", "def test_a():\n    assert True", "cannot fail"),
    (house.tests_can_fail, "tests/test_a.py", "def test_a():\n    assert (x == 1, 'no')", "cannot fail"),
    (house.tests_can_fail, "tests/test_a.py", "def test_a():\n    assert x.y == x.y", "cannot fail"),
]


@pytest.mark.parametrize(("check", "path", "text", "message"), PLANTED)
def test_a_planted_fault_is_found(check: Check, path: str, text: str, message: str) -> None:
    messages = [fault.message for fault in found(check, text, path) if "without need" not in fault.message]
    assert any(message in said for said in messages)


def test_every_check_has_a_planted_fault() -> None:
    assert {check for check, *_ in PLANTED} == set(house.CHECKS)


@pytest.mark.parametrize("check", house.CHECKS)
def test_a_fault_says_what_it_stops(check: Check) -> None:
    texts = {planted: (path, text) for planted, path, text, _ in PLANTED}
    path, text = texts[check]
    assert all(len(fault.stops) > 40 for fault in found(check, text, path) if fault.path == path)


HARMLESS = [
    (house.functions_are_short, "src/troth/a.py", function("fits", 30)),
    (house.functions_are_short, "tests/test_a.py", function("long", 100)),
    (house.core_has_no_clock, "src/troth/core/a.py", "def due(now): return datetime(2036, 1, 31) < now"),
    (house.core_has_no_clock, "src/troth/state/a.py", "import time\ntime.time()"),
    (house.sql_is_built, "bench/a.py", "connection.exec_driver_sql(x)"),
    (house.sql_is_built, "src/troth/a.py", "x = f'update of {name} done'; f'Show {x}'; page.text(y)"),
    (house.engines_hide_parameters, "src/troth/a.py", "create_engine(u, hide_parameters=True)"),
    (
        house.tests_can_fail,
        "tests/test_a.py",
        "import pytest\ndef test_a():\n    with pytest.raises(E): work()",
    ),
    (
        house.tests_can_fail,
        "tests/test_a.py",
        "def test_a(): outer()\ndef outer(): inner()\ndef inner():\n    assert x",
    ),
    (house.tests_can_fail, "tests/test_a.py", "def test_a():\n    assert draw() == draw()"),
]


@pytest.mark.parametrize(("check", "path", "text"), HARMLESS)
def test_the_harmless_is_left_alone(check: Check, path: str, text: str) -> None:
    assert [fault for fault in found(check, text, path) if fault.path == path] == []


def test_a_docstring_costs_no_lines() -> None:
    text = 'def explained():\n    """' + "Why.\n" * 80 + '    """\n    return 1\n'
    assert found(house.functions_are_short, text, "src/troth/a.py") == []


def sql_faults(monkeypatch: pytest.MonkeyPatch, table: str, **texts: str) -> list[tuple[str, str]]:
    """The SQL faults of some files when only src/troth/a.py is excepted."""
    for name in ("SQL_TEXT_ALLOWED", "SQL_COMPOSED_ALLOWED"):
        monkeypatch.setattr(house, name, {"src/troth/a.py": "a reason"} if name == table else {})
    sources = [Source(f"src/troth/{name}.py", text) for name, text in texts.items()]
    return [(fault.path, fault.message) for fault in house.sql_is_built(sources)]


CONSTANT, COMPOSED = "c.exec_driver_sql(PROBE if old else 'BEGIN')", "c.exec_driver_sql(x)"


def test_an_exception_opens_one_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = sql_faults(monkeypatch, "SQL_TEXT_ALLOWED", a=CONSTANT, b=CONSTANT)
    assert [path for path, _ in faults] == ["src/troth/b.py"]


def test_an_exception_for_constants_does_not_open_the_door_to_composed_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [(_, message)] = sql_faults(monkeypatch, "SQL_TEXT_ALLOWED", a=f"{CONSTANT}\n{COMPOSED}")
    assert message.endswith("not among SQL_COMPOSED_ALLOWED")


@pytest.mark.parametrize("table", ["SQL_TEXT_ALLOWED", "SQL_COMPOSED_ALLOWED"])
def test_an_exception_without_need_is_a_fault(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    [(path, message)] = sql_faults(monkeypatch, table, a="x = 1")
    assert (path, "without need" in message) == ("src/troth/a.py", True)


def test_engines_may_share_their_options() -> None:
    text = "options = {'a': 1}\ncreate_engine(u, **options)"
    assert len(found(house.engines_hide_parameters, text, "src/troth/a.py")) == 1
    shared = text.replace("'a': 1", '"hide_parameters": True')
    assert found(house.engines_hide_parameters, shared, "src/troth/a.py") == []


def test_a_missing_package_is_missed_only_where_python_lies() -> None:
    sources = [Source("src/troth/__init__.py", ""), Source("src/troth/a.py", "")]
    assert list(house.packages_are_seen(sources)) == []


@pytest.mark.parametrize(("text", "status"), [("x = 1\n", 0), ("from time import time\ntime()\n", 1)])
def test_the_program_exits_with_one_when_it_found_something(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "tools").mkdir()
    # The copy has no exceptions: those of this project name files that are not there.
    program = HOUSE.read_text().replace('    "src/troth/', '    # "src/troth/')
    (tmp_path / "tools" / "house.py").write_text(program)
    package = tmp_path / "src" / "troth" / "core"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "a.py").write_text(text)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "tools" / "house.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout
    assert ("src/troth/core/a.py:2:" in done.stdout) == (status == 1)


def test_the_program_exits_with_one_when_it_read_nothing(tmp_path: Path) -> None:
    assert house.main([str(tmp_path)]) == 1
