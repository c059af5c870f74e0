"""``troth demo``: two publishers come to life, people can visit them, and all is gone again on Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TextIO

from troth.demo.account import EMAIL
from troth.demo.children import ChildDied
from troth.demo.folder import claimed
from troth.demo.generate import Example
from troth.demo.machine import memory_of_tree
from troth.demo.making import make_apart
from troth.demo.place import Place
from troth.demo.staff import Hired, hire, told
from troth.demo.stage import PUBLISHERS, Stage
from troth.demo.story import opening, story, to_try, verdict
from troth.demo.tour import Say, Tour
from troth.demo.visit import begin_letter, open_accounts, send_letter, visit

STORY = "story.txt"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """Somebody asked the demo to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run_demo(folder: Path, as_of: date, dated: bool, check: bool, say: Say) -> int:
    """Make both examples in ``folder``, show them, and stay until asked to end; the exit code.

    ``dated``: write ``--as-of`` into the commands. ``check``: tell the whole story, visit the sites, and end.
    Raises UsageError when the folder is somebody else's or in use.
    """
    failures: list[str] | None = None
    try:
        with _asked_to_end(), claimed(folder) as again:
            if again:
                say(f"Making again what an earlier demo left in {folder}; accounts and messages of then are gone.")
            with Stage(folder) as stage:
                if check:
                    return _checked(stage, as_of, dated, say)
                failures = _shown(stage, as_of, dated, say)
                stage.watch(say)
    except ChildDied as died:
        _farewell(say, f"\n▲ {died}")
        return 1
    except Ended as ended:
        if failures is None:
            _farewell(say, "\nStopped before the end. Nothing is left running.")
            return 128 + ended.number
        _farewell(say, "\nStopped. Nothing is left running.")
        return 1 if failures else 0
    raise AssertionError  # watching never ends by itself


def _farewell(say: Say, text: str) -> None:
    """The last words; nobody may be there to hear them."""
    with contextlib.suppress(OSError):
        say(text)


@contextlib.contextmanager
def _asked_to_end() -> Iterator[None]:
    """Turns the first Ctrl-C, SIGTERM or closed terminal into Ended; what comes after must not disturb the clearing."""

    def end(number: int, frame: FrameType | None) -> None:
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise Ended(number)

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- staying up -----------------------------------------------------------------------------------


def _shown(stage: Stage, as_of: date, dated: bool, say: Say) -> list[str]:
    """The story in short, then the addresses; what did not go as announced. The whole story goes into a file."""
    begun = time.monotonic()
    say(f"Making two invented publishers in {stage.folder}: 300 people each, twelve years of history …\n")
    stage.commands.start()  # it imports Troth meanwhile
    homes = make_apart(stage.folder, as_of)
    stage.furnish(homes)
    with (stage.folder / STORY).open("w", encoding="utf-8") as file:
        tour = Tour(homes, as_of, dated, _writer(file), stage.run, Lines(stage, say))
        opening(tour)
        stage.open(homes)
        took = time.monotonic() - begun
        say(f"\n   The sites are up, {took:.0f} s after the start. Look around while the story goes on:\n")
        say(_addresses(stage))
        accounts, staff = open_accounts(stage, tour), hire(stage, homes, tour)
        story(tour)
        stage.commands.close()  # nobody needs its memory any more
        file.write("\n" + verdict(tour) + "\n")
    say(_summary(stage, tour, accounts, staff))
    return tour.failures


def _writer(file: TextIO) -> Say:
    def write(text: str) -> None:
        file.write(text + "\n")
        file.flush()

    return write


