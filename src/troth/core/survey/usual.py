"""How long such data is usually kept: by the policy, if there is one, else by law and good practice in France.

The usual period of a table nobody has described is a guess from its purpose and its name; the report names the
source of every period and how sure it is, and says that the reader has to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from troth.core.discover.model import TableGuess
from troth.core.law.facts import MARKS
from troth.core.law.periods import FRENCH
from troth.core.policy.model import Clock, Collection, Policy
from troth.core.policy.values import Duration, add
from troth.core.survey.model import Usual

_WORDS: tuple[tuple[str, str], ...] = (
    ("logs_most", r"logs?|journal|journaux|audit|access|sessions?|visits?|visites?|hits?|requests?|tracking|stats?"),
    ("accounting", r"invoices?|factures?|bills?|billing|payments?|paiements?|accounting|compta|ledgers?|credit_?notes?"
                   r"|avoirs?|receipts?|transactions?"),
    ("payroll", r"payroll|payslips?|paies?|salar(?:y|ies)|salaires?|timesheets?"),
    ("candidate_pool", r"candidates?|candidats?|candidatures?|applicants?|recruitment|recrutement|resumes?|cvs?"),
    ("prospect", r"prospects?|prospecting|leads?|newsletters?|subscribers?|abonnes?|inscrits?|mailings?"
                 r"|campaigns?|marketing|contact_?messages?|enquir(?:y|ies)"),
    ("electronic_contract", r"orders?|commandes?|sales?|ventes?|bookings?|reservations?|contracts?|contrats?"),
    ("account_inactive", r"accounts?|users?|utilisateurs?|members?|membres?|comptes?|logins?|profiles?|adherents?"),
    ("customer_marketing", r"customers?|clients?|buyers?|acheteurs?|contacts?|people|persons?|personnes?|tiers"),
)  # fmt: skip
"""Period to the words of a table's name that speak for it; the first that fits is taken."""

_PURPOSES: Mapping[str, str] = {
    "logs": "logs_most", "newsletter": "prospect", "orders": "accounting", "accounts": "customer_marketing",
}  # fmt: skip
"""Period to a guessed purpose, where the table's own name says nothing."""

_PATTERNS = tuple((key, re.compile(rf"(?:^|[_\W])(?:{words})(?:$|[_\W])")) for key, words in _WORDS)
_ANY_DAY = date(2026, 1, 1)
_FROM_YEAR_END = frozenset({"accounting"})


def usual_by_law(guess: TableGuess) -> tuple[str, Usual] | None:
    """The name and the period that fit the table's name, else its purpose; None where neither speaks."""
    name = _spelt(guess.table.name)
    key = next((key for key, pattern in _PATTERNS if pattern.search(name)), _PURPOSES.get(guess.purpose or ""))
    if key is None:
        return None
    fact = FRENCH[key]
    return key, Usual(fact.value, fact.about, {"en": fact.source, "fr": fact.source}, fact.mark)


def _spelt(name: str) -> str:
    """``InvoiceLine`` as ``invoice_line``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Promise:
    """One period of a policy for the rows of a collection, and the event that it counts from."""

    title: Mapping[str, str]
    period: Duration
    event: str


def usual_by_policy(collection: Collection, policy: Policy) -> Usual | None:
    """The longest period that the policy gives the rows before they leave the daily tables; None where it gives
    none. Where a state counts as well, or an event that is told elsewhere, the period is ``elsewhere``."""
    promises, told = [], True
    for promise in _promises(collection, policy):
        if promise is None:
            told = False
        else:
            promises.append(promise)
            told = told and _told_here(collection, policy, promise.event)
    if not promises:
        return None
    longest = max(promises, key=lambda p: add(_ANY_DAY, p.period))
    return Usual(longest.period, longest.title, of_policy=True, elsewhere=not told)


def clock_of_policy(collection: Collection, policy: Policy) -> Clock | None:
    """The clock of the collection from which its longest period counts; None where it tells none of the events."""
    promises = [p for p in _promises(collection, policy) if p is not None and p.event in collection.events]
    longest = max(promises, key=lambda p: add(_ANY_DAY, p.period), default=None)
    return collection.events[longest.event] if longest is not None else None


def _promises(collection: Collection, policy: Policy) -> Iterator[Promise | None]:
    """Each period; None for an end that depends on a state."""
    for name in sorted(collection.purposes.union(*(f.purposes for f in collection.fields))):
        keep = policy.purposes[name].keep
        if keep.while_state is not None:
            yield None
        if keep.period is not None and keep.after is not None:
            yield Promise(policy.purposes[name].title, keep.period, keep.after)
    for hold in collection.holds:
        if hold.while_state is not None or hold.period is None or hold.after is None:
            yield None
        else:
            yield Promise(hold.because_in or {"en": hold.because}, hold.period, hold.after)


def _told_here(collection: Collection, policy: Policy, event: str) -> bool:
    """Whether the collection's own clock decides: nobody else's moment of the same person counts."""
    if event not in collection.events or policy.events[event].computed is not None:
        return False
    tellers = [c for c in policy.collections() if event in c.events]
    return policy.events[event].per == "row" or len(tellers) == 1


def is_over(oldest: date, key: str, period: Duration, as_of: date) -> bool:
    """Whether a period that began with ``oldest`` has ended before ``as_of``. Accounting periods begin with the
    end of the calendar year: the financial year is not known here."""
    start = date(oldest.year, 12, 31) if key in _FROM_YEAR_END else oldest
    try:
        return add(start, period) < as_of
    except ValueError:
        return False


def cutoff(key: str, period: Duration, as_of: date) -> date:
    """The day before whose start rows are older than the period."""
    day = as_of
    try:
        start = add(day, Duration(-period.months, -period.days))
    except ValueError:
        return date(1, 1, 1)
    return date(start.year, 1, 1) if key in _FROM_YEAR_END else start


def mark_words(mark: str, language: str) -> str:
    """How sure a source is, in words."""
    return next((words[language] for name, words in MARKS.items() if name == mark), "")
