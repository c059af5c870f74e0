"""For the publisher's own site: middlewares that let the visitor's browser enforce the visitor's choice.

    from troth.enforce.wsgi import Enforce      # Flask, Pyramid, Bottle …
    from troth.enforce.asgi import Enforce      # FastAPI, Starlette, Quart …
    "troth.enforce.django.Enforce"              # in Django's MIDDLEWARE

Each reads ``csp.json`` (``troth banner export``, or ``/consent/csp.json`` of a running Troth) and adds the header
``Content-Security-Policy``. They need the standard library only, and keep nothing about anybody.
"""
