"""Can anybody tell from the time of the answer whether an address has an account?

.venv/bin/python bench/enumeration.py [--quick] [--tries 2000]

Each try asks once for an address with an account and once for one without, in random order, in one process and with a
mail server that takes its time. ``AUC`` is the chance that a known address took longer than an unknown one: 0.5 tells
nothing. It is given with its 95 % interval, that of the test of Mann and Whitney.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests")]

from common import again, median, table  # noqa: E402

from letterbox import mailbox  # noqa: E402

GOOD = "Sept mots valent mieux que douze signes ici"


def auc(known: list[float], unknown: list[float]) -> tuple[float, float]:
    """The chance that one of the first is greater than one of the second, and half the width of its interval."""
    ordered = sorted(unknown)
    below = sum((bisect_left(ordered, t) + bisect_right(ordered, t)) / 2 for t in known)
    n, m = len(known), len(unknown)
    return below / (n * m), 1.96 * ((n + m + 1) / (12 * n * m)) ** 0.5


def prepare(folder: Path) -> None:
    """A publisher's folder with Django on it."""
    import django
    from django.core.management import call_command

    from troth.state.state import init_state

    shutil.copytree(HERE.parent / "examples" / "maison", folder)
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    init_state(folder / "troth-state", origin="verdier.test/troth", at=now).close()
    os.environ |= {
        "TROTH_STATE": str(folder / "troth-state"), "TROTH_POLICY": str(folder / "troth.yaml"),
        "TROTH_HOSTS": "https://testserver", "DJANGO_SETTINGS_MODULE": "troth.web.settings", "TROTH_LOG_LEVEL": "error",
    }  # fmt: skip
    django.setup()
    call_command("migrate", verbosity=0)


def timed(
    post: Callable[[str], int], known: str, tries: int, clean: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Seconds for a known and for an unknown address, each pair in random order."""
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(tries + 20):
        pair = [(0, known), (1, f"nobody.of.som{turn:05}@example.org")]  # of the same length
        random.shuffle(pair)
        for which, email in pair:
            clean()
            start = time.perf_counter()
            post(email)
            if turn >= 20:
                found[which].append(time.perf_counter() - start)
    return found


def measure(tries: int) -> list[list[str]]:
    """One row for each page."""
    from django.test import Client

    from troth.web.accounts import limits
    from troth.web.accounts.models import Letter, User
    from troth.web.accounts.post import post as mails
    from troth.web.pages.published import kept

    known = "ana.of.some.length@example.org"
    user = User(email=known)
    user.set_password(GOOD)
    user.save()
    client = Client(headers={"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"})
    client.get("/account/login", secure=True)
    kept.get()

    def send(path: str, **fields: str) -> Callable[[str], int]:
        return lambda email: client.post(path, {"email": email, **fields}, secure=True).status_code

    def clean() -> None:
        mails.wait()
        limits.forget_all()
        kept.get()

    rows = []
    pages = (("login, wrong password", "login", {"password": "not the right one"}), ("sign-up", "signup", {}),
             ("forgotten password", "password/forgotten", {}), ("login by mail", "login/letter", {}))  # fmt: skip
    for name, path, fields in pages:
        first, second = timed(send(f"/account/{path}", **fields), known, tries, clean)
        Letter.objects.all().delete()
        share, half = auc(first, second)
        apart = median(first) - median(second)
        tells = "no" if abs(share - 0.5) <= max(half, 0.02) else "YES"
        times = [f"{1000 * median(found):.2f} ms" for found in (first, second)]
        rows.append([name, *times, f"{1e6 * apart:+.0f} µs", f"{share:.3f} ± {half:.3f}", tells])
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100 tries")
    parser.add_argument("--tries", type=int, default=2000)
    args = parser.parse_args()
    tries = 100 if args.quick else args.tries
    logging.disable()
    with tempfile.TemporaryDirectory() as base, mailbox() as box:
        os.environ["TROTH_MAIL_URL"] = box.url
        prepare(Path(base) / "maison")
        rows = measure(tries)
    heads = ["page", "known", "unknown", "apart", "AUC", "tells?"]
    table(f"{tries} tries of each; it tells when AUC differs from 0.5 by more than 0.02 and its interval", heads, rows)
    again("enumeration.py")


if __name__ == "__main__":
    main()
