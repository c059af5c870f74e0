"""The pages of the form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from troth.core.policy.sections.site import Contact, FormField
from troth.package.labels import COUNTRIES
from troth.publishing.speaker import Speaker, spelt_version
from troth.web.contact import questions, tickets
from troth.web.contact.fields import ANSWER, LONGEST, READ, Filled, asked, kind_of
from troth.web.contact.guard import guard
from troth.web.contact.notice import label, notice, speaker
from troth.web.contact.origin import origins
from troth.web.contact.tickets import Ticket
from troth.web.headers import SCRIPTED, with_script
from troth.web.pages.published import InForce
from troth.web.pages.site import asset_named, own, page
from troth.web.wording import Words

# What a field is for helps people who cannot type (WCAG 1.3.5); of the others the browser is to remember nothing.
_AUTOCOMPLETE = {
    "email": "email", "phone": "tel", "address": "street-address", "country": "country-name",
    "first_name": "given-name", "last_name": "family-name", "name": "name",
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """One request for the form: who is asked, in which language, and whether a page of the publisher frames it."""

    request: HttpRequest
    in_force: InForce
    contact: Contact
    language: str
    network: str
    now: float
    embedded: bool
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", Words("contact", self.language))


@dataclass(frozen=True)
class Trouble:
    """Why a form comes back: a word of words.txt, the status of HTTP, and the values of the word's places."""

    name: str
    status: int = 422
    values: dict[str, object] = field(default_factory=dict)
    field: str = ""
    """The field it is about, if it is about one of ours."""


def form(visit: Visit, filled: Filled, trouble: Trouble | None = None, before: Ticket | None = None) -> HttpResponse:
    """The form, with what was typed; ``before`` is the ticket of the form that comes back."""
    voice = speaker(visit.in_force, visit.language)
    shown = [_field(voice, visit.words, name, wanted, filled) for name, wanted in asked(visit.contact).items()]
    response = page(
        visit.request, "contact/form.html", trouble.status if trouble else 200, title=visit.words["title"],
        about=about(visit), fields=shown, read=_acknowledgement(visit, voice, again=before is not None),
        notice=notice(visit.in_force, visit.language),
        countries=sorted(names[own(visit.language)] for names in COUNTRIES.values()), action=_action(visit),
        **_proof(visit, before), **_trouble(visit, voice, trouble, shown), **_common(visit),
    )  # fmt: skip
    return _dressed(visit, response)


def _proof(visit: Visit, before: Ticket | None) -> dict[str, Any]:
    ticket = guard.ticket(visit.network, visit.now, before)
    return {
        "token": tickets.written(ticket), "nonce": ticket.nonce, "bits": ticket.bits,
        "question": questions.question(ticket.seed, own(visit.language)).text,
    }  # fmt: skip


def _trouble(visit: Visit, voice: Speaker, trouble: Trouble | None, shown: list[dict[str, Any]]) -> dict[str, Any]:
    """Why the form comes back, and what to do where it is not up to the person who writes."""
    errors = [(f["id"], f["label"], f["error"]) for f in shown if f["error"]]
    if trouble is None:
        return {"said": "", "errors": errors}
    lost = trouble.status == 503
    told = voice.text(visit.contact.when_mail_fails) or visit.words["still_here"]
    return {
        "said": visit.words.say(trouble.name, **trouble.values), "errors": errors, "failed": told if lost else "",
        "of_read": trouble.field == READ, "of_answer": trouble.field == ANSWER, "mild": trouble.status == 200,
        "offer": trouble.status in (403, 429, 503) or trouble.name == "no_mail",
    }  # fmt: skip


def said(visit: Visit, name: str, status: int = 200, **values: object) -> HttpResponse:
    """A page that says something: ``NAME_title`` and ``NAME`` of words.txt."""
    words = visit.words
    response = page(
        visit.request, "contact/said.html", status, title=words[f"{name}_title"],
        text=words.say(name, **values), again=_action(visit), offer=status != 200, **_common(visit),
    )  # fmt: skip
    return _dressed(visit, response)


def _common(visit: Visit) -> dict[str, Any]:
    publisher = visit.in_force.policy.document.publisher
    point = publisher.privacy_contact
    return {
        "t": visit.words, "base": "contact/bare.html" if visit.embedded else "frame.html",
        "contact_style": asset_named("contact"),
        "contact_script": asset_named("contact-form"), "embedded": visit.embedded,
        "write_to": (point.email if point else None) or publisher.email or "",
        "call": (point.phone if point else None) or publisher.phone or "",
    }  # fmt: skip


def _dressed(visit: Visit, response: HttpResponse) -> HttpResponse:
    """Our script may run; the browser says of which page of ours a form is sent (RFC 6454); who may frame it."""
    with_script(response)
    response.headers["Referrer-Policy"] = "same-origin"
    if visit.embedded:
        sites = " ".join(origins(visit.in_force.policy.document.sites.values())) or "'none'"
        frame = SCRIPTED.replace("frame-ancestors 'none'", f"frame-ancestors {sites}")
        response.headers["Content-Security-Policy"] = frame
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _route(visit: Visit) -> str:
    return "contact-embed" if visit.embedded else "contact"


def _action(visit: Visit) -> str:
    right = visit.request.GET.get("about", "") if about(visit) else ""
    return f"{reverse(_route(visit))}?lang={visit.language}" + (f"&about={right}" if right else "")


def about(visit: Visit, language: str = "") -> str:
    """The right that ``?about=`` names, as people call it; empty for anything that the policy does not offer."""
    rights = visit.in_force.policy.document.rights
    right = visit.request.GET.get("about", "")
    if rights is None or right not in rights.offered:
        return ""
    return speaker(visit.in_force, language or visit.language).say(f"n_{right}")


def _field(voice: Speaker, words: Words, name: str, wanted: FormField, filled: Filled) -> dict[str, Any]:
    kind = kind_of(wanted)
    wrong = filled.errors.get(name, "")
    value = filled.values.get(name, "")
    choices = [(str(place), voice.text(text), str(place) == value) for place, text in enumerate(wanted.choices)]
    why = voice.text(wanted.why)
    error = words.say(wrong, most=LONGEST[kind], length=len(value)) if wrong else ""
    described = " ".join(f"{what}-{name}" for what, there in (("why", why), ("error", error)) if there)
    return {
        "name": name, "id": f"field-{name}", "kind": kind, "label": label(voice, name), "why": why, "value": value,
        "required": wanted.required, "error": error, "described": described, "choices": choices,
        "autocomplete": _AUTOCOMPLETE.get(kind) or (_AUTOCOMPLETE.get(name) if wanted.is_ == "Name" else "") or "off",
    }  # fmt: skip


def _acknowledgement(visit: Visit, voice: Speaker, *, again: bool) -> dict[str, str] | None:
    """The box: ticked only where our own form comes back (``again``), by the person, under the version in force."""
    wanted = visit.contact.acknowledgement
    if wanted is None:
        return None
    version = visit.in_force.version
    published = visit.in_force.publication is not None
    address = reverse("past", args=[version]) if published else reverse("policy", args=[visit.language])
    said = visit.words.say("version", version=spelt_version(version, own(visit.language)))
    return {
        "text": voice.text(wanted.text), "version": version,
        "ticked": "1" if again and visit.request.POST.get(READ) == version else "",
        "said": said if wanted.shows_version else "",
        "href": f"{address}?lang={visit.language}" if published else address,
    }  # fmt: skip