class Lines:
    """One line for each step of the story; on a terminal it is there before the step ends."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self._stage = stage
        self._say = say
        self._live = sys.stdout.isatty()

    def begins(self, title: str) -> None:
        """A step is under way."""
        if self._live:
            sys.stdout.write(f"   ◌ {title} …")
            sys.stdout.flush()

    def ended(self, title: str, seconds: float, well: bool) -> None:
        """It is over. Raises ChildDied when a site has ended meanwhile."""
        mark = "●" if well else "▲"
        clear = "\r\x1b[K" if self._live else ""
        self._say(f"{clear}   {mark} {title:<52} {seconds:4.1f} s")
        self._stage.check()


def _addresses(stage: Stage) -> str:
    lines = [f"   {place.address:<36} {place.what}" for place in stage.places]
    lines.append(f"   SMTP on 127.0.0.1:{stage.smtp_port:<18} takes what they send; it goes no further")
    lines += [
        f"   Port {place.wished} is taken by something else; {place.what} is on {place.port}."
        for place in stage.places if place.port != place.wished
    ]  # fmt: skip
    return "\n".join([*lines, ""])


def _summary(stage: Stage, tour: Tour, accounts: Mapping[str, str], staff: Sequence[Hired]) -> str:
    places = _to_visit(stage)
    width = max(len(address) for address, _ in places) + 2
    visits = "\n".join(f"   {address:<{width}}{said}" for address, said in places)
    passwords = "".join(f"   {name:<20} {password}\n" for name, password in accounts.items())
    zoe = f"""
   Zoé, {EMAIL}, has an account with each. The passwords were made for this run and are shown only here:

{passwords}"""
    return f"""
{verdict(tour)} The whole of it is in {stage.folder / STORY}.

## Visit, in this order

{visits}
{zoe if accounts else ""}{told(staff)}
   A browser that does not know these names finds the same ports at http://127.0.0.1.

## On the command line

{to_try(stage.folder, tour, stage.sites["maison"].address)}
{settings(stage.folder, stage.env["TROTH_MAIL_URL"], stage.troths)}

Nothing outside {stage.folder} is touched. All of it stays until Ctrl-C."""


def settings(folder: Path, mail: str, troths: Mapping[Example, Place]) -> str:
    """What commands have to be told, each in the folder of its publisher: where mail goes, and where links lead."""
    maison, atelier = (troths[one.example].address for one in PUBLISHERS)
    return f"""\
   export TROTH_MAIL_URL={mail}  # what commands send by mail is in the view too
   export TROTH_HOSTS={maison}  # and the links in it lead here;
                                                       # in {folder / "atelier"}: TROTH_HOSTS={atelier}"""


def _to_visit(stage: Stage) -> list[tuple[str, str]]:
    maison, atelier = (stage.troths[one.example].address for one in PUBLISHERS)
    return [
        (f"{stage.sites['maison'].address}/", "a bookbinder's own site; its policy is at the foot of each page"),
        (f"{stage.sites['maison'].address}/#craft", "its film and map wait for your choice; the browser enforces it"),
        (f"{maison}/", "the policy that runs, in French and English"),
        (f"{maison}/history", "every version; compare the two, word by word"),
        (f"{maison}/contact", "write a message …"),
        (f"{stage.mail.address}/", "… and find it here, and nowhere else: nothing leaves this machine"),
        (f"{maison}/account/signup", "sign up: the letter is in the mail view too"),
        (f"{maison}/console", "log in as the privacy officer (below): a letter waits to be decided"),
        (f"{atelier}/account/login", "log in as Zoé, and compare your browser's cookies with …"),
        (f"{atelier}/en/#detail-trackers", "… the policy's table of them"),
        (f"{stage.sites['atelier'].address}/", "the other publisher's own site"),
    ]


# --- checking -------------------------------------------------------------------------------------


def _checked(stage: Stage, as_of: date, dated: bool, say: Say) -> int:
    """The whole story, with a visit to each site; 1 when anything was not as announced."""
    begun = time.monotonic()
    say(f"Making two invented publishers in {stage.folder}: 300 people each, twelve years of history …")
    stage.commands.start()  # it imports Troth meanwhile
    homes = make_apart(stage.folder, as_of)
    stage.furnish(homes)
    tour = Tour(homes, as_of, dated, say, stage.run)
    opening(tour)
    opened = time.monotonic()
    stage.open(homes)
    ready = time.monotonic()
    visit(stage, tour)
    open_accounts(stage, tour)
    hire(stage, homes, tour)
    letter = begin_letter(stage)
    story(tour)
    stage.commands.close()
    send_letter(letter, stage, tour)
    memory = memory_of_tree(os.getpid())
    stage.check()
    say(f"\n## What to try next\n\n{to_try(stage.folder, tour, stage.sites['maison'].address)}\n")
    say(f"Nothing outside {stage.folder} was touched; delete it when done.")
    held = "" if memory is None else f"; with them it all held {memory / 1e6:.0f} MB of memory"
    say(f"The sites were ready {ready - begun:.1f} s after the start ({ready - opened:.1f} s of their own){held}.")
    say(verdict(tour))
    return 1 if tour.failures else 0
