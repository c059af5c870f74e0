"""Letters and what they open: an account, a new password, a login, another address."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.core.policy.sections.site import PasswordRule
from troth.web.accounts import fields, letters, limits
from troth.web.accounts.entering import enter
from troth.web.accounts.letters import Act
from troth.web.accounts.login import arrived, remembering
from troth.web.accounts.models import Letter, Session, User, folded
from troth.web.accounts.post import Mail, letter, post
from troth.web.accounts.showing import draw, language_of, to, told, with_accounts, words_for
from troth.web.accounts.strength import faults
from troth.web.addresses import base_of, client_network
from troth.web.mail.addresses import spelt
from troth.web.pages.published import kept


@with_accounts
@require_http_methods(["GET", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """Only the address is asked for: an account begins when its owner has read the letter."""
    return _ask(request, "signup")


@with_accounts
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """A letter to choose a new password."""
    return _ask(request, "reset")


@with_accounts
@require_http_methods(["GET", "POST"])
def by_letter(request: HttpRequest) -> HttpResponse:
    """A letter to log in without a password."""
    return _ask(request, "login")


_PAGES: dict[Act, str] = {"signup": "signup", "reset": "forgotten", "login": "by_letter"}


def _ask(request: HttpRequest, act: Act) -> HttpResponse:
    """Whatever the address, the same is done: one look, one row, one mail to write."""
    if request.method == "GET":
        return _asking(request, act)
    email = folded(request.POST.get("email", ""))
    if not is_address(email):
        return _asking(request, act, 400, "bad_address")
    if not limits.may_write(email, client_network(request), act):
        return _asking(request, act, 429, "too_many_letters")
    user = User.objects.filter(email=email).first()
    for_them = (user is None) == (act == "signup")
    written = letters.write(act, email if for_them else "", user if for_them else None)
    if not post.later(_mail(request, act, email, written if for_them else None)):
        return _asking(request, act, 503, "too_busy")
    return to(request, "letter_code", written.letter.handle)


def _asking(request: HttpRequest, act: Act, status: int = 200, error: str = "") -> HttpResponse:
    words, template = words_for(request), _PAGES[act]
    hint = words["signup_kept"] if act == "signup" else ""
    email = request.POST.get("email", "")[:254]
    return draw(
        request, template, status, error=error, email=email, intro=words[f"{template}_intro"], hint=hint, script=False
    )


def _mail(request: HttpRequest, act: Act, email: str, written: letters.Written | None) -> Mail:
    base, language = base_of(request), language_of(request)
    publisher = kept.get().policy.publisher
    if written is not None:
        return letter(written, act, base, language, publisher)
    kind, page = ("known", "login") if act == "signup" else ("unknown", "signup")
    return Mail(email, kind, language, publisher, button=f"{base}/account/{page}")


def is_address(email: str) -> bool:
    """Whether mail could go there."""
    try:
        validate_email(email)
    except ValidationError:
        return False
    return bool(spelt(email)) and len(email) <= 254


@with_accounts
@require_http_methods(["GET", "POST"])
def letter_code(request: HttpRequest, handle: str) -> HttpResponse:
    """“Look into your mailbox”, and the place to type the code. The same page whether or not anything was sent."""
    if request.method != "POST":
        return _typing(request, handle)
    if not limits.typed_codes.take(client_network(request)):
        return _typing(request, handle, 429, "too_many_codes")
    link = letters.typed(handle, request.POST.get("code", "")[:40])
    if link is None:
        return _typing(request, handle, 400, "wrong_code" if letters.waiting(handle) else "spent_code")
    found = letters.linked(*link)
    if found is not None and found.act in _DONE:
        return _DONE[found.act](request, found)  # whoever has typed a code and sent it has pressed the button
    return to(request, "letter", *link)


def _typing(request: HttpRequest, handle: str, status: int = 200, error: str = "") -> HttpResponse:
    """Whoever logs in by it may stay logged in; a letter that fits nothing says the same."""
    login = letters.act_of(handle) == "login"
    more = {**remembering(request), "remembered": "remember" in request.POST} if login else {}
    return draw(request, "letter_code", status, error=error, script=False, logs_in=login, **more)


@with_accounts
@require_http_methods(["GET", "POST"])
def opened(request: HttpRequest, handle: str, secret: str) -> HttpResponse:
    """What the link opens. Looking changes nothing: programs that scan mail follow links, people press buttons."""
    found = letters.linked(handle, secret)
    if found is None:
        return told(request, "spent", 410)
    act = {"signup": _begin, "reset": _reset, "login": _login, "address": _address, "staff": _invited}.get(found.act)
    return act(request, found) if act is not None else told(request, "spent", 410)


def _begin(request: HttpRequest, found: Letter) -> HttpResponse:
    values, wrong = fields.read(request)
    password = request.POST.get("password", "")
    if request.method == "GET":  # nobody has written anything yet
        return _with_password(request, "begin", found, [], values)
    wrong += faults(password, _rule(), (found.email, *map(str, values.values())))
    if wrong:
        return _with_password(request, "begin", found, wrong, values)
    user = User(email=found.email, language=language_of(request), details=values)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            if not letters.use(found):
                raise IntegrityError
    except IntegrityError:
        return told(request, "spent", 410)
    enter(request, user)
    return to(request, "account", said="welcome")


def _reset(request: HttpRequest, found: Letter) -> HttpResponse:
    """A new password ends every session. It opens none: a second factor, where there is one, is still asked for."""
    user: User = found.user
    password = request.POST.get("password", "")
    wrong = faults(password, _rule(), (user.email, *_said(user))) if request.method == "POST" else []
    first = found.act == "staff"
    if request.method == "GET" or wrong:
        return _with_password(request, "first" if first else "reset", found, wrong)
    user.set_password(password)
    with transaction.atomic():
        if not letters.use(found):
            return told(request, "spent", 410)
        user.save(update_fields=["password"])
        Session.objects.filter(user=user).delete()
        letters.end(user)
    if first:  # there was none before: nobody is warned, and the way leads on to where they are awaited
        return to(request, "login", said="password_first", onward=reverse("console"))
    post.later(Mail(user.email, "changed", user.language or language_of(request), kept.get().policy.publisher))
    return to(request, "login", said="password_changed")


def _invited(request: HttpRequest, found: Letter) -> HttpResponse:
    """A new member of staff chooses their first password; whoever has one chooses another by a letter of their own."""
    if found.user is None or found.user.has_usable_password():
        return told(request, "spent", 410)
    return _reset(request, found)


def _login(request: HttpRequest, found: Letter) -> HttpResponse:
    if request.method == "GET":
        return draw(request, "confirm", script=False, what="login", email=found.email, **remembering(request))
    if not letters.use(found):
        return told(request, "spent", 410)
    return arrived(request, found.user, remembered="remember" in request.POST)


def _address(request: HttpRequest, found: Letter) -> HttpResponse:
    """The new address is theirs: they have read its letter. The old one is told."""
    if request.method == "GET":
        return draw(request, "confirm", script=False, what="address", email=found.email)
    user: User = found.user
    before = user.email
    try:
        with transaction.atomic():
            if not letters.use(found):
                return told(request, "spent", 410)
            user.email = found.email
            user.save(update_fields=["email"])
            letters.end(user)
    except IntegrityError:  # somebody has opened an account with it meanwhile
        return told(request, "spent", 410)
    post.later(Mail(before, "moved", user.language or language_of(request), kept.get().policy.publisher))
    return to(request, "account", said="saved")


_DONE = {"login": _login, "address": _address}
"""What a code does at once; the other acts ask for something first."""


def _said(user: User) -> tuple[str, ...]:
    return tuple(str(value) for value in user.details.values())


def _rule() -> PasswordRule:
    accounts = kept.get().policy.document.accounts
    return accounts.password if accounts is not None else PasswordRule()


def _with_password(
    request: HttpRequest, template: str, found: Letter, wrong: list[str], values: dict[str, Any] | None = None
) -> HttpResponse:
    shown = {"email": found.email, "fields": fields.asked(request, values), **choosing(request, wrong)}
    return draw(request, template, 400 if wrong else 200, **shown)


def choosing(request: HttpRequest, wrong: list[str]) -> dict[str, Any]:
    """What a page needs on which a password is chosen: the rule in words, and what is wrong."""
    words, rule = words_for(request), _rule()
    mixed = words.say("rule_classes", classes=rule.classes) if rule.classes > 1 else ""
    intro = words.say("rule_intro", length=rule.min_length)
    return {"rule": rule, "rule_intro": intro, "rule_classes": mixed, "wrong": [words[name] for name in wrong]}
