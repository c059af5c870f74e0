"""What this site itself holds about somebody: the account. It lies in no store of the policy's map."""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.policy.model import Policy
from troth.core.requests.route import terms_of
from troth.core.rights.information_words import BASES, keep_words
from troth.package import locale
from troth.web.accounts.fields import label_of
from troth.web.accounts.models import Session, User
from troth.web.portal.visitor import Visitor
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """``purpose`` is the title of the purpose that it serves, ``basis``, ``kept`` and ``recipients`` as the policy says
    of that; ``lines`` are what is known, each with its name."""

    purpose: str
    lines: tuple[tuple[str, str], ...]
    basis: str = ""
    kept: str = ""
    recipients: tuple[str, ...] = ()


def has_account(policy: Policy, visitor: Visitor) -> bool:
    """Whether they have an account on this site, which an erasure in the stores does not close. Nobody else learns it:
    they have shown that the address is theirs."""
    return policy.document.accounts is not None and User.objects.filter(email=visitor.email).exists()


def account_of(policy: Policy, visitor: Visitor, language: str) -> OwnAccount | None:
    """Their account, to be read; None where there is none."""
    accounts = policy.document.accounts
    user = User.objects.filter(email=visitor.email).first() if accounts is not None else None
    if accounts is None or user is None:
        return None
    words, terms = Words("portal", language), terms_of(policy)
    lines = [(words["own_email"], user.email)]
    for name, asked in accounts.fields.items():
        value = str(user.details.get(name) or "")
        if value:
            label = label_of(name, asked, language)
            lines.append((label[:1].upper() + label[1:], value))
    lines.append((words["own_since"], locale.day(terms.day(user.created_at), language)))
    if user.last_login is not None:
        lines.append((words["own_last"], locale.day(terms.day(user.last_login), language)))
    lines.append((words["own_browsers"], str(Session.objects.filter(user=user).count())))
    purpose = policy.purposes.get(accounts.purpose)
    if purpose is None:
        return OwnAccount("", tuple(lines))
    spoken = "fr" if language == "fr" else "en"
    titles = {name: event.title for name, event in policy.document.events.items() if event.title is not None}
    return OwnAccount(
        purpose.title.get(language) or next(iter(purpose.title.values()), ""), tuple(lines),
        BASES[purpose.basis][spoken], keep_words(purpose.keep, policy.events, titles)[spoken],
        tuple(policy.document.recipients[name].name for name in purpose.recipients),
    )  # fmt: skip
