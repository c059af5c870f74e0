"""Drawing the pages of the console, and going from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.core.errors import TrothError
from troth.core.policy.model import Policy
from troth.package.html_names import Namer
from troth.web.accounts.middleware import token
from troth.web.accounts.showing import asked_language, onward
from troth.web.console.rooms import ROOMS, Entry, entries
from troth.web.console.saying import said as said_in
from troth.web.pages.published import kept
from troth.web.pages.site import asset_named, chosen, own, page
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.web.console.member import Member


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: the name of a sentence of the console, and what stands in its places. Without a name, nothing."""

    name: str = ""
    places: Mapping[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.name)


def language_of(request: HttpRequest) -> str:
    """The language of the site's own words on this page: ``en`` or ``fr``."""
    return own(chosen(request, kept.get()))


def words_for(request: HttpRequest) -> Words:
    """The words of the console in the reader's language."""
    return Words("console", language_of(request))


def draw(
    request: HttpRequest, me: Member | None, template: str, status: int = 200, *, error: str | Problem = "",
    look: str = "", **values: Any,
) -> HttpResponse:  # fmt: skip
    """A page of the console: ``templates/console/TEMPLATE.html``, titled by the words ``TEMPLATE_title``.

    ``me`` is None only before the gate has let somebody in; then there is no navigation. ``error`` names the words of
    what is wrong, ``look`` those of what is to be looked at once more where nothing is wrong; ``values`` may bring
    their own ``title``, and ``room``, the name of the room that the page is in.
    ``?said=NAME`` shows the words ``said_NAME`` when there are such.
    """
    words, lang = words_for(request), asked_language(request)
    wrong = error if isinstance(error, Problem) else Problem(error)
    mine = [room for room in ROOMS if me is not None and me.can(room.may)]
    said = f"said_{request.GET.get('said', '')}"
    context = {
        "t": words, "csrf": token(request), "lang": lang, "me": me, "room": "",
        "error": words.say(wrong.name, **wrong.places) if wrong else "", "look": words[look] if look else "",
        "said": words[said] if words.has(said) else "",
        "onward": onward(request), "account_style": asset_named("accounts"), "console_style": asset_named("console"),
        "data_style": asset_named("console-data"), "script": "", "more": lang.replace("?", "&"),
        **values,
    }  # fmt: skip
    if isinstance(context.get("refused"), TrothError):
        context["refused"] = said_in(context["refused"].message, context["refused"].remedy, words.language)
    context.setdefault("title", words[f"{template}_title"] if "title" not in values else "")
    here = str(context["room"])
    context["menu"] = [_entry(one, here, words, lang) for one in entries(mine)]
    context["room_title"] = words[f"room_{here}"] if here in {room.name for room in mine} else ""
    return page(request, f"console/{template}.html", status, **context)


def _entry(one: Entry, here: str, words: Words, lang: str) -> dict[str, Any]:
    """A line of the navigation for the template."""
    rooms = [
        {"label": words[f"room_{room.name}"], "href": reverse(room.url) + lang, "here": room.name == here}
        for room in one.rooms
    ]
    title = words[f"rooms_{one.group}"] if one.group else ""
    return {"title": title, "rooms": rooms, "here": any(room["here"] for room in rooms)}


def stores_called(policy: Policy, names: Iterable[str], language: str) -> list[str]:
    """Stores by their titles, as finished markup."""
    namer = Namer(policy, language)
    return [namer.store(name) for name in names]


def to(request: HttpRequest, name: str, *parts: str, said: str = "") -> HttpResponse:
    """Send the browser on, in the same language. ``said`` names the words with which the next page begins."""
    query = "&".join(filter(None, (asked_language(request).removeprefix("?"), f"said={said}" if said else "")))
    return HttpResponseRedirect(reverse(name, args=parts) + (f"?{query}" if query else ""))
