"""The addresses of people's requests."""

from __future__ import annotations

from django.urls import path

from troth.web.portal import answers, behalf, client, confirm, door, identity, space, will

urlpatterns = [
    path("answers/<str:secret>", answers.answer, name="answer"),
    path("identity/<str:secret>", identity.identity, name="identity"),
    path("me", space.me, name="me"),
    path("me/door", door.door, name="me_door"),
    path("me/leave", door.leave, name="me_leave"),
    path("me/letter/<str:handle>", door.code, name="me_code"),
    path("me/letter/<str:handle>/<str:secret>", door.letter, name="me_letter"),
    path("me/new/<str:handle>", confirm.code, name="me_new"),
    path("me/new/<str:handle>/<str:secret>", confirm.link, name="me_confirm"),
    path("me/lift", space.lift, name="me_lift"),
    path("me/directives", will.will, name="me_directives"),
    path("me/behalf", behalf.behalf, name="me_behalf"),
    path("me/client", client.client, name="me_client"),
    path("me/ask/<str:right>", space.ask, name="me_ask"),
    path("me/requests/<str:ref>", space.one, name="me_request"),
    path("me/requests/<str:ref>/package", space.package, name="me_package"),
    path("me/requests/<str:ref>/package/delete", space.package_delete, name="me_package_delete"),
    path("me/requests/<str:ref>/withdraw", space.withdraw, name="me_withdraw"),
]
