"""Texts about how a policy file is written: bytes, YAML, format, files, variables, secrets, keys and types."""

from __future__ import annotations

from collections.abc import Mapping

WRITING: Mapping[str, tuple[str, str]] = {
    "too_large": (
        "the file is larger than {limit}; split it with include:",
        "le fichier dépasse {limit} ; partagez-le avec include:",
    ),
    "not_utf8": (
        "the file is not UTF-8; save it as UTF-8 in your editor",
        "le fichier n'est pas en UTF-8 ; enregistrez-le en UTF-8 dans votre éditeur",
    ),
    "control_character": (
        "an invisible character ({character}) stands here; delete it",
        "un caractère invisible ({character}) se trouve ici ; supprimez-le",
    ),
    "empty": (
        "the file is empty; a policy begins with 'format: 1'",
        "le fichier est vide ; une politique commence par « format: 1 »",
    ),
    "not_a_mapping": (
        "the file must be made of keys and values, beginning with 'format: 1'",
        "le fichier doit être fait de clés et de valeurs, en commençant par « format: 1 »",
    ),
    "several_documents": (
        "a second document begins here (---); keep one policy in one file",
        "un second document commence ici (---) ; gardez une seule politique par fichier",
    ),
    "directive": (
        "YAML directives (%…) are not used here; delete the line",
        "les directives YAML (%…) ne sont pas employées ici ; supprimez la ligne",
    ),
    "too_deep": (
        "more than {depth} levels lie inside each other; no policy needs that",
        "plus de {depth} niveaux sont imbriqués ; aucune politique n'en a besoin",
    ),
    "tab_indent": (
        "a tab stands in the indentation; use spaces",
        "une tabulation se trouve dans le retrait ; employez des espaces",
    ),
    "syntax": (
        "this cannot be read as YAML; look at the quotes, brackets and indentation of this line and the one before",
        "ceci ne peut être lu comme du YAML ; voyez les guillemets, crochets et retraits de cette ligne et de la"
        " précédente",
    ),
    "syntax_character": (
        "a value cannot begin with this character; put it in quotes",
        "une valeur ne peut commencer par ce caractère ; mettez-la entre guillemets",
    ),
    "syntax_colon": (
        "a second 'key: value' begins on this line; put a text that holds a colon in quotes, or mend the indentation",
        "une seconde « clé: valeur » commence sur cette ligne ; mettez entre guillemets un texte qui contient un"
        " deux-points, ou corrigez le retrait",
    ),
    "syntax_key": (
        "a key without its colon; write 'key: value'",
        "une clé sans son deux-points ; écrivez « clé: valeur »",
    ),
    "syntax_quote": (
        "a quote opened here is not closed",
        "un guillemet ouvert ici n'est pas fermé",
    ),
    "syntax_bracket": (
        "a bracket is not closed, or a comma is missing before this place",
        "un crochet ou une accolade n'est pas fermé, ou une virgule manque avant cet endroit",
    ),
    "syntax_variable": (
        "inside {{ }} and [ ] a variable is written in quotes: \"${{NAME}}\"",
        "entre {{ }} et [ ], une variable s'écrit entre guillemets : \"${{NOM}}\"",
    ),
    "syntax_indent": (
        "the indentation fits no level above; entries of one level begin in the same column",
        "le retrait ne correspond à aucun niveau ; les entrées d'un même niveau commencent à la même colonne",
    ),
    "syntax_escape": (
        "this backslash means nothing inside double quotes; use single quotes or write two backslashes",
        "cette barre oblique inverse ne veut rien dire entre guillemets doubles ; employez des apostrophes ou"
        " écrivez-en deux",
    ),
    "duplicate_key": (
        "'{key}' was given before ({first}); keep one of the two",
        "« {key} » a déjà été donné ({first}) ; gardez l'un des deux",
    ),
    "key_not_text": (
        "a key must be a single word or text",
        "une clé doit être un mot ou un texte",
    ),
    "key_not_text_word": (
        "the key {word} is taken for a value by YAML; write it in quotes: \"{word}\"",
        "la clé {word} est prise pour une valeur par YAML ; mettez-la entre guillemets : \"{word}\"",
    ),
    "ambiguous_norway": (
        "other YAML readers take {word} for false; write \"{word}\" in quotes for Norway or Norwegian, or false",
        "d'autres lecteurs YAML prennent {word} pour false ; écrivez \"{word}\" entre guillemets pour la Norvège ou"
        " le norvégien, ou bien false",
    ),
    "ambiguous_false": (
        "other YAML readers take {word} for false; write \"{word}\" in quotes for the text, or false",
        "d'autres lecteurs YAML prennent {word} pour false ; écrivez \"{word}\" entre guillemets pour le texte, ou"
        " bien false",
    ),
    "ambiguous_true": (
        "other YAML readers take {word} for true; write \"{word}\" in quotes for the text, or true",
        "d'autres lecteurs YAML prennent {word} pour true ; écrivez \"{word}\" entre guillemets pour le texte, ou"
        " bien true",
    ),
    "leading_zero": (
        "{word} would lose its leading zero (other YAML readers even count it in eights); write it in quotes:"
        " \"{word}\"",
        "{word} perdrait son zéro initial (d'autres lecteurs YAML le comptent même par huit) ; mettez-le entre"
        " guillemets : \"{word}\"",
    ),
    "number_based": (
        "{word} is a number in eights or sixteens; write it in tens, or in quotes if it is a text",
        "{word} est un nombre en octal ou hexadécimal ; écrivez-le en décimal, ou entre guillemets si c'est un texte",
    ),
    "number_too_long": (
        "a number of more than {limit} digits; write it in quotes if it is a text",
        "un nombre de plus de {limit} chiffres ; mettez-le entre guillemets si c'est un texte",
    ),
    "number_not_finite": (
        "{word} is not a finite number",
        "{word} n'est pas un nombre fini",
    ),
    "date_impossible": (
        "{word} is not a day of the calendar; write it in quotes if it is a text",
        "{word} n'est pas un jour du calendrier ; mettez-le entre guillemets si c'est un texte",
    ),
    "unknown_tag": (
        "the tag {tag} is not used here; delete it, and write texts in quotes",
        "l'étiquette {tag} n'est pas employée ici ; supprimez-la, et mettez les textes entre guillemets",
    ),
    "alias_unknown": (
        "*{name} refers to nothing; put a text that begins with an asterisk in quotes",
        "*{name} ne renvoie à rien ; mettez entre guillemets un texte qui commence par un astérisque",
    ),
    "alias_recursive": (
        "*{name} contains itself",
        "*{name} se contient lui-même",
    ),
    "alias_bomb": (
        "repeating by aliases would grow the file by more than {limit} values; write it out or shorten it",
        "les répétitions par alias ajouteraient plus de {limit} valeurs ; écrivez-les ou réduisez-les",
    ),
    "merge_key": (
        "merge keys (<<) are not used here, because readers disagree on them; write the keys out",
        "les clés de fusion (<<) ne sont pas employées ici, car les lecteurs divergent ; écrivez les clés",
    ),
    "format_missing": (
        "the first line must be 'format: {format}'",
        "la première ligne doit être « format: {format} »",
    ),
    "format_newer": (
        "this file has format {found}, made for a newer Troth; this one reads format {format}. Install the newer"
        " version; 'troth upgrade' brings older files to the format of the version installed",
        "ce fichier a le format {found}, fait pour un Troth plus récent ; celui-ci lit le format {format}. Installez"
        " la version récente ; « troth upgrade » amène les anciens fichiers au format de la version installée",
    ),
    "format_wrong": (
        "the format must be the whole number {format}; 'troth upgrade' mends older files",
        "le format doit être le nombre entier {format} ; « troth upgrade » répare les anciens fichiers",
    ),
    "include_not_text": (
        "include: takes the names of files beside this one",
        "include: attend les noms de fichiers placés près de celui-ci",
    ),
    "include_outside": (
        "'{path}' lies outside the policy's folder; files of a policy stay together",
        "« {path} » se trouve hors du dossier de la politique ; ses fichiers restent ensemble",
    ),
    "include_unreadable": (
        "'{path}' cannot be read; does it exist?",
        "« {path} » ne peut être lu ; existe-t-il ?",
    ),
    "include_cycle": (
        "'{path}' is already included; a file is included once",
        "« {path} » est déjà inclus ; un fichier s'inclut une seule fois",
    ),
    "include_too_many": (
        "more than {limit} files, or more than 5 MB in all, are included",
        "plus de {limit} fichiers, ou plus de 5 Mo en tout, sont inclus",
    ),
    "defined_twice": (
        "'{key}' is already given in {first}; keep one of the two",
        "« {key} » est déjà donné dans {first} ; gardez l'un des deux",
    ),
    "variable_unset": (
        "the environment variable {name} is not set; set it, or write the value here",
        "la variable d'environnement {name} n'est pas définie ; définissez-la, ou écrivez la valeur ici",
    ),
    "variable_malformed": (
        "'${{' begins the name of an environment variable and must end with '}}'; write '$${{' for the text itself",
        "« ${{ » ouvre le nom d'une variable d'environnement et doit se fermer par « }} » ; écrivez « $${{ » pour le"
        " texte lui-même",
    ),
    "secret_in_clear": (
        "a secret stands here in clear; put it into an environment variable and write ${{NAME}} instead. Whoever has"
        " had this file knows the secret: change it",
        "un secret se trouve ici en clair ; placez-le dans une variable d'environnement et écrivez ${{NOM}} à la place."
        " Quiconque a eu ce fichier connaît le secret : changez-le",
    ),
    "unknown_key": (
        "'{key}' is not a key here{nearest}",
        "« {key} » n'est pas une clé ici{nearest}",
    ),
    "missing_key": (
        "'{key}' is missing here",
        "« {key} » manque ici",
    ),
    "wrong_type": (
        "expected {expected}",
        "attendu : {expected}",
    ),
    "wrong_value": (
        "'{value}' is not possible here; expected {expected}{nearest}",
        "« {value} » n'est pas possible ici ; attendu : {expected}{nearest}",
    ),
    "bad_name": (
        "'{value}' cannot be a name; expected {expected}",
        "« {value} » ne peut être un nom ; attendu : {expected}",
    ),
    "bad_period": (
        "'{value}' is not a period; write for example '3 years', '13 months', '2 weeks'",
        "« {value} » n'est pas une durée ; écrivez par exemple « 3 ans », « 13 mois », « 2 semaines »",
    ),
    "bad_colour": (
        "'{value}' is not a colour; write it in quotes with six digits, such as \"#0b5a6b\"",
        "« {value} » n'est pas une couleur ; écrivez-la entre guillemets avec six chiffres, comme \"#0b5a6b\"",
    ),
    "colour_missing": (
        "there is no colour here: without quotes # begins a comment; write for example \"#0b5a6b\"",
        "il n'y a pas de couleur ici : sans guillemets, # ouvre un commentaire ; écrivez par exemple \"#0b5a6b\"",
    ),
    "bad_month_day": (
        "'{value}' is not a day of the year; write the month first, such as 12-31",
        "« {value} » n'est pas un jour de l'année ; écrivez le mois d'abord, comme 12-31",
    ),
    "unknown_country": (
        "'{value}' is not a country; write its two letters of ISO 3166, such as FR{nearest}",
        "« {value} » n'est pas un pays ; écrivez ses deux lettres ISO 3166, comme FR{nearest}",
    ),
}  # fmt: skip
