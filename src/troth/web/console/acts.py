"""What a member of staff can do with a request: each act on a page of its own, with its consequence before the button.
The acts themselves are those of ``desk.deciding``, as at the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.requests.clock import Clock
from troth.core.requests.machine import DEATH, possible
from troth.core.requests.model import Act, By, Request, Right
from troth.core.requests.reasons import allowed_reasons
from troth.core.requests.route import Stop, terms_of
from troth.desk import byhand, deciding, documents, reviewed, telling, watermark
from troth.desk.ahead import Ahead, ahead
from troth.desk.foretold import PLANNED, Foreseen, told
from troth.desk.house import House
from troth.desk.models import File
from troth.desk.recipients import recipients_of, told_by_hand
from troth.desk.way import result_of
from troth.web.console import doubts, review, trace
from troth.web.console.drawing import draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.member import digest_of
from troth.web.console.models import Look

if TYPE_CHECKING:
    from troth.desk.particulars import Particulars


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in. ``seen`` is the digest of what the page has shown: nothing else is done; ``plan`` that of the
    rows that it would be done with."""

    reasons: tuple[str, ...] = ()
    how: str = ""
    evidence: str = ""
    document: bool = False
    seen: str = ""
    sure: bool = False
    plan: str = ""
    note: str = ""
    found: str = ""
    """``yes`` or ``no``: whether anything of the person was in the systems without a connector."""
    who: str = ""
    apart: tuple[str, ...] | None = ()
    """Rows in doubt that are somebody else's; None: all of them."""
    shown: str = ""
    """Digest of what the page has said would be done with the others."""
    outcome: str = ""
    first: bool = False
    """Nobody has approved it yet: saying whose the rows are is saying yes to the plan as well."""
    why: str = ""
    """What a review by a human came to, and why, for the person to read."""
    about: str = ""
    """The request whose decision it was; empty for another decision."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done. ``act`` has to be possible; ``waits`` are what the request has to wait for, if the
    deed answers something; ``known``: only once it is known who asks; ``tells``: the person gets a text, which is
    shown before; ``run`` does it."""

    act: Act
    run: Callable[[House, str, Form, datetime], object]
    waits: tuple[str, ...] = ()
    known: bool = False
    tells: bool = False
    danger: bool = False


DEEDS: dict[str, Deed] = {
    "approve": Deed(
        Act.APPROVED, lambda at, ref, form, now: deciding.approve(at, ref, now, form.plan),
        ("approval", "refused_plan"),
        known=True, danger=True,
    ),
    "share": Deed(
        Act.APPROVED, lambda at, ref, form, now: deciding.share(
            at, ref, form.seen, now, form.apart, form.plan, approves=form.first
        ),
        ("shared",),
        known=True, danger=True,
    ),
    "done": Deed(
        Act.APPROVED,
        lambda at, ref, form, now: deciding.done_by_hand(
            at, ref, form.evidence, now, note=form.note, found=form.found != "no", who=form.who,
            review=byhand.Review(form.outcome, form.why, form.about),
        ),
        ("staff",), known=True,
    ),
    "identify": Deed(
        Act.IDENTITY_SHOWN, lambda at, ref, form, now: deciding.identified(at, ref, form.how, now, who=form.who)
    ),
    "ask-identity": Deed(
        Act.IDENTITY_ASKED,
        lambda at, ref, form, now: deciding.ask_identity(at, ref, form.reasons[0], now, document=form.document),
        tells=True,
    ),
    "extend": Deed(
        Act.EXTENDED, lambda at, ref, form, now: deciding.extend(at, ref, form.reasons[0], now), tells=True
    ),
    "refuse": Deed(
        Act.REFUSED, lambda at, ref, form, now: deciding.refuse(at, ref, form.reasons, now), tells=True, danger=True
    ),
    "withdraw": Deed(
        Act.WITHDRAWN, lambda at, ref, form, now: deciding.withdraw(at, ref, now, By.STAFF), tells=True, danger=True
    ),
}  # fmt: skip
"""By the name in the address."""
AGAIN = "share_changed"
"""The words of the second look at the plan, after rows were marked: a step of the way, and nothing that went wrong."""
_ONE_REASON = ("extend", "ask-identity")


