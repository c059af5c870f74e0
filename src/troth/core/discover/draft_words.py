"""What a draft says in its comments, in English and French."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.discover.model import Reason

HEADS: Mapping[str, tuple[str, str]] = {
    "policy_head": (
        "A draft by `troth discover`, made from names and from counted samples: everything in it is a guess.\n"
        "Nothing is changed by it (mode: observe). Go through it from top to bottom, decide each TODO, and run\n"
        "`troth check`. Then try it: `troth erase --dry-run` shows what would happen to one person.",
        "Un brouillon de `troth discover`, tiré des noms et d'échantillons comptés : tout n'y est que supposition.\n"
        "Il ne change rien (mode: observe). Parcourez-le de haut en bas, décidez de chaque TODO, puis lancez\n"
        "`troth check`. Essayez-le ensuite : `troth erase --dry-run` montre ce qui arriverait à une personne.",
    ),
    "stores_head": (
        "A draft by `troth discover`: everything in it is a guess. For the `include:` of a policy, which must also"
        " have",
        "Un brouillon de `troth discover` : tout n'y est que supposition. Pour l'`include:` d'une politique, qui doit"
        " aussi avoir",
    ),
    "needs_purposes": ("purposes: {names}", "purposes: {names}"),
    "needs_events": ("events: {names}", "events: {names}"),
    "needs_identifiers": (
        "identifiers: {names} (strong: false)",
        "identifiers: {names} (strong: false)",
    ),
    "title": ("Privacy policy", "Politique de confidentialité"),
    "todo_title": ("TODO: confirm the whole section", "TODO : confirmez toute la section"),
    "todo_name": ("TODO: the full legal name", "TODO : la dénomination complète"),
    "todo_country": ("TODO: where you are established", "TODO : où vous êtes établis"),
    "todo_timezone": ("TODO", "TODO"),
    "todo_version": ("TODO: the day from which it applies", "TODO : le jour à partir duquel elle s'applique"),
    "todo_location": ("TODO: the country where the database lies", "TODO : le pays où se trouve la base"),
    "todo_basis": ("TODO: confirm the lawful basis", "TODO : confirmez la base légale"),
    "todo_people": ("TODO: what you call them", "TODO : comment vous les appelez"),
    "todo_keep": (
        "TODO: a usual period, not yours; confirm it",
        "TODO : une durée courante, pas la vôtre ; confirmez-la",
    ),
    "todo_keep_open": (
        "TODO: how long? No column tells of a moment from which it could be counted",
        "TODO : combien de temps ? Aucune colonne ne dit un moment depuis lequel compter",
    ),
    "numbers_weak": (
        "numbers are not searched for in texts: they stand for other things as well",
        "les numéros ne sont pas cherchés dans les textes : ils désignent aussi autre chose",
    ),
    "observe": ("reads and reports; never changes anything", "lit et rapporte ; ne change jamais rien"),
    "state": (
        "every row, until the periods are decided",
        "toutes les lignes, tant que les durées ne sont pas décidées",
    ),
    "unverified": (
        "TODO: say verified: true if you check it when it is entered",
        "TODO : dites verified: true si vous la vérifiez à la saisie",
    ),
    "nothing": ("nothing personal was found in this database", "rien de personnel n'a été trouvé dans cette base"),
    "only_loose": ("nobody is found from any table; see below", "aucune table ne mène à quelqu'un ; voir plus bas"),
    "aside": (
        "TODO: are the tables below about people? They look so, but lead to nobody: a list of artists or products?\n"
        "They are left out, so that no rule touches their rows. To take one in, remove the `# ` in front, name the\n"
        "purpose, and give subject: or belongs_to: where you know whose rows they are.",
        "TODO : les tables qui suivent concernent-elles des personnes ? Elles ne mènent à personne (des produits ?).\n"
        "Laissées de côté, aucune règle ne touche leurs lignes. Pour en décrire une, ôtez le `# ` de tête, nommez\n"
        "la finalité, et donnez subject: ou belongs_to: si vous savez à qui sont ces lignes.",
    ),
    "empty": ("the database has no tables that this account sees", "la base n'a aucune table visible pour ce compte"),
    "no_personal": ("Without personal data, it seems:", "Sans données personnelles, semble-t-il :"),
    "unmapped_columns": ("not judged:", "non jugées :"),
    "troubles": ("What could not be seen:", "Ce qui n'a pas pu être vu :"),
    "cut": (
        "{count} tables are left out: the file would be too large. See `troth discover --format json`.",
        "{count} tables sont omises : le fichier serait trop grand. Voir `troth discover --format json`.",
    ),
    "refused": (
        "TODO: does this say who wants no more of something? Then name the purpose, and check which value says no",
        "TODO : est-ce ici qu'on lit qui ne veut plus de quelque chose ? Nommez la finalité, et vérifiez quelle valeur"
        " dit non",
    ),
    "hold": (
        "TODO: accounting documents usually have to be kept; then say which fields and how long under `holds:`",
        "TODO : les pièces comptables doivent en général être conservées ; dites alors quels champs et combien de temps"
        " sous `holds:`",
    ),
    "rows_about": ("about {count} rows", "environ {count} lignes"),
    "rows_exact": ("{count} rows", "{count} lignes"),
}

REMARKS: Mapping[str, tuple[str, str]] = {
    "nobody_found": (
        "nobody is found from these rows (GDPR Article 11)",
        "personne n'est trouvé à partir de ces lignes (RGPD, article 11)",
    ),
    "no_key": (
        "the table has no primary key, so nobody's rows can be told apart in it",
        "la table n'a pas de clé primaire : on ne peut y distinguer les lignes de personne",
    ),
    "soft_delete": (
        "{column} seems to mark deleted rows: the software may only hide them",
        "{column} semble marquer les lignes supprimées : le logiciel ne fait peut-être que les cacher",
    ),
    "field_perhaps": ("perhaps {place}: {category}", "peut-être {place} : {category}"),
    "field_beside_rows": (
        "also {place}: {category}, which `rows:` cannot say; map the table a second time",
        "aussi {place} : {category}, que `rows:` ne peut dire ; décrivez la table une seconde fois",
    ),
    "clock_perhaps": ("perhaps {place} tells of {event}", "peut-être {place} dit {event}"),
    "link_perhaps": ("refers to {parent} by {place}", "renvoie à {parent} par {place}"),
    "link_ring": (
        "also belongs to {parent} by {place}; that would be a ring",
        "dépend aussi de {parent} par {place} ; ce serait un cercle",
    ),
    "link_itself": ("refers to itself by {place}", "renvoie à elle-même par {place}"),
    "link_unmapped": (
        "refers to {parent} by {place}, which is not mapped",
        "renvoie à {parent} par {place}, qui n'est pas décrite",
    ),
    "link_to_rows": (
        "belongs to {parent} by {place}, which holds keys and values",
        "dépend de {parent} par {place}, qui contient des clés et des valeurs",
    ),
    "link_unwritable": (
        "belongs to {parent} by {place}, which cannot be written here",
        "dépend de {parent} par {place}, qui ne peut s'écrire ici",
    ),
}

REASONS: Mapping[str, tuple[str, str]] = {
    "link_declared": ("the database declares it", "la base le déclare"),
    "link_key_name": ("{column} is what the key of {table} is called", "{column} est le nom de la clé de {table}"),
    "link_name": ("the name says {table}", "le nom dit {table}"),
    "link_name_part": ("part of the name says {table}", "une partie du nom dit {table}"),
    "link_short": ("the name seems short for {table}", "le nom semble une abréviation de {table}"),
    "link_role": ("the name says a person's part", "le nom dit le rôle d'une personne"),
    "link_same_key": ("it has the key of {table}: {columns}", "elle a la clé de {table} : {columns}"),
    "link_values": ("its values are those of {table}.{column}", "ses valeurs sont celles de {table}.{column}"),
    "link_as_elsewhere": ("as {column} does in {count} other tables", "comme {column} dans {count} autres tables"),
    "link_by_kind": ("{column} says {value}", "{column} dit {value}"),
    "link_included": ("{found} of {asked} values stand there", "{found} valeurs sur {asked} s'y trouvent"),
    "link_no_values": ("no values to compare", "pas de valeurs à comparer"),
    "link_unseen": ("values were not compared", "les valeurs n'ont pas été comparées"),
    "link_turned": ("{table} points here by {column}", "{table} renvoie ici par {column}"),
    "link_handled": (
        "this person only dealt with the row, it is about somebody else",
        "cette personne n'a fait que traiter la ligne, qui concerne quelqu'un d'autre",
    ),
    "link_other_person": ("the row is a person of its own", "la ligne est une personne à part"),
    "role_part_of": ("it describes people of {table}", "elle décrit des personnes de {table}"),
    "role_by_identifier": ("only {column} tells whose it is", "seul {column} dit à qui elle est"),
    "role_not_a_table": (
        "{kind}: its rows are those of other tables",
        "{kind} : ses lignes sont celles d'autres tables",
    ),
}

LEVELS = (
    (0.9, ("sure", "sûr")), (0.7, ("likely", "probable")), (0.5, ("possible", "possible")),
    (0.0, ("doubtful", "douteux")),
)  # fmt: skip


def index_of(language: str) -> int:
    """Where a language stands in the pairs: English first, French second; English for any other."""
    return 1 if language.startswith("fr") else 0


def say(table: Mapping[str, tuple[str, str]], code: str, language: str, params: Mapping[str, str] | None = None) -> str:
    """A sentence of one of the tables above. Braces within what fills it stay as they are."""
    text = table[code][index_of(language)]
    for name, filled in (params or {}).items():
        text = text.replace("{" + name + "}", filled)
    return text


def reason_text(reason: Reason, language: str) -> str:
    """A reason in words: of links and roles by the tables here, of fields and clocks by ``texts``."""
    if reason.code in REASONS:
        return say(REASONS, reason.code, language, reason.params)
    from troth.core.discover.texts import reason_in

    return reason_in(language, reason)


def confidence_text(confidence: float, language: str) -> str:
    """``sure (0.98)``."""
    level = next(words for least, words in LEVELS if confidence >= least)
    return f"{level[index_of(language)]} ({confidence:.2f})"
