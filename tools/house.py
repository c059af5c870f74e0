"""The rules of this house that no ready-made tool knows.

    python tools/house.py [ROOT]

Each check reads the syntax tree of the sources under ROOT and says, with what it
finds, which attack or fault it stops. It exits with 1 when it has found something.
Nothing can be silenced on a line: an exception has its place, with its reason, in
one of the tables below, and an exception that is no longer needed is a fault too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LONGEST_FUNCTION = 60
"""Lines of a function without its decorators and docstring."""
USUAL_FUNCTION = 30
USUAL_SHARE = 0.9
LONGEST_FILE = 500

SQL_TEXT_ALLOWED: dict[str, str] = {
    "src/troth/connectors/sql/connect.py": "BEGIN has no construct",
    "src/troth/connectors/sql/catalogue_mariadb.py": "asks the catalogue about all tables at once",
    "src/troth/connectors/sql/catalogue_postgresql.py": "asks the catalogue about all tables at once",
    "src/troth/connectors/sql/catalogue_sqlite.py": "asks the catalogue about all tables at once",
    "src/troth/connectors/sql/looking.py": "session limits take no construct; the numbers are bound",
    "src/troth/connectors/sql/exact.py": "the name of a character set, which MariaDB wants bare",
    "src/troth/connectors/sql/connector.py": "the engine's own name for the present moment",
    "src/troth/connectors/sql/explain.py": "EXPLAIN has no construct; it stands before a compiled statement",
    "src/troth/connectors/sql/line.py": "COMMIT has no construct",
    "src/troth/connectors/sql/reading.py": "session limits take no construct",
    "src/troth/connectors/sql/remains.py": "asks the server about its own settings and files",
    "src/troth/connectors/sql/stamp.py": "asks the catalogue whether anything about the schema has moved",
    "src/troth/connectors/sql/wal.py": "PRAGMA has no construct",
    "src/troth/connectors/sql/probes_mariadb.py": "asks the catalogue what reflection does not tell",
    "src/troth/connectors/sql/rights_mariadb.py": "asks the server for the account's rights",
    "src/troth/connectors/sql/probes_postgresql.py": "asks the catalogue what reflection does not tell",
    "src/troth/connectors/sql/probes_sqlite.py": "asks the catalogue what reflection does not tell",
}
"""File to the reason why it may hold SQL as constant text; values are bound there too."""

SQL_COMPOSED_ALLOWED: dict[str, str] = {
    "src/troth/connectors/sql/connect.py": "session settings take no bound values; from numbers and constants",
    "src/troth/connectors/sql/grants.py": "prints statements for a person to run; names quoted by the dialect",
    "src/troth/connectors/sql/keysets.py": "a list of thousands of keys, each checked to be an int",
    "src/troth/connectors/sql/line.py": "what SQLAlchemy has compiled, and the constants that open a transaction",
    "src/troth/connectors/sql/prepared.py": "the text that SQLAlchemy compiled a moment before, with its values bound",
    "src/troth/connectors/sql/reading.py": "a session limit, from a number that the server gave",
    "src/troth/connectors/sql/refusals.py": "prints a GRANT for a person to run; names quoted by the dialect",
    "src/troth/connectors/sql/wal.py": "PRAGMA takes no bound values; a number that SQLite gave",
    "src/troth/connectors/sql/probes_mariadb.py": "SHOW CREATE TABLE, with a name that the dialect has quoted",
    "src/troth/connectors/sql/rights_mariadb.py": "SHOW GRANTS, with the roles as the server itself quotes them",
    "src/troth/connectors/sql/probes_postgresql.py": "one of two constants, by the server's version",
    "src/troth/demo/database.py": "fills the tables that the demonstration itself has made",
    "src/troth/state/backup/files.py": "PRAGMA takes no bound values; the names are constants of the file",
    "src/troth/state/sqlite.py": "PRAGMA takes no bound values; the names are constants of the file",
}
"""File to the reason why it may put SQL together, and from what; never from outside."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and what it could lead to."""

    path: str
    line: int
    message: str
    stops: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file and its syntax tree."""

    path: str
    """Relative to the root, with slashes."""
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    def under(self, *folders: str) -> bool:
        """Whether the file lies in one of the folders."""
        return any(self.path.startswith(f"{folder}/") for folder in folders)


Check = Callable[[list[Source]], Iterator[Fault]]


def read(root: Path) -> list[Source]:
    """The project's own Python files."""
    folders = ("src", "tests", "tools", "bench")
    paths = [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def dotted(node: ast.AST) -> str:
    """`a.b.c` for such an expression, else the empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imported(source: Source) -> dict[str, str]:
    """Local names and what they stand for: {"sa": "sqlalchemy", "text": "sqlalchemy.text"}."""
    names = {}
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return names


def meaning(node: ast.AST, names: dict[str, str]) -> str:
    """The full name of what an expression refers to, through the imports."""
    first, _, rest = dotted(node).partition(".")
    full = names.get(first, first)
    return f"{full}.{rest}" if rest else full


# --- size ----------------------------------------------------------------------


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring not counted: explaining is free."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def functions_are_short(sources: list[Source]) -> Iterator[Fault]:
    """No function of src or tools is long, and nine in ten are short."""
    stops = "a function that does not fit on a screen is not reviewed, it is believed"
    found = [(length(f), s, f) for s in sources if s.under("src", "tools") for f in s.functions]
    for lines, source, function in found:
        if lines > LONGEST_FUNCTION:
            message = f"{function.name} has {lines} lines, more than {LONGEST_FUNCTION}"
            yield Fault(source.path, function.lineno, message, stops)
    long = sorted((item for item in found if item[0] > USUAL_FUNCTION), key=lambda item: -item[0])
    if len(long) > (1 - USUAL_SHARE) * len(found):
        worst = ", ".join(f"{f.name} ({lines})" for lines, _, f in long[:5])
        message = f"{len(long)} of {len(found)} functions exceed {USUAL_FUNCTION} lines; the longest: {worst}"
        yield Fault(long[0][1].path, long[0][2].lineno, message, stops)


def files_are_short(sources: list[Source]) -> Iterator[Fault]:
    """No file grows until nobody knows what is in it."""
    stops = "one noun a module: a second one deserves its own file and its own tests"
    for source in sources:
        lines = source.text.count("\n")
        if lines > LONGEST_FILE:
            yield Fault(source.path, 1, f"{lines} lines, more than {LONGEST_FILE}", stops)


# --- layers --------------------------------------------------------------------


def packages_are_seen(sources: list[Source]) -> Iterator[Fault]:
    """Every folder of src that holds Python is a package."""
    stops = "import-linter does not look into a folder without __init__.py: its layers would be free"
    folders = {source.path.rpartition("/")[0] for source in sources if source.under("src/troth")}
    packages = {s.path.rpartition("/")[0] for s in sources if s.path.endswith("/__init__.py")}
    for folder in sorted(folders - packages):
        yield Fault(f"{folder}/__init__.py", 1, "is missing", stops)


# --- purity --------------------------------------------------------------------

_CLOCKS = re.compile(
    r"(?:datetime\.)?(?:datetime|date)\.(?:now|utcnow|today)"
    r"|time\.(?:time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|localtime|gmtime)"
)


def core_has_no_clock(sources: list[Source]) -> Iterator[Fault]:
    """In core, time is an argument."""
    stops = (
        "what is due depends on the date: with a clock inside, a sweep cannot be repeated, "
        "`--as-of` lies, and the erasure of 31 December is tested on no other day"
    )
    for source in sources:
        if not source.under("src/troth/core"):
            continue
        names = imported(source)
        for node in source.nodes:
            if isinstance(node, ast.Attribute | ast.Name):
                full = meaning(node, names)
                if _CLOCKS.fullmatch(full):
                    yield Fault(source.path, node.lineno, f"core reads the clock ({full})", stops)


# --- SQL -----------------------------------------------------------------------

_SQL = re.compile(
    r"\s*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|REPLACE\s+INTO\s|WITH\s+\S+\s+AS\s*\("
    r"|(?:CREATE|DROP|ALTER|TRUNCATE)\s+(?:TABLE|INDEX|VIEW|DATABASE|USER|ROLE|TRIGGER)\b"
    r"|(?-i:SHOW|EXPLAIN|ANALYZE|BEGIN|LOCK)\s|PRAGMA\s|GRANT\s|REVOKE\s|KILL\s|SET\s+(?:SESSION|LOCAL|GLOBAL|sql_mode)\b)",
    re.IGNORECASE,
)
_RAW_CALLS = {"exec_driver_sql", "executescript", "literal_column"}


def _first_text(node: ast.AST) -> str:
    """The text that an f-string, concatenation, `%` or `.format` begins with."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return _first_text(node.values[0])
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp):
        return _first_text(node.left)
    return ""


