"""Closing an account: what lies here goes at once, all of it or nothing; a last mail says so."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.web.accounts.entering import leave, proven
from troth.web.accounts.models import Letter, Session, User
from troth.web.accounts.post import Mail, post
from troth.web.accounts.showing import draw, language_of, to, where_people_may
from troth.web.pages.published import kept


@where_people_may("delete")
@proven
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; on a ticked box, do it."""
    if request.method == "GET" or "sure" not in request.POST:
        error = "close_unsure" if request.method == "POST" else ""
        document = kept.get().policy.document
        return draw(
            request, "close", 400 if error else 200, error=error, script=False, contact=document.contact is not None
        )
    user, policy = request.user, kept.get().policy
    # Written before the row is gone; kept nowhere: it is the last that is known of the address here.
    goodbye = Mail(user.email, "closed", user.language or language_of(request), policy.publisher)
    remove(user)
    post.later(goodbye)
    leave(request)
    return to(request, "login", said="closed")


def remove(user: User) -> None:
    """Erase the person's rows: sessions, letters, second factors and logins of a provider go with the account."""
    with transaction.atomic():
        Session.objects.filter(user_id=user.pk).delete()
        Letter.objects.filter(user_id=user.pk).delete()
        Letter.objects.filter(email=user.email).delete()
        User.objects.filter(pk=user.pk).delete()
