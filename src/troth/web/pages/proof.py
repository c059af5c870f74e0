"""How anybody checks what they were given as evidence: the public key, the newest checkpoint, and what to do."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from troth.core.errors import KeyUnavailable
from troth.state.state import open_state
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own, shown
from troth.web.wording import Words


@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """The key that signs the register; 404 while there is none."""
    in_force = kept.get()
    try:
        with open_state(settings.STATE, check_last=False) as state:
            key, checkpoint, log = str(state.checkpoint_key), state.keys.last_checkpoint or "", state.origin
    except KeyUnavailable:
        raise Http404 from None
    language = chosen(request, in_force)
    words = Words("pages", own(language))
    response = shown(
        request, in_force, language, "proof.html", title=words["proof_title"], t=words, key=key,
        checkpoint=checkpoint, log=log,
    )  # fmt: skip
    response.headers["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(response, ["Accept-Language"])
    return response
