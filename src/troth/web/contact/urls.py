"""The addresses of the contact form."""

from __future__ import annotations

from django.urls import path

from troth.web.contact import views

urlpatterns = [
    path("contact", views.contact, name="contact"),
    path("contact/embed", views.embed, name="contact-embed"),
]
