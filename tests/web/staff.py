"""Members of staff for the tests of the console: an account, roles, a second factor, and a browser."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from web.conftest import GOOD, Person


@dataclass
class Colleague:
    """Somebody of staff. ``secret`` counts their codes."""

    email: str
    roles: tuple[str, ...] = ("privacy",)
    secret: str = ""
    person: Person = field(default_factory=Person)
    step: int = 0

    def code(self) -> str:
        """A code that was not used yet."""
        from troth.web.accounts.counting import STEP, code_of

        self.step = max(self.step + 1, int(time.time()) // STEP - 1)
        return code_of(self.secret, self.step)

    def user(self) -> Any:
        from troth.web.accounts.models import User

        return User.objects.get(email=self.email)

    def staff(self) -> Any:
        from troth.web.console.models import Staff

        return Staff.objects.get(user__email=self.email)

    def get(self, path: str) -> Any:
        return self.person.get(path)

    def post(self, path: str, **fields: str) -> Any:
        return self.person.post(path, **fields)

    @property
    def page(self) -> str:
        return self.person.page


@cache
def _hashed() -> str:
    """The hash of everybody's password: Argon2id takes its time, so it is made once."""
    from django.contrib.auth.hashers import make_password

    return make_password(GOOD)


def account(email: str) -> Any:
    """Somebody with an account."""
    from troth.web.accounts.models import User

    user = User(email=email, language="en", password=_hashed())
    user.save()
    return user


def employ(email: str, *roles: str, signed: bool = True, second: bool = True, ended: bool = False) -> Colleague:
    """A member of staff, logged in by a session of their own making: what a login leaves in the table."""
    from troth.web.accounts.counting import STEP, code_of, new_secret
    from troth.web.accounts.factors import begin_counting
    from troth.web.console.member import undertaking
    from troth.web.console.models import Staff
    from troth.web.console.staffing import sign
    from troth.web.pages.published import kept

    now = datetime.now(UTC)
    user = account(email)
    staff = Staff.objects.create(user=user, roles=list(roles), added=now, ended=now if ended else None)
    made = Colleague(email, roles)
    if signed:
        said = undertaking(kept.get().policy)
        sign(staff, said.version, said.text["en"], "en", now)
    if second:
        made.secret, made.step = new_secret(), int(time.time()) // STEP - 1
        assert begin_counting(user, made.secret, code_of(made.secret, made.step))
    log_in(made.person, user, second=second)
    return made


def log_in(person: Person, user: Any, *, second: bool = False) -> None:
    """A session as a login makes it, and its cookie."""
    from django.http import HttpRequest

    from troth.web.accounts.cookies import jar
    from troth.web.accounts.entering import enter
    from troth.web.accounts.sessions import SessionStore
    from troth.web.pages.published import kept

    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "203.0.113.7"}
    request.session = SessionStore()
    enter(request, user, second=second)
    declared = jar(kept.get().policy).login
    assert declared is not None
    person.client.cookies[declared.name] = request.session.session_key
