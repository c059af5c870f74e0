"""The sentences of a verification, in English and French, by their code."""

from __future__ import annotations

from troth.core.evidence.report import Finding, State

LANGUAGES = ("en", "fr")

_CHECKS = {
    1: ("format", "format"),
    2: ("tree", "arbre"),
    3: ("inclusion", "inclusion"),
    4: ("consistency", "cohérence"),
    5: ("signature", "signature"),
    6: ("commitment", "engagement"),
    7: ("keys", "clés"),
    8: ("time", "temps"),
    9: ("outcome", "aboutissement"),
    10: ("held checkpoint", "point de contrôle détenu"),
}

_STATES = {
    State.OK: ("ok", "conforme"),
    State.FAILED: ("FAILED", "ÉCHEC"),
    State.NOT_APPLICABLE: ("not applicable", "sans objet"),
    State.NOT_REACHED: ("not reached", "non atteint"),
}

_SENTENCES = {
    # 1
    "cut_line": (
        "line {line} is cut off: the file is incomplete",
        "la ligne {line} est coupée : le fichier est incomplet",
    ),
    "cut_file": (
        "the file ends after line {line}, before its end: something is missing",
        "le fichier s’arrête après la ligne {line}, avant sa fin : il en manque",
    ),
    "not_canonical": (
        "line {line} is not written in the one form allowed: the file is damaged or was edited",
        "la ligne {line} n’est pas écrite sous la seule forme admise : fichier endommagé ou modifié",
    ),
    "bad_shape": (
        "line {line} is not one that a bundle can hold",
        "la ligne {line} n’a pas sa place dans un dossier de preuves",
    ),
    "unknown_version": (
        "line {line} names a version of the format that this Troth does not know",
        "la ligne {line} indique une version du format que ce Troth ne connaît pas",
    ),
    "out_of_order": (
        "line {line} is out of its place: something was removed, repeated or moved",
        "la ligne {line} n’est pas à sa place : une ligne a été retirée, répétée ou déplacée",
    ),
    "wrong_count": (
        "there are more or fewer events and checkpoints than the last line says",
        "il y a plus ou moins d’événements et de points de contrôle que ne le dit la dernière ligne",
    ),
    "not_redacted": (
        "line {line} shows content, though the file says that it shows none",
        "la ligne {line} montre un contenu alors que le fichier annonce n’en montrer aucun",
    ),
    "leaf_uncovered": (
        "the last event is covered by no checkpoint",
        "le dernier événement n’est couvert par aucun point de contrôle",
    ),
    # 2 to 4
    "tree_differs": (
        "the first {size} events are not those that were signed: one was changed, added, moved or removed",
        "les {size} premiers événements ne sont pas ceux qui ont été signés : l’un a été modifié, ajouté, "
        "déplacé ou retiré",
    ),
    "not_included": (
        "event {position} is not proven to be among the {size} that were signed",
        "rien ne prouve que l’événement {position} soit parmi les {size} qui ont été signés",
    ),
    "not_consistent": (
        "the log of {new} events does not begin with the log of {old}: history was rewritten between them",
        "le journal de {new} événements ne commence pas par celui de {old} : l’histoire a été réécrite entre les deux",
    ),
    # 5
    "other_origin": (
        "the checkpoint over {size} events is that of another log",
        "le point de contrôle à {size} événements est celui d’un autre journal",
    ),
    "bad_signature": (
        "the checkpoint over {size} events is not signed by the key that was in force",
        "le point de contrôle à {size} événements n’est pas signé par la clé alors en vigueur",
    ),
    # 6
    "body_differs": (
        "the content shown for event {position} is not the content that was recorded",
        "le contenu montré pour l’événement {position} n’est pas celui qui a été enregistré",
    ),
    "commitment_twice": (
        "event {position} repeats an earlier one: it was copied, not recorded",
        "l’événement {position} en répète un autre : il a été copié, non enregistré",
    ),
    # 7
    "key_unvouched": (
        "event {position} names a key that the key before it does not vouch for",
        "l’événement {position} nomme une clé dont la précédente ne répond pas",
    ),
    "no_first_key": (
        "the log does not begin by naming its key",
        "le journal ne commence pas par nommer sa clé",
    ),
    "keys_differ": (
        "the keys listed in the file are not those that the log names",
        "les clés énumérées dans le fichier ne sont pas celles que nomme le journal",
    ),
    "other_key": (
        "the key you gave is none of this log’s keys: {key}",
        "la clé que vous avez donnée n’est aucune de celles de ce journal : {key}",
    ),
    "key_unused": (
        "the key you gave is named in this log, but never signed it: {key}",
        "la clé que vous avez donnée est nommée dans ce journal, mais ne l’a jamais signé : {key}",
    ),
    # 8, 9
    "time_back": (
        "event {position} is dated before the event that precedes it",
        "l’événement {position} est daté d’avant celui qui le précède",
    ),
    "outcome_unannounced": (
        "event {position} says how something ended that was never announced",
        "l’événement {position} dit comment s’est terminé ce qui n’avait jamais été annoncé",
    ),
    "outcome_missing": (
        "event {position} announces something, and nothing says how it ended",
        "l’événement {position} annonce une action, et rien ne dit comment elle s’est terminée",
    ),
    # 10
    "held_other_log": (
        "the checkpoint you hold over {size} events is that of another log",
        "le point de contrôle à {size} événements que vous détenez est celui d’un autre journal",
    ),
    "held_not_signed": (
        "the checkpoint you hold over {size} events is not signed by this log’s key",
        "le point de contrôle à {size} événements que vous détenez n’est pas signé par la clé de ce journal",
    ),
    "held_newer": (
        "you hold a checkpoint over {size} events, this file ends at {newest}: ask for a newer one; if there "
        "is none, events were taken back",
        "vous détenez un point de contrôle à {size} événements, ce fichier s’arrête à {newest} : demandez-en "
        "un plus récent ; s’il n’y en a pas, des événements ont été repris",
    ),
    "held_not_covered": (
        "this file cannot be compared with the checkpoint you hold over {size} events: ask for the whole log, "
        "or for a file made with `troth bundle --checkpoint`",
        "ce fichier ne peut être comparé au point de contrôle à {size} événements que vous détenez : demandez "
        "le journal entier, ou un fichier fait avec `troth bundle --checkpoint`",
    ),
    "held_fork": (
        "the first {size} events are not those of the checkpoint you hold: history was rewritten since",
        "les {size} premiers événements ne sont pas ceux du point de contrôle que vous détenez : l’histoire a "
        "été réécrite depuis",
    ),
    # Proven
    "whole": (
        "The file holds a whole log of {leaves} events. None was changed, added, moved or removed since it was signed.",
        "Le fichier contient un journal entier de {leaves} événements. Aucun n’a été modifié, ajouté, déplacé "
        "ni retiré depuis sa signature.",
    ),
    "part": (
        "The file holds {leaves} events of a log of {size}. Each is in the signed log exactly as shown.",
        "Le fichier contient {leaves} événements d’un journal de {size}. Chacun est dans le journal signé, tel "
        "que montré.",
    ),
    "bodies": (
        "The content of {bodies} of {leaves} events is what was recorded at the time.",
        "Le contenu de {bodies} événements sur {leaves} est celui qui a été enregistré à l’époque.",
    ),
    "your_key": (
        "It was signed by the key you gave, or one that it vouches for, in the name of {origin}.",
        "Il a été signé par la clé que vous avez donnée, ou une dont elle répond, au nom de {origin}.",
    ),
    "your_checkpoint": (
        "It begins with exactly the {size} events of the checkpoint you hold: nothing of them was rewritten "
        "since you were given it.",
        "Il commence par les {size} événements exacts du point de contrôle que vous détenez : rien n’en a été "
        "réécrit depuis qu’il vous a été remis.",
    ),
    # Not proven
    "no_key": (
        "That it comes from {origin}: anybody could have made this file with a key of their own. Give --key "
        "with the key that the publisher makes public.",
        "Qu’il vienne de {origin} : n’importe qui pourrait avoir fait ce fichier avec sa propre clé. Donnez "
        "--key avec la clé que publie le responsable.",
    ),
    "no_checkpoint": (
        "That it was not all written anew yesterday: whoever holds the key could have. Give --checkpoint with "
        "one that came with an earlier answer.",
        "Qu’il n’ait pas été entièrement récrit hier : le détenteur de la clé l’aurait pu. Donnez --checkpoint "
        "avec celui qui accompagnait une réponse antérieure.",
    ),
    "withheld": (
        "What {withheld} events say: their content was deleted or is withheld. Their kind and time are certain.",
        "Ce que disent {withheld} événements : leur contenu a été supprimé ou n’est pas montré. Leur nature et "
        "leur date sont certaines.",
    ),
    "only_part": (
        "What else is in the log, about this request too: the file holds a choice of events.",
        "Ce que le journal contient d’autre, y compris sur cette demande : le fichier est un choix d’événements.",
    ),
    "clock": (
        "The times: they are those of the publisher’s own clock. Only their order is certain.",
        "Les dates : ce sont celles de l’horloge du responsable. Seul leur ordre est certain.",
    ),
    "truth": (
        "That what was recorded is true: that rows were really deleted can only be seen in the databases.",
        "Que ce qui est enregistré soit vrai : l’effacement réel des données ne se constate que dans les bases.",
    ),
    "complete": (
        "That everything was recorded: what never entered the log leaves no trace in it.",
        "Que tout ait été enregistré : ce qui n’est jamais entré au journal n’y laisse aucune trace.",
    ),
}


