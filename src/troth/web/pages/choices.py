"""Where a visitor changes what the site may load: on the publisher's own site. The policy's page is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.consent.services import asked
from troth.core.policy.model import Policy
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Choices:
    """``places`` are sites, each as its address and its title."""

    title: str
    text: str
    where: str
    places: tuple[tuple[str, str], ...]


def choices_of(policy: Policy, language: str) -> Choices | None:
    """None where nobody is asked, or the policy names no site."""
    every, consent = policy.document.sites, policy.document.consent
    # A service behind a login is no place to send a visitor to, where there is another.
    sites = {name: site for name, site in every.items() if site.readable_without_data is not False} or every
    if not asked(policy) or not sites:
        return None
    words, manage = Words("pages", language), Words("banner", language)["manage"]
    button = consent.button if consent is not None else "bottom_right"
    places = tuple(
        (str(site.url), (site.title or {}).get(language) or next(iter((site.title or {}).values()), str(site.url)))
        for site in sites.values()
    )
    return Choices(words["choices"], words["choices_text"], words.say(f"choices_{button}", manage=manage), places)
