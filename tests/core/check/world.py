"""One policy in which no rule finds anything, and ways to change it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from troth.core.check.run import law_problems
from troth.core.policy.loader import Examined, examine
from troth.core.policy.problems import Problem

TODAY = date(2026, 11, 22)
ALL_POINTS = list("abcdefgh")
TEXT = {"fr": "Texte", "en": "Text"}
BALANCE = {"interest": TEXT, "necessity": TEXT, "outcome": TEXT, "date": "2026-01-05"}
RIGHTS = [
    "access", "rectification", "erasure", "restriction", "portability", "objection", "human_review", "withdrawal",
    "directives_after_death", "complaint",
]  # fmt: skip

Change = Mapping[str, Any]
"""Paths with slashes to what stands there instead; ``...`` removes it. ``french is`` puts another language for it."""


def purpose(basis: str, people: str, categories: list[str], keep: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": TEXT, "basis": basis, "people": people, "categories": categories, "keep": keep, **more}


BASE: dict[str, Any] = {
    "format": 1,
    "policy": {"title": TEXT, "version": "2026-01-01", "languages": ["fr", "en"], "authoritative": "fr"},
    "publisher": {
        "name": "Example SARL", "country": "FR", "timezone": "Europe/Paris", "legal_form": "SARL", "capital": "1000 €",
        "address": "1 rue", "registration": "RCS 1", "phone": "01", "email": "a@example.org",
        "website": "https://example.org/", "publication_director": "The manager", "host": "host",
        "privacy_contact": {"email": "privacy@example.org"}, "authority": {"name": "CNIL"},
    },
    "sites": {"main": {"url": "https://example.org/"}},
    "people": {"visitors": {"title": TEXT}, "customers": {"title": TEXT}, "readers": {"title": TEXT}},
    "recipients": {
        "host": {
            "name": "Host", "role": "hosting", "country": "FR", "agreement": "2024-01-01", "address": "2 rue",
            "phone": "02",
        },
        "mailing": {"name": "Mailing", "role": "mailing", "country": "DE", "agreement": "2024-01-01"},
    },
    "purposes": {
        "orders": purpose(
            "contract", "customers", ["Name", "EmailAddress"], {"for": "2 years", "after": "contract_end"},
            recipients=["host"],
        ),
        "billing": purpose(
            "legal_obligation", "customers", ["Name"], {"for": "10 years", "after": "financial_year_end"},
            law="C. com. art. L123-22",
        ),
        "account": purpose(
            "contract", "customers", ["EmailAddress", "Password"], {"for": "2 years", "after": "account_activity"},
            required=TEXT,
        ),
        "newsletter": purpose(
            "consent", "readers", ["EmailAddress"], {"for": "3 years", "after": "last_contact"},
            recipients=["mailing"], direct_marketing=True,
        ),
        "audience": purpose("consent", "visitors", ["BrowsingBehaviour"], {"for": "13 months", "after": "collected"}),
        "security": purpose(
            "legitimate_interest", "visitors", ["IPAddress"], {"for": "6 months", "after": "collected"},
            balance=BALANCE,
        ),
        "contact": purpose(
            "legitimate_interest", "visitors", ["EmailAddress", "Name", "Communication"],
            {"for": "1 year", "after": "collected"}, balance=BALANCE,
        ),
    },
    "stores": {
        "shop": {
            "url": "sqlite:///x.sqlite", "location": "FR", "recipient": "host",
            "collections": {
                "customers": {
                    "for": "orders", "subject": {"email": "email"},
                    "fields": {
                        "email": "EmailAddress", "name": "Name",
                        "password": {"is": "Password", "for": "account", "export": False},
                    },
                    "events": {"contract_end": "ended", "account_activity": "seen"},
                },
                "invoices": {
                    "for": "billing", "belongs_to": {"customers": "customer_id"}, "fields": {"buyer": "Name"},
                    "events": {"financial_year_end": "issued"},
                    "holds": {
                        "accounting": {
                            "fields": "all", "for": "10 years", "after": "financial_year_end", "because": TEXT,
                            "source": "C. com. art. L123-22",
                        }
                    },
                },
            },
        }
    },
    "cookies": {
        "session": {"for": "2 days", "purpose": "account", "exempt": "authentication"},
        "choice": {"for": "6 months", "purpose": "security", "exempt": "consent_choice"},
    },
    "services": {"stats": {"purpose": "audience", "kind": "audience", "recipient": "host", "cookies": {"_a": "13 months"}}},
    "consent": {"text": {"fr": "Acceptez-vous ?", "en": "Do you agree?"}, "proof_kept": "5 years"},
    "contact": {
        "purpose": "contact", "deliver_to": "a@example.org", "acknowledgement": {"text": TEXT},
        "fields": {
            "email": {"is": "EmailAddress", "required": True},
            "message": {"is": "Communication", "required": True, "kind": "message"},
        },
    },
    "newsletter": {"purpose": "newsletter", "recipient": "mailing", "fields": {"email": "EmailAddress"}},
    "accounts": {
        "purpose": "account", "fields": {"email": "EmailAddress"}, "inactive": {"after": "2 years", "warn_before": "1 month"},
    },
    "logs": {
        "web": {
            "purposes": ["security"], "contains": ["IPAddress"], "keep": "6 months", "location": "FR",
            "statements": [{"fr": "Pour déceler les attaques.", "en": "To notice attacks."}],
        }
    },
    "rights": {"answer_within": "1 month", "offered": RIGHTS, "verify": ["account", "email_link"]},
    "minors": {"joint_consent_under": 15},
    "breach": {"notify_people": True},
    "automated_decisions": {"none": True},
    "staff": {
        "undertaking": {"version": "1", "text": TEXT},
        "roles": {"officer": {"title": TEXT, "may": ["answer_requests"]}},
    },
    "security": {"headers": ["Strict-Transport-Security"], "cards": {"stored": False}},
    "checklists": {"desks": {"title": TEXT, "every": "1 year", "items": [{"text": TEXT, "done": "2026-06-01"}]}},
    "data_location": {"allowed": ["EEA"], "mostly": "FR"},
    "backups": {
        "nightly": {
            "stores": ["shop"], "location": "FR", "keep": "30 days", "restore_tried": "2026-09-01",
            "restore_tried_every": "6 months",
        }
    },
    "agreements": {"hosting": {"recipient": "host", "signed": "2024-01-01", "points": ALL_POINTS}},
    "clients": {"client": {"name": "Client", "country": "FR", "contact": "c@example.org", "agreement": "2024-01-01"}},
    "disclosures": {"grounds": ["law"], "marketing": "never"},
    "clauses": {
        "log": {"text": {"fr": "Le journal note l’adresse IP.", "en": "The log notes the IP address."}, "about": ["logs.web"]},
        "old": {"text": TEXT, "kind": "history", "until": "2020-10-01", "because": TEXT},
    },
}  # fmt: skip


def changed(*changes: Change) -> dict[str, Any]:
    """The clean policy with parts put in, replaced or taken away."""
    policy = copy.deepcopy(BASE)
    for change in changes:
        for path, value in change.items():
            if path == "french is":
                policy = json.loads(json.dumps(policy).replace('"fr"', json.dumps(value)))
                continue
            *steps, last = path.split("/")
            node: Any = policy
            for step in steps:
                node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
            if value is ...:
                del node[last]
            else:
                node[last] = copy.deepcopy(value)
    return policy


def examined(policy: Mapping[str, Any]) -> Examined:
    """The policy as the loader sees it: JSON is YAML too. Each section is a file of its own, so that of the hundreds
    of policies only what differs is parsed anew."""
    files = {f"{name}.yaml": _text({name: section}) for name, section in policy.items() if name != "format"}
    first = _text({"format": policy["format"], "include": list(files)})
    return examine(first, name="troth.yaml", read=lambda path: files[path], env={}, folder=".")


def _text(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part, ensure_ascii=False, indent=1).encode()


def judged(*changes: Change, as_of: date = TODAY) -> list[Problem]:
    """What the rules find in the clean policy so changed. It must load: a rule is no judge of faults."""
    found = examined(changed(*changes))
    assert found.document is not None, [str(p.message) for p in found.problems]
    assert [p.message for p in found.problems if p.severity == "error"] == []
    return list(law_problems(found, as_of))


def codes(*changes: Change, as_of: date = TODAY) -> set[str]:
    """The codes of what the rules find."""
    return {problem.code for problem in judged(*changes, as_of=as_of)}
