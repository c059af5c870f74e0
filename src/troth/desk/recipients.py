"""Who else has the data of a request, and what they are told (GDPR Article 19). Of an objection and a withdrawn consent
the law only says that the use ends; whoever carries that use out for the publisher has to hear of it, so they are told
as well, as far as the policy has Troth write to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from troth.core.evidence.leaf import Event
from troth.core.requests.model import Request, Right
from troth.desk.asked import corrected, identifier, kinds, titles
from troth.web.mail.errors import MailRefused
from troth.web.wording import Words

if TYPE_CHECKING:
    from collections.abc import Collection as Some

    from troth.core.policy.model import Collection
    from troth.desk.house import House
    from troth.desk.particulars import Particulars

NOES = frozenset({Right.OBJECTION, Right.WITHDRAWAL})
"""What is a no to some uses. Nobody is told of one by hand: it would keep the answer waiting for a letter."""


def recipients_of(at: House, request: Request, result: dict[str, Any] | None = None) -> list[str]:
    """Everybody who receives the data of the purposes in question, by their names in the policy. A purpose that no data
    of the person serves is none of them: its recipients would learn of somebody whom they never knew."""
    return sorted({r for p in _purposes(at, request, result) for r in at.policy.purposes[p].recipients})


def _purposes(at: House, request: Request, result: dict[str, Any] | None) -> set[str]:
    if request.right in NOES:
        return set((result or {}).get("serving", ())) & set(at.policy.purposes)
    return set(request.scope or at.policy.purposes) & _served(at, request)


def _served(at: House, request: Request) -> set[str]:
    """The purposes of the collections in which the request found rows, as its intention in the ledger tells; without
    one (a restriction), those of all that is mapped."""
    bodies = [body for kind, body in at.records.state.events_of(request.ref) if kind.endswith(".intended") and body]
    steps = [step for body in bodies for step in cast("list[list[Any]]", body.get("steps", []))]
    places = {(store, collection) for store, collection, _, rows in (step[:4] for step in steps) if rows}
    return {
        purpose
        for store in at.policy.stores.values()
        for name, collection in store.collections.items() if not places or (store.name, name) in places
        for purpose in _uses_of(collection, request.categories)
    }  # fmt: skip


def _uses_of(collection: Collection, categories: frozenset[str]) -> set[str]:
    """The uses of a collection; of some kinds of data, those of their fields."""
    own = set() if categories else set(collection.purposes)
    fields = (one for one in collection.fields if not categories or one.category in categories)
    return own.union(*(one.purposes for one in fields))


def told_by_hand(at: House, names: Sequence[str]) -> list[str]:
    """Those of these that the policy tells by post, or by an interface of their own that Troth does not know: a member
    of staff does it and says so."""
    return [name for name in names if _how(at, name) in ("post", "api")]


def told_by_mail(at: House, names: Sequence[str]) -> list[str]:
    """Those of these whom Troth writes to."""
    return [name for name in names if _how(at, name) == "email"]


def _how(at: House, name: str) -> str:
    notices = at.policy.document.recipients[name].notices
    return "" if notices is None or (notices.by == "email" and not notices.to) else notices.by


def tell_recipients(
    at: House, request: Request, who: Particulars, now: datetime, told: list[str], note: Callable[[], None],
    *, names: Sequence[str], patient: bool, by_hand: Sequence[str] = (), uses: Some[str] = (), apart: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Tell the recipients in ``names`` (``recipients_of``), or record who was not told.

    ``told`` are those who know already; ``note`` keeps the list; ``by_hand`` were told by staff; ``uses`` are the
    purposes that it is about, none for all; ``apart``: rows found by the same identifier are somebody else's, so that
    whoever does what is asked to all that it finds would do it to them too. Raises MailRefused while ``patient``;
    afterwards whose mail is refused was not told, and the person is not kept waiting for them.
    """
    not_told = []
    for name in (one for one in names if one not in (*told, *by_hand)):
        notices = at.policy.document.recipients[name].notices
        if notices is None or not notices.to or not told_by_mail(at, [name]):
            not_told.append(name)
            continue
        try:
            theirs = {use for use in uses if name in at.policy.purposes[use].recipients}
            _write(at, request, who, notices.to, theirs, apart)
        except MailRefused:
            if patient:
                raise
            not_told.append(name)
            continue
        told.append(name)
        note()
    every = sorted([*told, *by_hand])
    at.records.note(Event("recipients.told", now, {"request": request.ref, "told": [*every], "not_told": [*not_told]}))
    return {"told": [*every], "not_told": not_told, "by_hand": [*by_hand]}


def _write(at: House, request: Request, who: Particulars, to: str, uses: Some[str], apart: bool) -> None:
    from troth.web.mail.messages import compose, send, the_same

    language = at.policy.authoritative
    words = Words("portal", language)
    known = ", ".join(f"{identifier(at.policy, kind, language)} {value}" for kind, value in who.identifiers)
    if request.right == Right.RECTIFICATION:
        what = ", ".join(corrected(at.policy, who, language))
    else:
        what = ", ".join(titles(at.policy, uses, language))
    part = "_part" if request.right == Right.ERASURE and what else ""
    served = what if request.scope else ""
    if request.categories:
        part, what = "_kinds_part" if served else "_kinds", ", ".join(kinds(at.policy, request, language))
    text = [
        words.say(f"recipient_{request.right}{part}", person=known, what=what, served=served),
        *([words["recipient_apart"]] if apart else []),
        words.say("recipient_reference", ref=request.ref),
    ]
    message = compose(to, words.say("recipient_subject"), text, language=language)
    send(the_same(message, f"{request.ref}.recipient.{sha256(to.encode()).hexdigest()[:12]}"))
