"""Django's settings, from the environment that ``troth serve`` prepares (docs/reference/settings.md)."""

from __future__ import annotations

import os
from pathlib import Path

from troth.web.addresses import addresses
from troth.web.database import databases
from troth.web.secret import secret_key

HERE = Path(__file__).parent
STATE = Path(os.environ.get("TROTH_STATE") or "troth-state")
POLICY = Path(os.environ.get("TROTH_POLICY") or "troth.yaml")

SECRET_KEY = secret_key(STATE)
DEBUG = False
SITES = addresses(os.environ.get("TROTH_HOSTS", "localhost,127.0.0.1,[::1]"))
ALLOWED_HOSTS = list(SITES)

INSTALLED_APPS = ["troth.web.pages"]
MIDDLEWARE = [
    "troth.web.headers.SecurityHeaders",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "troth.web.urls"
WSGI_APPLICATION = "troth.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"autoescape": True, "string_if_invalid": ""},
    }
]
DATABASES = databases(STATE, os.environ.get("TROTH_STATE_URL") or "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
APPEND_SLASH = True

# Requests are not logged: an address is personal data. Errors are told without what was asked for.
LOGGING_CONFIG = None
DEFAULT_EXCEPTION_REPORTER_FILTER = "troth.web.quiet.Nothing"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FILE_UPLOAD_HANDLERS: list[str] = []