def offered(found: Request, row: Any, coming: Ahead, clock: Clock, policy: Policy, now: datetime) -> list[str]:
    """What can be done with a request now, in the order of the page."""
    acts = possible(found, By.STAFF)
    return [
        name
        for name, deed in DEEDS.items()
        if deed.act in acts and _fits(name, deed, found, row, coming, clock, policy, now)
    ]


def _fits(
    name: str, deed: Deed, found: Request, row: Any, coming: Ahead, clock: Clock, policy: Policy, now: datetime
) -> bool:  # fmt: skip
    if deed.known and not row.verified:
        return False
    if deed.waits and coming.what not in deed.waits:
        return False
    if name in ("ask-identity", "extend") and _too_late(name, found, coming):
        return False
    if name == "identify":
        return not row.verified or row.state == "identity_awaited" or (row.behalf == "heir" and row.verified != DEATH)
    if name == "extend":
        return clock.extend_by is not None and terms_of(policy).day(now) <= clock.extend_by
    return True


def _too_late(name: str, found: Request, coming: Ahead) -> bool:
    """Whether it cannot help any more: what was asked for has been done, and only the answer is missing. Who asks is
    still worth a question where the answer is a copy of the data."""
    if name == "extend":
        return coming.stop in (Stop.ANSWER, Stop.TIDY)
    copied = found.right in (Right.ACCESS, Right.PORTABILITY)
    return found.begun and not copied and coming.stop in (Stop.RECIPIENTS, Stop.ANSWER, Stop.TIDY)


ENTER = "request.enter"
"""What the ledger calls the entering of a request at the console."""


def barred(me: Member, ref: str, who: Particulars, foreseen: Foreseen | None) -> str:
    """Why they cannot approve this request now: the words of it, or nothing. What cannot be seen is not approved; and
    what leaves for another address than the person's own, not by whoever entered it."""
    if foreseen is not None and foreseen.blind:
        return "approve_unseen"
    return "approve_other" if who.elsewhere and entered_it(me, ref) else ""


def entered_it(me: Member, ref: str) -> bool:
    """Whether they have entered this request, at the console or at the command line."""
    return bool(Look.objects.filter(staff=me.staff, ref=ref, kind="changed", what=ENTER).exists())


@staff_only("answer_requests")
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, me: Member, ref: str, name: str) -> HttpResponse:
    """The page of one deed: what it needs, what it would do and tell; the second press does it."""
    from troth.desk.house import house
    from troth.web.console.requests import opened_for

    deed, now = DEEDS.get(name), datetime.now(UTC)
    if deed is None:
        raise Http404
    with house() as at:
        opened, who = opened_for(me, at, ref, now)
        row = File.objects.get(ref=ref)
        form, can = _read(request, name), offered(opened.request, row, ahead(ref), opened.clock, at.policy, now)
        page = _Page(request, me, at, opened.request, who, name, deed, now)
        page.first = "approve" in can and name in ("approve", "share") and page.in_doubt
        if page.first and name == "approve":
            return to(request, "console_act", ref, "share")
        if name not in can and not page.first:
            return to(request, "console_request", ref, said="no_longer")
        if request.method != "POST":
            return page.drawn(form)
        try:
            error = page.lacking(form)
            if error or not page.agreed(form):
                return page.drawn(form, error=error)
            trace.changed(me, f"request.{name}", at=at, ref=ref, person=who.identifiers, ground="request")
            deed.run(at, ref, page.bound(form), now)
        except UsageError as refused:
            return page.drawn(replace(form, apart=()), error="act_refused", refused=refused)
        said = f"did_{name}" + page.held
    return to(request, "console_request", ref, said=said)


def _read(request: HttpRequest, name: str) -> Form:
    data, most = request.POST, 1 if name in _ONE_REASON else None
    return Form(
        tuple(dict.fromkeys(data.getlist("reason")))[:most], data.get("how", ""), data.get("evidence", "").strip()[:60],
        "document" in data, data.get("seen", "")[:64], "sure" in data,
        note=data.get("note", "").strip()[: byhand.LONGEST], found=data.get("found", ""),
        apart=None if "none" in data else tuple(dict.fromkeys(data.getlist("apart"))),
        shown=data.get("shown", "")[:64], outcome=data.get("outcome", ""),
        why=data.get("why", "").strip()[: byhand.LONGEST], about=data.get("about", "")[:40],
    )  # fmt: skip


