"""Mail that leaves after the answer: how long a mail server takes, and whether there was anybody to write to, must not
show in the time that the page takes."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.util import Finalize

from troth.core.errors import TrothError
from troth.web.accounts.letters import Act, Written
from troth.web.wording import Words

_MOST = 200
"""Mails that wait; then the page asks to come back later, for everybody alike."""

_log = logging.getLogger("troth.web.accounts")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is to be written, and to whom."""

    to: str
    kind: str
    """Its words: ``m_KIND_subject`` and so on."""
    language: str
    publisher: str
    button: str = ""
    code: str = ""
    act: Act | None = None
    place: str = ""
    """The address that the words name."""

    def send(self) -> None:
        """Compose it and hand it over. Raises MailRefused."""
        from troth.web.mail.messages import compose, send

        words = Words("accounts", self.language)
        places = {
            "publisher": self.publisher,
            "time": words[f"time_{self.act}"] if self.act else "",
            "place": self.place,
        }
        text = [words.say(f"m_{self.kind}_{n}", **places) for n in (1, 2)]
        button = (words[f"m_{self.kind}_button"], self.button) if self.button else None
        send(
            compose(
                self.to, words.say(f"m_{self.kind}_subject", **places), text, language=self.language, button=button,
                code=self.code or None, footer=[words[f"m_{self.kind}_foot"]],
            )
        )  # fmt: skip


class Post:
    """A bounded queue and the thread that empties it."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue(_MOST)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def later(self, mail: Mail) -> bool:
        """Send it soon; False when too many wait. A mail that the server refuses is told in the log without naming
        anybody: whoever waits for it can ask again."""
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(mail.send)
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._work, name="accounts-post", daemon=True)
                    self._thread.start()
                    Finalize(None, self.drain, exitpriority=10)
            return True
        return False

    def wait(self) -> None:
        """Until all have left, for tests and for a calm end."""
        self._queue.join()

    def drain(self, seconds: float = 10.0) -> bool:
        """At the end of a process: let what waits leave, for a while. Whether all has left."""
        ends = time.monotonic() + seconds
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks and (left := ends - time.monotonic()) > 0:
                self._queue.all_tasks_done.wait(left)
            return not self._queue.unfinished_tasks

    def _work(self) -> None:
        while True:
            send = self._queue.get()
            try:
                send()
            except TrothError as error:
                _log.error("a mail of the accounts could not leave: %s", error.message)
            except Exception:
                _log.error("a mail of the accounts could not be written")
            finally:
                self._queue.task_done()


post = Post()


def letter(written: Written, kind: str, base: str, language: str, publisher: str) -> Mail:
    """The mail of a letter that its reader may use."""
    handle, secret = written.path
    address = f"{base}/account/letter/{handle}/{secret}"
    act: Act = written.letter.act
    return Mail(written.letter.email, kind, language, publisher, button=address, code=written.code, act=act)
