"""The guided tour: each step says what it is about, runs one real command, and looks whether it did its job.

The commands are run as a person would run them, in processes of their own with the example's folder as the
working directory, so that what is shown is what anybody will see.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from troth.core.policy.values import Duration, latest_start
from troth.demo import truth
from troth.demo.folder import set_up
from troth.demo.generate import Example

Say = Callable[[str], None]
Result = subprocess.CompletedProcess[str]
Look = Callable[[Path, Result], str]
"""Looks at the truth after a step. Returns what is wrong; an empty text when all is as it should be."""

_DIGEST = "Digest of this plan"
"""How the last line of a printed plan begins."""

_SECONDS = 240
"""No command of the tour takes a tenth of this; one that hangs must not hang the demo."""


@dataclass(frozen=True)
class Step:
    """One command of the tour."""

    title: str
    why: str
    command: Sequence[str]
    example: Example = "maison"
    ends_with: int = 0
    dated: bool = True
    lines: int = 14
    result_only: bool = False
    look: Look | None = None
    then: str = ""


@dataclass
class Tour:
    """Runs steps and remembers which of them did not go as announced."""

    homes: dict[Example, Path]
    as_of: date
    dated: bool
    say: Say
    failures: list[str] = field(default_factory=list)

    def take(self, step: Step) -> Result:
        """Announce, run, show, look."""
        home = self.homes[step.example]
        words = [*step.command, *(["--as-of", str(self.as_of)] if step.dated and self.dated else [])]
        self.say(f"\n## {step.title}\n\n{step.why}\n")
        self.say(f"   {step.example}$ troth {shlex.join(words)}")
        result = _run(words, home)
        self._show(result, step)
        wrong = _verdict(step, home, result)
        if wrong:
            self.failures.append(f"{step.title}: {wrong}")
            self.say(f"\n   ▲ not as expected: {wrong}")
        elif step.then:
            self.say(f"\n{step.then}")
        return result

    def _show(self, result: Result, step: Step) -> None:
        printed = [*result.stdout.splitlines(), *result.stderr.splitlines()]
        digest = next((n for n, line in enumerate(printed) if line.startswith(_DIGEST)), None)
        if step.result_only and digest is not None:
            self.say("   │ … the plan, as above")
            printed = printed[digest:]
        for line in printed[: step.lines]:
            self.say(f"   │ {line}")
        if len(printed) > step.lines:
            self.say(f"   │ … {len(printed) - step.lines} more lines")


def _verdict(step: Step, home: Path, result: Result) -> str:
    if result.returncode != step.ends_with:
        return f"it ended with {result.returncode}, not {step.ends_with}"
    return step.look(home, result) if step.look else ""


def _run(words: Sequence[str], home: Path) -> Result:
    env = {k: v for k, v in os.environ.items() if not k.startswith("TROTH_")}
    env |= {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            [sys.executable, "-m", "troth.cli.main", *words],
            cwd=home, env=env, text=True, encoding="utf-8", capture_output=True, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Result(list(words), 124, "", f"no answer within {_SECONDS} seconds")


# --- the steps ------------------------------------------------------------------------------------


def run_tour(folder: Path, as_of: date, dated: bool, say: Say) -> list[str]:
    """Set up both examples in ``folder`` and walk through them; what went otherwise than announced.

    ``dated``: write ``--as-of`` into the commands (where another day than today was asked for).
    Raises UsageError when the folder is somebody else's.
    """
    say(f"Making two invented publishers in {folder}: 300 people each, twelve years of history …")
    tour = Tour(set_up(folder, as_of), as_of, dated, say)
    for step in _policy_steps():
        tour.take(step)
    _person(tour)
    _time(tour)
    _evidence(tour)
    for step in _atelier_steps():
        tour.take(step)
    say(_ending(folder, tour))
    return tour.failures


def _policy_steps() -> list[Step]:
    return [
        Step(
            "The policy is a file that runs",
            "Maison Verdier sells paper and books. Its privacy policy is troth.yaml: what people read, which rules\n"
            "the engine follows, where the data lies. First: is it in order?",
            ["check"], dated=False,
        ),
        Step(
            "Keys",
            "Once for each installation: the key that signs the evidence, and those that hide who it is about.",
            ["keys", "init", "--origin", "www.verdier.test/troth"], dated=False,
        ),
    ]  # fmt: skip


def _person(tour: Tour) -> None:
    invoices = truth.invoices_of_ana(tour.homes["maison"])

    def erased(home: Path, result: Result) -> str:
        if truth.invoices_of_ana(home) != invoices:
            return "her invoices are not all there any more"
        left = truth.traces_of_ana(home)
        return f"her name or address is still in {left} places" if left else ""

    tour.take(Step(
        "Ana asks what you know about her",
        "Her mail address is enough: from it Troth finds her rows in every database, along the links of the map.",
        ["access", truth.ANA, "-o", "ana"], look=_package,
        then="The folder ana/ is what she gets: open ana/index.html in a browser. A machine reads data.json.",
    ))  # fmt: skip
    tour.take(Step(
        "Ana asks to be erased: first the plan",
        "Nothing is changed. The plan tells each step, the rows it expects, what stays, why, and until when.",
        ["erase", "--dry-run", truth.ANA], lines=34, look=_mentions("keep in invoices"),
        then=f"Accounting law keeps her {invoices} invoices for ten years. Everything else can go now.",
    ))  # fmt: skip
    tour.take(Step(
        "The erasure",
        "Each database is changed in one transaction, wholly or not at all; then Troth reads again what it wrote.",
        ["erase", "--yes", truth.ANA], lines=40, result_only=True, look=erased,
        then=f"Looked up in the databases themselves: {invoices} invoices with her name, and no other trace of her.",
    ))  # fmt: skip
    tour.take(Step(
        "Two people behind one mailbox",
        "Claire and Paul Morin share an address. Whose data is it? Troth does not guess: it ends with 1 and waits\n"
        "for a human.",
        ["erase", "--dry-run", "famille.morin@example.net"], ends_with=1,
    ))  # fmt: skip


def _time(tour: Tour) -> None:
    keep_from = str(latest_start(tour.as_of, Duration(months=12)))

    def swept(home: Path, result: Result) -> str:
        if truth.has_grace(home):
            return "Grace Whitlock, gone for eleven years, is still there"
        left = truth.log_entries_before(home, keep_from)
        return f"{left} log entries are older than twelve months" if left else ""

    tour.take(Step(
        "What is past its time",
        "Prospects after three years, logs after twelve months, accounts after two years … the periods of the\n"
        "policy. First the plan again.",
        ["sweep", "--dry-run"], lines=24,
    ))  # fmt: skip
    tour.take(Step(
        "The sweep",
        "What must stay longer, but apart from daily work, goes into the sealed archive before it is erased.",
        ["sweep", "--yes"], lines=50, result_only=True, look=swept,
        then="Looked up: Grace, a client of eleven years ago, is gone; no log entry is older than twelve months.",
    ))  # fmt: skip


def _evidence(tour: Tour) -> None:
    home = tour.homes["maison"]
    made = tour.take(Step(
        "Evidence",
        "Every act was written down before and after it happened, in a log that cannot be rewritten unnoticed.\n"
        "Here it is in one file, for anybody who asks.",
        ["bundle", "-o", "evidence.jsonl"], dated=False,
    ))  # fmt: skip
    key = made.stdout.rpartition("--key ")[2].split()
    public = ["--key", key[0]] if key else []
    tour.take(Step(
        "Anybody can check it",
        "Without the policy, the databases or a network. It also says what is not proven.",
        ["verify", "evidence.jsonl", *public], dated=False, lines=30,
    ))  # fmt: skip
    _flip(home / "evidence.jsonl", home / "evidence-forged.jsonl")
    tour.take(Step(
        "… and nobody can change it",
        "evidence-forged.jsonl is a copy in which a single byte was changed. The check ends with 1.",
        ["verify", "evidence-forged.jsonl", *public], ends_with=1, dated=False, lines=30,
    ))  # fmt: skip


def _atelier_steps() -> list[Step]:
    return [
        Step(
            "The other publisher: two databases, one person",
            "Atelier Passerelle is a service with accounts. The account lies in one database, the bills in another,\n"
            "made by different software. Ana is in both.",
            ["check"], example="atelier", dated=False,
        ),
        Step(
            "Its keys",
            "Each publisher has its own.",
            ["keys", "init", "--origin", "www.passerelle.test/troth"], example="atelier", dated=False,
        ),
        Step(
            "The plan over both",
            "From her mail address to her account, from the account's uuid to the subscription. Again the invoices\n"
            "stay, counted from the end of a financial year in June.",
            ["erase", "--dry-run", truth.ANA], example="atelier", lines=30, look=_mentions("billing"),
        ),
    ]  # fmt: skip


def _ending(folder: Path, tour: Tour) -> str:
    dated = f" --as-of {tour.as_of}" if tour.dated else ""
    verdict = (
        "Every step did what it announced."
        if not tour.failures
        else "NOT as announced:\n" + "\n".join(f"   ▲ {failure}" for failure in tour.failures)
    )
    return f"""
