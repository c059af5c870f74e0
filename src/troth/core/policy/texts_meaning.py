"""Texts about what a policy file says: names that refer to nothing, rules that cannot be followed."""

from __future__ import annotations

from collections.abc import Mapping


def _unknown(english: str, french: str) -> tuple[str, str]:
    return (
        f"no {english} is called '{{value}}'{{nearest}}",
        f"{french} ne s'appelle « {{value}} »{{nearest}}",
    )


MEANING: Mapping[str, tuple[str, str]] = {
    "unknown_purpose": _unknown("purpose", "aucune finalité"),
    "unknown_recipient": _unknown("recipient", "aucun destinataire"),
    "unknown_store": _unknown("store", "aucun stockage"),
    "unknown_collection": _unknown("collection of this store", "aucune collection de ce stockage"),
    "unknown_event": _unknown("event", "aucun événement"),
    "unknown_role": _unknown("role of staff", "aucun rôle du personnel"),
    "unknown_people": _unknown("group under people:", "aucun groupe sous people:"),
    "unknown_client": _unknown("client", "aucun client"),
    "unknown_chapter": _unknown("chapter", "aucun chapitre"),
    "unknown_catalogue": (
        "the catalogue has no service '{value}': `troth services` lists those it has, and others are described here "
        "without `uses:`{nearest}",
        "le catalogue n'a pas de service « {value} » : `troth services` donne ceux qu'il a, les autres se décrivent "
        "ici sans `uses:`{nearest}",
    ),
    "unknown_kept": (
        "the catalogue does not say that {service} keeps '{value}'{nearest}",
        "le catalogue ne dit pas que {service} garde « {value} »{nearest}",
    ),
    "unknown_reference": (
        "'{value}' is nothing in this file; write for example purposes.orders or stores.shop{nearest}",
        "« {value} » n'est rien dans ce fichier ; écrivez par exemple purposes.orders ou stores.shop{nearest}",
    ),
    "unknown_category": (
        "'{value}' is no category of the W3C vocabulary; others are declared under categories:{nearest}",
        "« {value} » n'est pas une catégorie du vocabulaire du W3C ; d'autres se déclarent sous categories:{nearest}",
    ),
    "unknown_state": (
        "no collection declares the state '{value}' under states:{nearest}",
        "aucune collection ne déclare l'état « {value} » sous states:{nearest}",
    ),
    "unknown_field": (
        "'{value}' is neither a field nor one of the other_columns of {collection}{nearest}; declare it there",
        "« {value} » n'est ni un champ ni une des other_columns de {collection}{nearest} ; déclarez-le là",
    ),
    "unknown_language": (
        "'{value}' is not among the languages of the policy ({languages})",
        "« {value} » n'est pas parmi les langues de la politique ({languages})",
    ),
    "missing_language": (
        "this text is missing in {languages}",
        "ce texte manque en {languages}",
    ),
    "colour_unreadable_light": (
        "links in {value} could not be read on the light page: contrast {ratio} on {paper}, and 4.5 is needed"
        " (WCAG 1.4.3); the nearest colour that can be read is {near}",
        "des liens en {value} seraient illisibles sur la page claire : contraste {ratio} sur {paper}, or il faut 4.5"
        " (WCAG 1.4.3) ; la couleur lisible la plus proche est {near}",
    ),
    "colour_unreadable_dark": (
        "links in {value} could not be read on the dark page: contrast {ratio} on {paper}, and 4.5 is needed"
        " (WCAG 1.4.3); the nearest colour that can be read is {near}",
        "des liens en {value} seraient illisibles sur la page sombre : contraste {ratio} sur {paper}, or il faut 4.5"
        " (WCAG 1.4.3) ; la couleur lisible la plus proche est {near}",
    ),
    "unknown_timezone": (
        "'{value}' is not a time zone; write for example Europe/Paris{nearest}",
        "« {value} » n'est pas un fuseau horaire ; écrivez par exemple Europe/Paris{nearest}",
    ),
    "keep_endless": (
        "no end is given; say 'for' and 'after', or 'while'",
        "aucune fin n'est donnée ; indiquez « for » et « after », ou « while »",
    ),
    "keep_half": (
        "'for' (how long) and 'after' (from which event) belong together",
        "« for » (combien de temps) et « after » (depuis quel événement) vont ensemble",
    ),
    "hold_end": (
        "a hold ends either 'for' a period 'after' an event, or lasts 'while' a state does; give one of the two",
        "une conservation prend fin après une durée (« for », « after »), ou dure tant qu'un état persiste"
        " (« while ») ; donnez l'un des deux",
    ),
    "notice_without_reason": (
        "who tells a recipient nothing must say why (because:)",
        "qui n'avise pas un destinataire doit dire pourquoi (because:)",
    ),
    "agreement_party": (
        "an agreement is with one 'recipient' or with one 'client'",
        "un accord est conclu avec un « recipient » ou avec un « client »",
    ),
    "test_empty": (
        "nothing is tested; write a value, a list, null, or not, gt, ge, lt, le",
        "rien n'est vérifié ; écrivez une valeur, une liste, null, ou not, gt, ge, lt, le",
    ),
    "test_null_in_list": (
        "null cannot stand in a list with other values; test it on its own",
        "null ne peut figurer dans une liste avec d'autres valeurs ; vérifiez-le seul",
    ),
    "test_null_compared": (
        "nothing is more or less than null; write 'not: null' for a column that is filled",
        "rien n'est plus ou moins que null ; écrivez « not: null » pour une colonne remplie",
    ),
    "field_kind": (
        "a field has exactly one of 'is' (its category), 'json' or 'php' (the values within)",
        "un champ a exactement un de « is » (sa catégorie), « json » ou « php » (les valeurs à l'intérieur)",
    ),
    "field_inner": (
        "with 'json' or 'php' the other keys belong to each value within",
        "avec « json » ou « php », les autres clés appartiennent à chaque valeur à l'intérieur",
    ),
    "refused_value": (
        "say either 'value' (what stands in the column of whoever refuses) or 'is' (it tells since when)",
        "indiquez « value » (ce que contient la colonne pour qui refuse) ou « is » (elle dit depuis quand)",
    ),
    "flag_twice": (
        "'{column}' would get different values for {first} and for {second}: the second would undo the first",
        "« {column} » recevrait des valeurs différentes pour {first} et pour {second} : la seconde défait la première",
    ),
    "flag_of_consent": (
        "'{column}' tells of a consent ({purpose}): at its end a restriction would give it in the person's place",
        "« {column} » dit un consentement ({purpose}) : à sa fin, la limitation le donnerait à la place de la personne",
    ),
    "clock_format": (
        "'format' goes with 'is: text', and 'is: text' needs it",
        "« format » va avec « is: text », et « is: text » en a besoin",
    ),
    "clock_format_day": (
        "the format must name year, month and day, for example '%d/%m/%Y'",
        "le format doit nommer l'année, le mois et le jour, par exemple « %d/%m/%Y »",
    ),
    "link_text": (
        "'text' has one {{}} where the parent's value stands, and goes with a single column",
        "« text » a un seul {{}} à la place de la valeur du parent, et va avec une seule colonne",
    ),
    "link_mixed": (
        "give the parent's column for every column or for none",
        "donnez la colonne du parent pour chaque colonne ou pour aucune",
    ),
    "rows_and_fields": (
        "'rows' and 'fields' exclude each other: with 'rows' each row is one value",
        "« rows » et « fields » s'excluent : avec « rows », chaque ligne est une valeur",
    ),
    "rows_as_parent": (
        "'{value}' holds keys and values; nothing can belong to it",
        "« {value} » contient des clés et des valeurs ; rien ne peut lui appartenir",
    ),
    "path_empty_step": (
        "the path '{value}' has an empty step; write for example address.city or tags.*",
        "le chemin « {value} » a une étape vide ; écrivez par exemple address.city ou tags.*",
    ),
    "unidentified_subject": (
        "a collection that nobody can be identified from has no subject; delete one of the two",
        "une collection d'où l'on n'identifie personne n'a pas de subject ; supprimez l'un des deux",
    ),
    "no_purpose": (
        "'{field}' has no purpose; write 'for: …' here or on the collection. Data without a purpose must not be kept",
        "« {field} » n'a pas de finalité ; écrivez « for: … » ici ou sur la collection. Une donnée sans finalité ne"
        " doit pas être conservée",
    ),
    "unreachable": (
        "nobody can be found from '{collection}': give it 'subject:' (a column that finds the person), or"
        " 'belongs_to:' a collection that has one, or 'unidentified: true' if nobody can be identified from it",
        "on ne peut trouver personne à partir de « {collection} » : donnez-lui « subject: » (une colonne qui trouve la"
        " personne), ou « belongs_to: » une collection qui en a une, ou « unidentified: true » si personne ne peut en"
        " être identifié",
    ),
    "links_in_a_ring": (
        "these collections only belong to each other and none is found through a person: {ring}",
        "ces collections n'appartiennent qu'entre elles et aucune ne se trouve par une personne : {ring}",
    ),
    "hold_parent_unreachable": (
        "'{value}' is not reached from '{collection}' along belongs_to{nearest}",
        "« {value} » ne s'atteint pas depuis « {collection} » par belongs_to{nearest}",
    ),
    "event_unseen": (
        "purpose '{purpose}' counts from '{event}', but '{collection}' neither declares it under events: nor belongs to"
        " a collection that does",
        "la finalité « {purpose} » compte depuis « {event} », mais « {collection} » ne le déclare pas sous events: et"
        " n'appartient à aucune collection qui le fait",
    ),
    "event_unseen_person": (
        "purpose '{purpose}' counts from '{event}', but no collection of any store declares it under events:",
        "la finalité « {purpose} » compte depuis « {event} », mais aucune collection d'aucun stockage ne le déclare"
        " sous events:",
    ),
    "hold_event_unseen": (
        "the hold '{hold}' counts from '{event}', but '{collection}' neither declares it under events: nor belongs to a"
        " collection that does",
        "la conservation « {hold} » compte depuis « {event} », mais « {collection} » ne le déclare pas sous events: et"
        " n'appartient à aucune collection qui le fait",
    ),
    "state_unseen": (
        "purpose '{purpose}' lasts while '{state}', but nothing that '{collection}' is linked with declares it under"
        " states:",
        "la finalité « {purpose} » dure tant que « {state} », mais rien de ce qui est lié à « {collection} » ne le"
        " déclare sous states:",
    ),
    "hold_state_unseen": (
        "the hold '{hold}' lasts while '{state}', but '{collection}' and what it belongs to do not declare it under"
        " states:",
        "la conservation « {hold} » dure tant que « {state} », mais ni « {collection} » ni ce dont elle dépend ne le"
        " déclare sous states:",
    ),
    "hold_if_unseen": (
        "the hold '{hold}' is for rows in the state '{state}', but '{collection}' and what it belongs to do not declare"
        " it under states:",
        "la conservation « {hold} » vaut pour les lignes dans l'état « {state} », mais ni « {collection} » ni ce dont"
        " elle dépend ne le déclare sous states:",
    ),
    "hold_if_not_held": (
        "the hold '{hold}' is for rows in the state '{state}', which '{value}' tells, and does not keep that: name it"
        " in its fields, or the hold ends when it is emptied",
        "la conservation « {hold} » vaut pour les lignes dans l'état « {state} », que dit « {value} », et ne le garde"
        " pas : nommez-le dans ses champs, sinon elle prend fin quand il est vidé",
    ),
    "hold_if_not_held_above": (
        "the hold '{hold}' is for rows in the state '{state}', which '{value}' of '{above}' tells, and nothing keeps"
        " that as long: name it under parents:, or the hold ends when it is emptied",
        "la conservation « {hold} » vaut pour les lignes dans l'état « {state} », que dit « {value} » de « {above} »,"
        " et rien ne le garde aussi longtemps : nommez-le sous parents:, sinon elle prend fin quand il est vidé",
    ),
    "nothing_declared": (
        "'{collection}' declares neither fields, rows, subject, states nor events: nothing would be done with it",
        "« {collection} » ne déclare ni champs, ni rows, ni subject, ni états, ni événements : rien n'en serait fait",
    ),
    "category_not_told": (
        "'{category}' is used for '{purpose}' but is not among the categories that this purpose tells people",
        "« {category} » sert à « {purpose} » mais ne figure pas parmi les catégories que cette finalité annonce",
    ),
    "built_in_event": (
        "'{value}' is built in and cannot be given another meaning; use another name",
        "« {value} » est prédéfini et ne peut prendre un autre sens ; employez un autre nom",
    ),
}  # fmt: skip
