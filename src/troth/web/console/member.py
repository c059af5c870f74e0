"""A member of staff and what they may do, as the policy in force says; the undertaking they sign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.core.policy.model import Policy
from troth.core.policy.sections.organisation import Role, Undertaking
from troth.core.policy.sections.organisation import Staff as StaffSection
from troth.web.console.models import Signature, Staff
from troth.web.pages.published import kept
from troth.web.wording import Words

RIGHTS = (
    "see_people", "change_people", "erase_people", "answer_requests", "see_identity_documents", "read_archives",
    "decide_disclosures", "handle_incidents", "publish", "manage_staff", "audit",
)  # fmt: skip
"""What a role may do in the console: the words of ``staff: roles: … may:``."""
_DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "privacy_officer": RIGHTS, "manager": ("see_people", "change_people"), "archivist": ("read_archives",),
    "auditor": ("audit",),
}  # fmt: skip
_OF_MANAGERS = {"see": "see_people", "change": "change_people", "delete": "erase_people"}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of staff, for one request. ``may`` holds all that their roles give."""

    staff: Staff
    email: str
    may: frozenset[str]

    @property
    def public_id(self) -> str:
        """What stands for them in the ledger."""
        return str(self.staff.public_id)

    def can(self, right: str) -> bool:
        """Whether they have this right; everybody has the empty one."""
        return not right or right in self.may


def member_of(user: Any) -> Member | None:
    """The member of staff whose account this is; None for everybody else, and for whoever has left."""
    staff = Staff.objects.filter(user=user, ended__isnull=True).first()
    return Member(staff, user.email, rights_of(kept.get().policy, staff.roles)) if staff is not None else None


def roles(policy: Policy) -> Mapping[str, Role]:
    """The policy's roles of staff; four usual ones where it names none."""
    said = policy.document.staff
    if said is not None and said.roles:
        return said.roles
    english, french = Words("console", "en"), Words("console", "fr")
    return {
        name: Role(title={"en": english[f"role_{name}"], "fr": french[f"role_{name}"]}, may=[*may])  # type: ignore[arg-type]
        for name, may in _DEFAULTS.items()
    }


def rights_of(policy: Policy, names: list[str]) -> frozenset[str]:
    """All that these roles give: what the policy says of each, and what ``accounts: managers_may`` gives to site
    managers."""
    known = roles(policy)
    found: set[str] = {right for name in names if name in known for right in known[name].may}
    accounts = policy.document.accounts
    if accounts is not None and set(names) & set(accounts.managers) & set(known):
        found |= {_OF_MANAGERS[act] for act in accounts.managers_may}
    return frozenset(found)


def role_title(policy: Policy, name: str, language: str) -> str:
    """What a role is called; its own name where the policy does not know it any more."""
    role = roles(policy).get(name)
    titles: Mapping[str, str] = role.title if role is not None else {}
    return titles.get(language) or next(iter(titles.values()), name)


def undertaking(policy: Policy) -> Undertaking:
    """What staff sign: the policy's, or a plain one of Troth's own where it has none."""
    said = policy.document.staff or StaffSection()
    if said.undertaking is not None:
        return said.undertaking
    words = {language: Words("console", language)["undertaking_default"] for language in ("en", "fr")}
    return Undertaking(version="troth-1", text=words)


def digest_of(text: str) -> str:
    """SHA-256 of the words, as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def signed(me: Member) -> bool:
    """Whether they have signed the version in force, in its present words, in any of its languages."""
    return has_signed(kept.get().policy, me.staff)


def has_signed(policy: Policy, staff: Any) -> bool:
    """The same of anybody of staff, and any policy."""
    now = undertaking(policy)
    digests = [digest_of(text) for text in now.text.values()]
    return bool(Signature.objects.filter(staff=staff, version=now.version, digest__in=digests).exists())
