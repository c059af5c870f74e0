"""The first room: what has to be done today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.lines import lines, open_rows
from troth.web.pages.published import kept


@staff_only()
@require_safe
def today(request: HttpRequest, me: Member) -> HttpResponse:
    """What is late, what waits for the reader, what is held up, what is due soon, what waits for colleagues; each
    request stands once, where it is most urgent."""
    sections = []
    if me.can("answer_requests"):
        words = words_for(request)
        rest = lines(open_rows(), kept.get().policy, words, language_of(request), me)
        for name in ("late", "mine", "stuck", "soon", "theirs"):
            found = [line for line in rest if getattr(line, name)]
            rest = [line for line in rest if line not in found]
            if found:
                sections.append((name, words[f"today_{name}"], words[f"today_{name}_how"], found))
    return draw(request, me, "today", room="today", sections=sections, sees=me.can("answer_requests"))