## What to try next

   cd {shlex.quote(str(folder / "maison"))}
   troth erase --dry-run{dated} zoe@example.org        an order under way keeps what it needs, without a date
   troth erase --dry-run{dated} bruno@example.org      an unpaid invoice does the same
   troth rectify --dry-run{dated} zoe@example.org last_name=Lenormand
   troth restrict --dry-run{dated} zoe@example.org
   troth archive list                                  what the sweep put away, and until when
   troth replay --dry-run{dated}                       after a restore: who would have to be erased again
   open troth.yaml in an editor, change a word, and run  troth check

The README.md beside it says who the people are. Nothing outside {folder} was touched; delete it when done.

{verdict}"""


# --- looking --------------------------------------------------------------------------------------


def _mentions(words: str) -> Look:
    return lambda home, result: "" if words in result.stdout else f"it does not speak of {words!r}"


def _package(home: Path, result: Result) -> str:
    package = home / "ana"
    missing = [name for name in ("data.json", "index.html") if not (package / name).is_file()]
    if missing:
        return f"the package lacks {', '.join(missing)}"
    text = (package / "data.json").read_text(encoding="utf-8")
    json.loads(text)
    if truth.ANA not in text:
        return "her mail address is not in her package"
    return "another client's address is in her package" if "bruno@example.org" in text else ""


def _flip(source: Path, target: Path) -> None:
    """A copy in which the lowest bit of one byte in the middle is the other way round."""
    content = bytearray(source.read_bytes()) if source.is_file() else bytearray(b" ")
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