class _Page:
    """One deed on one request."""

    def __init__(
        self, request: HttpRequest, me: Member, at: House, found: Request, who: Particulars, name: str, deed: Deed,
        now: datetime,
    ) -> None:  # fmt: skip
        self._request, self._me, self._at, self._found, self._who = request, me, at, found, who
        self._name, self._deed, self._now = name, deed, now
        self._language, self.first = language_of(request), False

    @property
    def in_doubt(self) -> bool:
        """Whether nothing but rows in doubt was found: then it is said first whose they are."""
        foreseen = self._plan[0].get("foreseen")
        return foreseen is not None and foreseen.only_doubt

    @property
    def _codes(self) -> list[str]:
        marketing = terms_of(self._at.policy).marketing
        scope = self._found.scope
        absolute = self._found.right == Right.OBJECTION and bool(scope) and scope <= marketing
        return sorted(allowed_reasons(self._deed.act, self._found.right, absolute=absolute) or ())

    @cached_property
    def _proofs(self) -> list[str]:
        return deciding.ways_to_know(self._at, self._found.ref)

    def lacking(self, form: Form) -> str:
        """The words of what is not filled in; empty when all is."""
        if self._codes and not (form.reasons and set(form.reasons) <= set(self._codes)):
            return "no_reason"
        if self._name == "identify" and form.how not in self._proofs:
            return "no_proof"
        if self._name == "identify" and form.how == "identity_document" and not self._looked:
            return "document_unseen"
        if self._name == "done" and self._hand().get("systems") and form.found not in ("yes", "no"):
            return "hand_unfound"
        if self._name == "done" and self._hand().get("review"):
            known = ("", *(one.ref for one in reviewed.refused_before(self._found)))
            said = byhand.Review(form.outcome, form.why).said and form.about in known
            return "" if said else "review_unsaid"
        if self._name == "done" and not (form.evidence or form.note):
            return "hand_unshown"
        if self._name == "share":
            foreseen, shown = doubts.planned(self._asked, form.apart)
            if foreseen is not None and foreseen.blind:
                return "approve_unseen"
            return AGAIN if shown != form.shown and not self._barred else self._barred
        return self._barred

    @property
    def _looked(self) -> bool:
        return documents.looked_at(self._found.ref, self._me.public_id)

    @property
    def _asked(self) -> doubts.Asked:
        return doubts.Asked(self._at, self._found, self._who, self._language, self._now)

    @cached_property
    def _barred(self) -> str:
        if self._name != "approve" and not self.first:
            return ""
        return barred(self._me, self._found.ref, self._who, self._plan[0].get("foreseen"))

    def bound(self, form: Form) -> Form:
        """What was filled in, with who did, and the rows that an approval is about."""
        form = replace(form, who=self._me.public_id, first=self.first)
        if self._name == "share":
            shared, _ = doubts.planned(self._asked, form.apart)
            return replace(form, plan=shared.digest) if shared is not None else form
        foreseen = self._plan[0].get("foreseen") if self._name == "approve" else None
        return replace(form, plan=foreseen.digest) if foreseen is not None else form

    @property
    def held(self) -> str:
        """What the word of thanks ends with where an approval alone carries nothing out."""
        foreseen = self._plan[0].get("foreseen") if self._name == "approve" else None
        return "_waits" if foreseen is not None and foreseen.waiting else ""

    def agreed(self, form: Form) -> bool:
        """Whether what would be told or opened has been seen as it is now, and the button under it pressed."""
        if self._deed.tells:
            return form.seen == self._digest(form, self._told(form))
        if self._name == "approve" and form.seen != self._plan[1]:
            return False
        return form.sure or not (self._sure or self._deed.danger)

    def _told(self, form: Form) -> list[str]:
        return told(self._at, self._found.ref, self._deed.act, form.reasons, self._now, document=form.document)

    @cached_property
    def _plan(self) -> tuple[dict[str, Any], str]:
        """What would be done now, and the digest of it: what is approved is what the page has shown."""
        from troth.web.console.requests import outlook

        found = outlook(self._at, self._found, self._who, self._language, self._now)
        return found, digest_of(repr(found.get("foreseen")))

    @staticmethod
    def _digest(form: Form, text: list[str]) -> str:
        """Of what the page shows. Until when a link works, to the minute, is not what was agreed to."""
        return digest_of("\n".join(text[:-1] if form.document else text))

    def drawn(self, form: Form, *, error: str = "", refused: UsageError | None = None) -> HttpResponse:
        """The page."""
        words = words_for(self._request)
        text = self._told(form) if self._deed.tells and (form.reasons or not self._codes) and not error else []
        unsure = self._request.method == "POST" and not error and not text
        error = error or ("not_sure" if unsure else "")
        look, error = (error, "") if error == AGAIN else ("", error)
        return draw(
            self._request, self._me, "act", 400 if error else 200, error=error, look=look, room="requests",
            ref=self._found.ref, title=words[f"act_{self._name}"], intro=words[self._kind("means")], name=self._name,
            deed=self._deed, sure=words[self._kind("sure")] if self._sure else "",
            kind=words[f"kind_{self._found.right}"], form=form, text=text, seen=self._digest(form, text),
            refused=refused, by_post=self._deed.tells and not self._who.answer_to, text_language=self._text_language(),
            **self._choices(form),
        )  # fmt: skip

    @property
    def _sure(self) -> bool:
        """Whether a box has to be ticked before the button counts."""
        return self._name == "done" or (self._deed.danger and not self._deed.tells)

    def _kind(self, what: str) -> str:
        """The name of the words about an approval, which are others for each right; else those of the deed."""
        name = f"{what}_{self._name}"
        if self._name == "share" and what == "sure" and self._found.right in PLANNED:
            return f"{name}_{self._found.right}"
        if self._name != "approve" or self._found.right == Right.ERASURE:
            return name
        return f"{name}_rectification" if self._found.right == Right.RECTIFICATION else f"{name}_other"

    def _text_language(self) -> str:
        said = self._who.language
        return said if said in ("en", "fr") else self._at.policy.authoritative

    def _choices(self, form: Form) -> dict[str, Any]:
        """What this deed asks for, and what it would do."""
        from troth.web.console.requests import reason_in_words

        words = words_for(self._request)
        values: dict[str, Any] = {}
        if self._codes:
            values["reasons"] = [(code, reason_in_words(code, self._language)) for code in self._codes]
            values["one_reason"] = self._name in _ONE_REASON
        if self._name == "identify":
            proofs = [name for name in self._proofs if name != "identity_document" or self._looked]
            values["proofs"] = [(name, words[f"proof_{name}"]) for name in proofs]
            values["unseen"] = len(proofs) < len(self._proofs)
            values["awaited"] = not documents.waiting_of(self._found.ref) and documents.unseen(self._found)
        if self._name == "ask-identity":
            rule = documents.may_be_asked(self._at)
            values["by_document"] = rule is not None and bool(self._who.answer_to) and watermark.available()
        if self._name == "approve":
            again = ahead(self._found.ref).stop == Stop.CARRY_OUT and not self._barred
            values |= self._plan[0] | {
                "plan": self._plan[1], "barred": words[self._barred] if self._barred else "",
                "again": words["approve_again"] if again else "",
            }  # fmt: skip
        if self._name == "share":
            values |= doubts.drawn(self._asked, form.apart)
            values["barred"] = words[self._barred] if self._barred else ""
        if self._name == "done":
            values |= self._hand()
        return values

    def _hand(self) -> dict[str, Any]:
        """What there is to do by hand: systems to see to, recipients to be told, or a letter to send."""
        stop, recipients = ahead(self._found.ref).stop, self._at.policy.document.recipients
        if stop == Stop.RECIPIENTS:
            names = told_by_hand(self._at, recipients_of(self._at, self._found))
            return {"recipients": [recipients[name].name for name in names]}
        if stop == Stop.BY_HAND:
            return self._by_hand()
        if stop == Stop.ANSWER:
            return {"letter": telling.posted_lines(self._at, self._found, self._who, result_of(self._found.ref))}
        return {}

    def _by_hand(self) -> dict[str, Any]:
        systems = byhand.systems(self._at.policy, self._found, self._language)
        if self._found.right != Right.HUMAN_REVIEW:
            return {"by_hand": True, "systems": systems}
        words = words_for(self._request)
        outcomes = [(name, words[f"review_{name}"]) for name in byhand.OUTCOMES]
        choices = review.choices(self._at, self._me, self._found, self._language)
        return {"by_hand": True, "systems": systems, "review": outcomes, "asked": self._who.message} | choices
