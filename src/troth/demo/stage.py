"""What runs while the demo is up: each publisher's Troth and company site, the mail server and its view."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from troth.core.errors import UsageError
from troth.demo import lookalikes
from troth.demo.children import Child, start, stop
from troth.demo.commands import COMMAND, Commands, Result, own_environment
from troth.demo.company import Company
from troth.demo.enforced import Enforced
from troth.demo.folder import LOGS, SCRATCH
from troth.demo.generate import Example
from troth.demo.machine import Ports
from troth.demo.mail_view import MailView
from troth.demo.mailbox import Catcher, Mailbox
from troth.demo.pages import PageServer
from troth.demo.place import Place

MAIL_PORT, SMTP_PORT, OTHERS_PORT = 8442, 8425, 8460
SECONDS = 240
"""No command of the demo takes a tenth of this; one that hangs must not hang the demo."""


@dataclass(frozen=True)
class Publisher:
    """Under which names and on which ports one example is shown.

    Names below ``.localhost`` mean this machine to every browser (RFC 6761). Each site has its own, because cookies do
    not know ports, and because a passkey needs a name.
    """

    example: Example
    name: str
    domain: str
    """The example's own domain, as its pages write it."""
    troth_port: int
    site_port: int

    @property
    def host(self) -> str:
        """The name of its Troth."""
        return f"{self.example}.localhost"


PUBLISHERS = (
    Publisher("maison", "Maison Verdier", "verdier.test", 8440, 8450),
    Publisher("atelier", "Atelier Passerelle", "passerelle.test", 8441, 8451),
)
_WISHED = [
    MAIL_PORT, SMTP_PORT, OTHERS_PORT, *(port for one in PUBLISHERS for port in (one.troth_port, one.site_port)),
]  # fmt: skip


class Stage:
    """Everything that listens; a context manager that leaves nothing behind."""

    def __init__(self, folder: Path) -> None:
        """Choose ports and start the mail server. Raises UsageError when the machine gives none."""
        self.mailbox = Mailbox()
        self.folder = folder
        self.commands = Commands()
        self._children: list[Child] = []
        self._servers: list[PageServer] = []
        self._ports, self._held = Ports(_WISHED), dict[int, socket.socket]()
        try:
            self._catcher = Catcher(self.mailbox, self._ports.take(SMTP_PORT))
            self.mail = self._place("mail of both", "mail.localhost", MAIL_PORT)
            self.others = self._place("other companies", "www.lanterne.localhost", OTHERS_PORT)
            self.troths = {
                one.example: self._place(f"{one.name}: the policy", one.host, one.troth_port) for one in PUBLISHERS
            }
            self.sites = {
                one.example: self._place(f"{one.name}: its own site", f"www.{one.host}", one.site_port)
                for one in PUBLISHERS
            }
        except OSError as error:
            self._release()
            raise UsageError(f"the demo cannot listen on 127.0.0.1: {error.strerror or error}") from None
        self._catcher.start()

    def _place(self, what: str, host: str, wished: int) -> Place:
        """Where it will answer. The port is held from now on."""
        listening = self._ports.take(wished)
        port: int = listening.getsockname()[1]
        self._held[port] = listening
        return Place(what, host, port, wished)

    def _release(self) -> None:
        while self._held:
            self._held.popitem()[1].close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def smtp_port(self) -> int:
        """Where the mail server listens."""
        return self._catcher.port

    @property
    def env(self) -> Mapping[str, str]:
        """What the examples' programs find in their environment: mail goes to us, whatever the policy says."""
        return {
            "TROTH_MAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "TMPDIR": str((self.folder / SCRATCH).resolve()),
        }

    @property
    def places(self) -> list[Place]:
        """Every address for people, in the order in which to visit."""
        return [place for one in PUBLISHERS for place in (self.sites[one.example], self.troths[one.example])] + [
            self.mail
        ]

    def run(self, arguments: Sequence[str], home: Path, module: str = COMMAND, **more: str) -> Result:
        """Run a command of Troth, or another module of ours, in a folder, with ``more`` in its environment."""
        return self.commands.run(arguments, home, {**self.env, **more}, SECONDS, module)

    def furnish(self, homes: Mapping[Example, Path]) -> None:
        """Make the policies name what the pages load here. To be done before they are published."""
        lookalikes.declare(homes, self.sites, self.others.port)

    def open(self, homes: Mapping[Example, Path]) -> None:
        """Start the sites and return when they answer. Raises ChildDied when one does not."""
        env = {**own_environment(), **self.env}
        for one in PUBLISHERS:
            place = self.troths[one.example]
            words = [sys.executable, "-m", "troth.cli.main", "serve", "--port", str(place.port), "--grace", "1"]
            for name in (place.host, "127.0.0.1", "localhost"):
                words += ["--site", f"http://{name}:{place.port}"]
            self._held.pop(place.port).close()  # the child listens there itself
            log = self.folder / LOGS / f"{one.example}.log"
            self._children.append(start(f"Troth of {one.name}", place.port, words, homes[one.example], log, env))
        self._serve(PageServer(MailView(self.mailbox), self._held.pop(self.mail.port)))
        self._serve(PageServer(lookalikes.lookalikes, self._held.pop(self.others.port)))
        for one in PUBLISHERS:
            place, home = self.troths[one.example], homes[one.example]
            company = Company(home / "site", self._addresses(one), place.host, place.port)
            enforced = Enforced(company, place.host, place.port, home / "csp.json")
            self._serve(PageServer(enforced, self._held.pop(self.sites[one.example].port)))
        for child in self._children:
            child.await_ready()

    def check(self) -> None:
        """Raises ChildDied when one of the sites has ended."""
        for child in self._children:
            child.check()

    def watch(self, say: Callable[[str], None]) -> None:
        """Never return. A site that has ended is started again: whoever tries what a crash does may kill it. Raises
        ChildDied when one goes on ending."""
        while True:
            for child in self._children:
                if child.revive():
                    say(f"   ▲ {child.name} had ended; it is up again. What it was about is taken up by itself.")
            time.sleep(0.2)

    def close(self) -> None:
        """End everything."""
        self.commands.close()
        stop(self._children)
        self._children.clear()
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self._release()
        self._catcher.stop()

    def _serve(self, server: PageServer) -> None:
        self._servers.append(server)
        server.start()

    def _addresses(self, one: Publisher) -> dict[str, str]:
        """What stands in the demo for the addresses in the pages of the example's site."""
        site, troth = self.sites[one.example].address, self.troths[one.example].address
        own = {f"https://www.{one.domain}": site}
        own |= {f"https://{part}.{one.domain}": troth for part in ("privacy", "app")}
        return own | lookalikes.addresses(self.others.port)
