"""Why something is not in a package, in English and French."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.rights.access import Reason
from troth.core.rights.information_words import Two, two

REASONS: Mapping[Reason, Two] = {
    "shared": two(
        "also concerns somebody else; a person is deciding what you may have",
        "concerne aussi quelqu’un d’autre ; une personne décide de ce qui peut vous être remis",
    ),
    "unverified": two(
        "found only by a detail that nobody has verified; a person is deciding whether it is yours",
        "trouvé seulement par une information que personne n’a vérifiée ; une personne décide si c’est à vous",
    ),
    "too_many": two(
        "more than one person can have; a person is looking into it",
        "plus que ne peut en avoir une seule personne ; une personne l’examine",
    ),
    "unreachable": two(
        "could not be reached; this answer will be completed", "n’a pas pu être joint ; cette réponse sera complétée"
    ),
    "interrupted": two(
        "could not be read to the end; this answer will be completed",
        "n’a pas pu être lu jusqu’au bout ; cette réponse sera complétée",
    ),
    "secret": two(
        "secret that serves to log in; handing it over would endanger you",
        "secret qui sert à se connecter ; le remettre vous mettrait en danger",
    ),
    "not_exported": two(
        "kept back by the publisher’s policy; you may ask why",
        "retenu par la politique du responsable ; vous pouvez demander pourquoi",
    ),
    "undescribed": two(
        "columns of the same tables in which the policy declares no personal data",
        "colonnes des mêmes tables où la politique ne déclare aucune donnée personnelle",
    ),
    "undescribed_within": two(
        "other values in these columns, in which the policy declares no personal data",
        "autres valeurs de ces colonnes, où la politique ne déclare aucune donnée personnelle",
    ),
    "no_fields": two(
        "records linked to you in which the policy declares no personal data",
        "enregistrements liés à vous où la politique ne déclare aucune donnée personnelle",
    ),
    "inferred": two(
        "deduced, not given by you nor observed (Article 20 does not cover it; ask for access instead)",
        "déduit, ni fourni par vous ni observé (l’article 20 ne le couvre pas ; demandez l’accès)",
    ),
    "other_basis": two(
        "used neither by consent nor for a contract (Article 20 does not cover it; ask for access instead)",
        "utilisé sans consentement ni contrat (l’article 20 ne le couvre pas ; demandez l’accès)",
    ),
    "structure": two(
        "columns that the policy does not declare as given by you or observed",
        "colonnes que la politique ne déclare ni fournies par vous ni observées",
    ),
}
