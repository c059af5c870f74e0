"""Django's settings, from the environment that ``troth serve`` prepares (docs/reference/settings.md)."""

from __future__ import annotations

import os
from pathlib import Path

from troth.web.accounts.settings import provider
from troth.web.addresses import LOOPBACK, Proxies, addresses, bases
from troth.web.database import databases
from troth.web.migrations import applications
from troth.web.secret import secret_key

HERE = Path(__file__).parent
STATE = Path(os.environ.get("TROTH_STATE") or "troth-state")
POLICY = Path(os.environ.get("TROTH_POLICY") or "troth.yaml")

SECRET_KEY = secret_key(STATE)
DEBUG = False
_HOSTS = os.environ.get("TROTH_HOSTS") or "localhost,127.0.0.1,[::1]"
SITES, BASES = addresses(_HOSTS), bases(_HOSTS)
ALLOWED_HOSTS = list(SITES)
PROXIES = Proxies(os.environ.get("TROTH_PROXIES", LOOPBACK))

INSTALLED_APPS = [*applications(), "troth.web.pages", "troth.web.notices"]
MIDDLEWARE = [
    "troth.web.watching.Told",
    "troth.web.addresses.BehindProxy",
    "troth.web.headers.SecurityHeaders",
    "troth.web.api.door.Door",  # answers /api by itself: no session, cookie or form of the pages behind it
    "django.middleware.gzip.GZipMiddleware",
    "troth.web.conditional.Conditional",
    "django.middleware.common.CommonMiddleware",
    "troth.web.bodies.Bodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "troth.web.accounts.middleware.AccountPages",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "troth.web.urls"
WSGI_APPLICATION = "troth.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"autoescape": True, "string_if_invalid": "", "builtins": ["troth.web.pages.filters"]},
    }
]
DATABASES = databases(STATE, os.environ.get("TROTH_STATE_URL") or "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
APPEND_SLASH = True

# Accounts (docs/decisions/0013-accounts.md). Names and lifetimes of cookies come from the policy, not from here.
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["troth.web.accounts.hashing.Argon2id"]
SESSION_ENGINE = "troth.web.accounts.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 15 * 60  # of a login that is not complete; the policy decides about the others
CLEARS = True  # not in tests, whose databases come and go
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "troth.web.accounts.factors.Adapter"
globals().update(provider())
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

EMAIL_BACKEND = "troth.web.mail.backend.Backend"

# Requests are not logged: an address is personal data. Errors are told without what was asked for.
LOGGING_CONFIG = None
DEFAULT_EXCEPTION_REPORTER_FILTER = "troth.web.quiet.Nothing"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FILE_UPLOAD_HANDLERS: list[str] = []