def _is_composed(node: ast.AST) -> bool:
    """Whether a string is put together while the program runs."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(value, ast.FormattedValue) for value in node.values)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)


def _is_constant(node: ast.AST) -> bool:
    """A literal, a NAME in capitals, or a choice between such."""
    if isinstance(node, ast.IfExp):
        return _is_constant(node.body) and _is_constant(node.orelse)
    name = dotted(node).rpartition(".")[2]
    return isinstance(node, ast.Constant) or (name != "" and name == name.upper())


def _takes_sql(call: ast.Call, names: dict[str, str]) -> str:
    """The name of a function that is given SQL as text; empty for any other."""
    full = meaning(call.func, names)
    if re.fullmatch(r"sqlalchemy(\.sql)?(\.expression)?\.text", full):
        return "text()"
    last = call.func.attr if isinstance(call.func, ast.Attribute) else full.rpartition(".")[2]
    return f"{last}()" if last in _RAW_CALLS else ""


def _sql_as_text(node: ast.AST, names: dict[str, str]) -> tuple[str, str]:
    """The kind of text (constant or composed) and what is wrong; empty when nothing is."""
    if _is_composed(node) and _SQL.match(_first_text(node)):
        return "composed", "SQL composed as a string"
    if not isinstance(node, ast.Call):
        return "", ""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        inner = node.func.value
        return ("composed", "SQL composed with format()") if _SQL.match(_first_text(inner)) else ("", "")
    function = _takes_sql(node, names)
    if not function:
        return "", ""
    if node.args and _is_constant(node.args[0]):
        return "constant", f"{function} takes SQL as text"
    return "composed", f"{function} takes text that is put together"


def sql_is_built(sources: list[Source]) -> Iterator[Fault]:
    """SQL on other people's databases comes from SQLAlchemy's constructs."""
    stops = (
        'injection, by a table named `x"; DROP …` in a policy file or an e-mail address with a quote in it; '
        "and reserved or mixed-case names that nobody quotes"
    )
    tables = {"constant": ("SQL_TEXT_ALLOWED", SQL_TEXT_ALLOWED)}
    tables["composed"] = ("SQL_COMPOSED_ALLOWED", SQL_COMPOSED_ALLOWED)
    used = set()
    for source in sources:
        if not source.under("src"):
            continue
        names = imported(source)
        for node in source.nodes:
            kind, wrong = _sql_as_text(node, names)
            used.add((kind, source.path))
            if kind and source.path not in tables[kind][1]:
                line = getattr(node, "lineno", 1)
                yield Fault(source.path, line, f"{wrong}; not among {tables[kind][0]}", stops)
    for kind, (name, allowed) in tables.items():
        for path in sorted(allowed):
            if (kind, path) not in used:
                yield Fault(path, 1, f"is among {name} without need: an open door", stops)


# --- personal data --------------------------------------------------------------


def _is_true(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def engines_hide_parameters(sources: list[Source]) -> Iterator[Fault]:
    """Every engine of SQLAlchemy is told to keep bound values out of its errors."""
    stops = "an e-mail address in a log: errors print the values that a failed statement was bound to"
    for source in sources:
        if not source.under("src"):
            continue
        names = imported(source)
        for node in source.nodes:
            if not isinstance(node, ast.Call) or not meaning(node.func, names).endswith("create_engine"):
                continue
            options = {k.arg: k.value for k in node.keywords}
            # Shared options (`**`) are believed when the same file sets this one.
            shared = None in options and re.search(r"hide_parameters\"?(=|: )True", source.text)
            if not shared and not _is_true(options.get("hide_parameters")):
                yield Fault(source.path, node.lineno, "create_engine without hide_parameters=True", stops)


# --- tests ----------------------------------------------------------------------

_ASSERTING = re.compile(r"pytest\.(raises|warns|fail)|.*\.assert_\w+")


def _asserts_itself(function: Function, names: dict[str, str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and _ASSERTING.fullmatch(meaning(node.func, names)):
            return True
    return False


def _called(function: Function) -> set[str]:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else dotted(call) for call in calls}


def _asserting_helpers(sources: Iterable[Source]) -> set[str]:
    """Names of the functions of the tests that assert, or call one that does."""
    functions = [(f, imported(s)) for s in sources for f in s.functions]
    known = {f.name for f, names in functions if _asserts_itself(f, names)}
    calls = {f.name: _called(f) for f, _ in functions}
    while more := {name for name, called in calls.items() if name not in known and called & known}:
        known |= more
    return known


def _cannot_fail(node: ast.Assert) -> bool:
    """A constant, a tuple with something in it, or a thing compared with itself."""
    test = node.test
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is):
        # A call may answer differently the second time: that is a real question.
        calls = any(isinstance(part, ast.Call) for part in ast.walk(test))
        return not calls and ast.dump(test.left) == ast.dump(test.comparators[0])
    return False


def tests_can_fail(sources: list[Source]) -> Iterator[Fault]:
    """Every test asserts something that could be otherwise."""
    stops = "a green test that would stay green with the feature removed"
    tests = [source for source in sources if source.under("tests")]
    helpers = _asserting_helpers(tests)
    for source in tests:
        names = imported(source)
        for function in source.functions:
            asserting = _asserts_itself(function, names) or _called(function) & helpers
            if function.name.startswith("test_") and not asserting:
                yield Fault(source.path, function.lineno, f"{function.name} asserts nothing", stops)
        for node in source.nodes:
            if isinstance(node, ast.Assert) and _cannot_fail(node):
                yield Fault(source.path, node.lineno, "an assertion that cannot fail", stops)


CHECKS: tuple[Check, ...] = (
    functions_are_short,
    files_are_short,
    packages_are_seen,
    core_has_no_clock,
    sql_is_built,
    engines_hide_parameters,
    tests_can_fail,
)


def faults(sources: list[Source]) -> list[Fault]:
    """All that the checks find, in the order of the files."""
    found = {fault for check in CHECKS for fault in check(sources)}
    return sorted(found, key=lambda fault: (fault.path, fault.line, fault.message))


def main(arguments: list[str]) -> int:
    """Check the project at the path given, or this one."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    sources = read(root)
    found = faults(sources)
    for stops in dict.fromkeys(fault.stops for fault in found):
        print(*(fault for fault in found if fault.stops == stops), sep="\n")
        print(f"    why: {stops}\n")
    print(f"house: {len(sources)} files, {len(CHECKS)} checks, {len(found)} faults")
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
