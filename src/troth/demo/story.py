"""The story that the tour tells: its steps in order, and what each has to have done."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path

from troth.core.policy.values import Duration, latest_start
from troth.demo import truth
from troth.demo.commands import Result
from troth.demo.earlier import FOLDER
from troth.demo.tour import Look, Step, Tour


def opening(tour: Tour) -> None:
    """What comes before people can visit: both policies looked at, keys made, texts published."""
    for step in _opening():
        tour.take(step)


def story(tour: Tour) -> None:
    """What Troth does for Ana and with what is past its time, and the evidence of it."""
    _person(tour)
    _time(tour)
    _evidence(tour)
    tour.take(_both_databases())


def _opening() -> list[Step]:
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
        Step(
            "The version before",
            "People may read every version. This is the one of last year, so that there is something to compare.",
            ["publish", "--policy", f"{FOLDER}/troth.yaml"], dated=False,
        ),
        Step(
            "The policy in force",
            "Version, date and digest go into the log that cannot be rewritten; the text is kept for people to read.",
            ["publish"], dated=False, look=_mentions("number 2"),
        ),
        Step(
            "The other publisher",
            "Atelier Passerelle is a service with accounts. The account lies in one database, the bills in another,\n"
            "made by different software.",
            ["check"], example="atelier", dated=False,
        ),
        Step(
            "Its keys",
            "Each publisher has its own.",
            ["keys", "init", "--origin", "www.passerelle.test/troth"], example="atelier", dated=False,
        ),
        Step(
            "Its policy",
            "On record like the other.",
            ["publish"], example="atelier", dated=False,
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


def _both_databases() -> Step:
    return Step(
        "The other publisher: two databases, one person",
        "Ana is a user of Atelier Passerelle too: from her mail address to her account, from the account's uuid to\n"
        "the subscription in the billing software. Again the invoices stay, counted from the end of a financial year\n"
        "in June.",
        ["erase", "--dry-run", truth.ANA], example="atelier", lines=30, look=_mentions("billing"),
    )  # fmt: skip


def verdict(tour: Tour) -> str:
    """Whether all went as announced, and what did not."""
    if not tour.failures:
        return "Every step did what it announced."
    return "NOT as announced:\n" + "\n".join(f"   ▲ {failure}" for failure in tour.failures)


def to_try(folder: Path, tour: Tour, site: str) -> str:
    """Commands to try in the folder of the demo; ``site`` is where its company answers."""
    dated = f" --as-of {tour.as_of}" if tour.dated else ""
    own = Path(sys.executable).parent
    path = "" if shutil.which("troth") else f"   export PATH={shlex.quote(str(own))}:$PATH\n"
    return f"""\
{path}\
   cd {shlex.quote(str(folder / "maison"))}
   troth erase --dry-run{dated} zoe@example.org        an order under way keeps what it needs, without a date
   troth erase --dry-run{dated} bruno@example.org      an unpaid invoice does the same
   troth rectify --dry-run{dated} zoe@example.org last_name=Lenormand
   troth restrict --dry-run{dated} zoe@example.org
   troth archive list                                  what the sweep put away, and until when
   troth banner --self-test {site}/  does anything load unasked?
   troth replay --dry-run{dated}                       after a restore: who would have to be erased again
   open troth.yaml in an editor, change a word, and run  troth check
   the README.md there says who the people are"""


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
