"""What the catalogue says of cookies, in English and in French: a few uses cover nearly all there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from troth.core.policy.model import LocalText

Use = Literal[
    "visitor", "visit", "throttle", "campaign", "conversion", "profile", "across_sites", "synchronise", "fraud",
    "robots", "balance", "login", "preferences", "language", "consent", "optout", "experiment", "referrer", "player",
    "chat", "form", "payment", "popup", "test", "performance", "shares", "basket",
]  # fmt: skip
"""What a thing that is kept in the browser is for."""

USES: Mapping[Use, LocalText] = {
    "visitor": {"en": "tells one visitor from another", "fr": "distingue un visiteur d’un autre"},
    "visit": {"en": "holds a visit together", "fr": "relie les pages d’une même visite"},
    "throttle": {"en": "limits how often data is sent", "fr": "limite la fréquence des envois"},
    "campaign": {"en": "remembers the advertisement that led here", "fr": "retient la publicité qui a mené ici"},
    "conversion": {
        "en": "measures what an advertisement leads to",
        "fr": "mesure ce qu’une publicité a produit",
    },
    "profile": {
        "en": "chooses advertisements by what the visitor has looked at",
        "fr": "choisit les publicités selon ce que le visiteur a regardé",
    },
    "across_sites": {
        "en": "recognises the visitor on other sites too",
        "fr": "reconnaît le visiteur aussi sur d’autres sites",
    },
    "synchronise": {
        "en": "matches the visitor with the files of advertising partners",
        "fr": "rapproche le visiteur des fichiers de partenaires publicitaires",
    },
    "fraud": {"en": "guards against fraud and abuse", "fr": "protège contre la fraude et les abus"},
    "robots": {"en": "tells people from robots", "fr": "distingue les personnes des robots"},
    "balance": {"en": "sends requests to the same server", "fr": "dirige les demandes vers le même serveur"},
    "login": {"en": "recognises somebody who has logged in there", "fr": "reconnaît qui s’y est connecté"},
    "preferences": {"en": "remembers settings", "fr": "retient des réglages"},
    "language": {"en": "remembers the language", "fr": "retient la langue"},
    "consent": {"en": "remembers a choice on trackers", "fr": "retient un choix sur les traceurs"},
    "optout": {"en": "remembers an objection", "fr": "retient une opposition"},
    "experiment": {
        "en": "shows the same variant of a page each time",
        "fr": "montre à chaque fois la même variante d’une page",
    },
    "referrer": {"en": "remembers where the visitor came from", "fr": "retient d’où vient le visiteur"},
    "player": {
        "en": "remembers how the player is set and what was played",
        "fr": "retient l’état et les réglages du lecteur",
    },
    "chat": {"en": "finds a conversation again", "fr": "retrouve une conversation"},
    "form": {"en": "makes a form or survey work", "fr": "fait fonctionner un formulaire ou une enquête"},
    "payment": {"en": "carries a payment through", "fr": "mène un paiement à bien"},
    "popup": {"en": "remembers that a message was shown", "fr": "retient qu’un message a été montré"},
    "test": {"en": "finds out whether cookies are accepted", "fr": "vérifie que les cookies sont acceptés"},
    "performance": {"en": "measures how fast and well pages work", "fr": "mesure la rapidité et le bon fonctionnement"},
    "shares": {"en": "counts and remembers what is shared", "fr": "compte et retient les partages"},
    "basket": {"en": "remembers a shopping basket", "fr": "retient un panier"},
}
