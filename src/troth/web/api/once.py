"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): sent twice, done once, answered alike.

Key, deed and answer are one transaction. Of two that come at once, the unique index makes the second wait for the
first, and then it finds the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from troth.state.vault import Vault
from troth.web.api.door import Answer, Call, as_json
from troth.web.api.models import Once
from troth.web.api.problems import Problem

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_REPLAYED = {"Idempotency-Replayed": "true"}


def once(call: Call, vault: Vault, act: Callable[[], Answer]) -> Answer:
    """Do it, or repeat what was answered. Raises Problem, and whatever ``act`` raises: then nothing is kept."""
    written = call.request.headers.get("Idempotency-Key")
    with transaction.atomic():
        if written is None:
            return act()
        forget(call.now - KEPT)
        key, body = _key(call, written), vault.index("api/body", sha256(call.sent).hexdigest())
        fresh = Once(token=call.token, key=key, body=body, made=call.now)
        Once.objects.bulk_create([fresh], ignore_conflicts=True)
        row = Once.objects.get(token=call.token, key=key)
        if bytes(row.body) != body:
            raise Problem("key-reused", remedy="take a new key for each new request")
        if row.status:
            said, headers = _opened(vault, row)
            return Answer(said, row.status, {**headers, **_REPLAYED})
        answer = act()
        _keep(vault, row, answer)
    return answer


def forget(before: Any) -> int:
    """Delete what was answered before a moment; how many."""
    gone, _ = Once.objects.filter(made__lt=before).delete()
    return int(gone)


def _key(call: Call, written: str) -> str:
    """The draft wants a string in quotes; most programs send it bare."""
    bare = written[1:-1] if len(written) > 2 and written[0] == written[-1] == '"' else written
    if not _KEY.fullmatch(bare):
        raise Problem("malformed", "an idempotency key is 1 to 255 visible ASCII characters")
    return sha256(f"{call.request.method} {call.request.path_info} {bare}".encode()).hexdigest()


def _keep(vault: Vault, row: Any, answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, dict) or answer.body is None else as_json(answer.body)
    said = json.dumps([body, {**(answer.headers or {})}]).encode()  # in its order, to be said again word for word
    row.status, row.answer = answer.status, vault.seal(said, f"api/once/{row.pk}")
    row.save(update_fields=["status", "answer"])


def _opened(vault: Vault, row: Any) -> tuple[dict[str, Any] | None, dict[str, str]]:
    body, headers = json.loads(vault.open(bytes(row.answer), f"api/once/{row.pk}"))
    return body, headers
