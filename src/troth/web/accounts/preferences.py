"""How a reader likes the pages: language, theme, size of text, spacing. In one cookie of theirs, for as long as
the policy says, without an account and without a script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from troth.publishing.ways import SPACE, has_space
from troth.web.accounts.cookies import Declared, jar
from troth.web.pages.published import InForce, kept
from troth.web.wording import Words

THEMES = ("auto", "light", "dark")
SIZES = ("normal", "large", "larger")
DENSITIES = ("normal", "airy", "compact")
_NONE = "any"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was chosen. ``language`` is empty where the browser decides."""

    language: str = ""
    theme: str = "auto"
    size: str = "normal"
    density: str = "normal"

    @property
    def value(self) -> str:
        """As the cookie has it: ``fr.dark.large.normal``."""
        return ".".join((self.language or _NONE, self.theme, self.size, self.density))

    @property
    def shown(self) -> dict[str, str]:
        """What the page itself is told of them."""
        chosen = {"theme": self.theme, "size": self.size, "density": self.density}
        return {name: value for name, value in chosen.items() if value not in ("auto", "normal")}


def cookie() -> Declared | None:
    """The cookie that the policy declares for this; None: nothing is kept, and there is no page for it."""
    return jar(kept.get().policy).screen


def read(request: HttpRequest, languages: Any) -> Preferences:
    """What this browser's cookie says; what is not one of our own words counts as nothing."""
    declared = cookie()
    parts = request.COOKIES.get(declared.name, "").split(".") if declared else []
    if len(parts) != 4:
        return Preferences()
    language, theme, size, density = parts
    return Preferences(
        language if language in languages else "", _one(theme, THEMES), _one(size, SIZES), _one(density, DENSITIES)
    )


def _one(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def told_to_caches(request: HttpRequest, response: HttpResponse) -> None:
    """A page in our frame depends on this cookie: caches must not hand one reader's page to another."""
    declared = cookie() if getattr(response, "in_frame", False) else None
    if declared is None:
        return
    patch_vary_headers(response, ["Cookie"])
    if declared.name in request.COOKIES:
        control = response.headers.get("Cache-Control", "")
        response.headers["Cache-Control"] = control.replace("public", "private")


def around(request: HttpRequest, in_force: InForce, language: str) -> dict[str, Any]:
    """What the frame of every page shows: how it looks, and where to choose. ``language`` is that of its own words."""
    policy, words, places = in_force.policy, Words("accounts", language), []
    if has_space(policy):
        places.append((SPACE, words["frame_me"]))
    if policy.document.accounts is not None:
        places.append(("/account", words["frame_account"]))
    if jar(policy).screen is not None:
        places.append(("/preferences", words["frame_preferences"]))
    return {"preferences": read(request, in_force.pages).shown, "own_places": places}


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """See and choose them."""
    from troth.web.accounts.showing import draw, language_of, period, words_for

    declared, languages = cookie(), kept.get().pages
    if declared is None:
        raise Http404
    if request.method == "POST":
        return _keep(request, declared, languages)
    words, found = words_for(request), read(request, languages)
    intro = words.say("preferences_intro", name=declared.name, long=period(request, declared.lifetime))
    groups = [
        (name, words[f"preferences_{name}"], [(value, words[f"choice_{value}"], value == now) for value in known])
        for name, known, now in (
            ("theme", THEMES, found.theme), ("size", SIZES, found.size), ("density", DENSITIES, found.density)
        )
    ]  # fmt: skip
    return draw(
        request, "preferences", intro=intro, groups=groups, language_now=found.language, offered=_named(languages),
        read_in=language_of(request), script=False,
    )  # fmt: skip


def _named(languages: Any) -> list[tuple[str, str]]:
    from troth.publishing.words import AUTONYMS

    return [(name, AUTONYMS.get(name, name.upper())) for name in languages]


def _keep(request: HttpRequest, declared: Declared, languages: Any) -> HttpResponse:
    if "forget" in request.POST:
        response = HttpResponseRedirect(reverse("preferences"))
        declared.drop(response)
        return response
    form, now = request.POST, datetime.now(UTC)
    language = form.get("language", "")
    chosen = Preferences(
        language if language in languages else "", _one(form.get("theme", ""), THEMES),
        _one(form.get("size", ""), SIZES), _one(form.get("density", ""), DENSITIES),
    )  # fmt: skip
    response = HttpResponseRedirect(f"{reverse('preferences')}?said=saved")
    declared.put(response, chosen.value, declared.ends(now), now)
    return response
