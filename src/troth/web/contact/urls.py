"""The addresses of the contact form."""

from __future__ import annotations

from django.urls import path

from troth.web.contact.views import contact, embed

urlpatterns = [
    path("contact", contact, name="contact"),
    path("contact/embed", embed, name="contact-embed"),
]