def sentence(finding: Finding, language: str = "en") -> str:
    """What a finding says."""
    return _SENTENCES[finding.code][LANGUAGES.index(language)].format(**finding.values)


_ALONE = {
    "what": (
        "This is a checkpoint, not a bundle: it fixes what the register of {origin} held, {events} events.",
        "Ceci est un point de contrôle, et non un dossier de preuves : il fixe ce que contenait le registre de "
        "{origin}, {events} événements.",
    ),
    "signed": ("● It was signed with the key that you gave.", "● Il a été signé avec la clé que vous avez indiquée."),
    "not_signed": (
        "▲ It was NOT signed with the key that you gave: it comes from somebody else, was altered, or the key is "
        "another.",
        "▲ Il n’a PAS été signé avec la clé que vous avez indiquée : il vient d’ailleurs, a été modifié, ou la clé "
        "est une autre.",
    ),
    "no_key": (
        "○ Whether it was signed by the publisher was not looked at: give their public key with --key.",
        "○ Sa signature n’a pas été vérifiée : donnez la clé publique du responsable avec --key.",
    ),
    "keep": (
        "Keep it: nothing is wrong with it, and by itself it proves nothing yet. When you want to check, ask the "
        "publisher for the bundle of evidence about your request, and run: troth verify BUNDLE --checkpoint THIS_FILE "
        "--key KEY. If the register was altered after this checkpoint was made, that says so.",
        "Gardez-le : il n’a rien d’anormal, et à lui seul il ne prouve encore rien. Quand vous voudrez vérifier, "
        "demandez au responsable le dossier de preuves de votre demande, puis lancez : troth verify DOSSIER "
        "--checkpoint CE_FICHIER --key CLÉ. Si le registre a été modifié depuis ce point de contrôle, la réponse le "
        "dira.",
    ),
}


def checkpoint_lines(origin: str, events: int, signed: bool | None, language: str = "en") -> list[str]:
    """What a checkpoint by itself is, and what it is good for; ``signed``: by the key given, None without one."""
    state = "no_key" if signed is None else "signed" if signed else "not_signed"
    said = ("what", state) if signed is False else ("what", state, "keep")
    place = LANGUAGES.index(language)
    return [_ALONE[one][place].format(origin=origin, events=events) for one in said]


def check_name(number: int, language: str = "en") -> str:
    """The name of a check."""
    return _CHECKS[number][LANGUAGES.index(language)]


def state_word(state: State, language: str = "en") -> str:
    """How a check ended, in one word."""
    return _STATES[state][LANGUAGES.index(language)]
