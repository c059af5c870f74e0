"""The sentences of the page, in English and French, by their name."""

from __future__ import annotations

import re

_SPACED = re.compile(" ([:;?!])")
"""Signs before which French wants a space that does not break."""

_TEXTS = """
title | Your personal data | Vos données personnelles
lead | This is a copy of the personal data that {publisher} holds about you, with the explanations that the law gives you a right to (GDPR, Article 15). | Voici une copie des données personnelles que {publisher} détient à votre sujet, avec les explications auxquelles la loi vous donne droit (RGPD, article 15).
made | Made on | Établi le
version | Policy | Politique
asked | Asked with | Demandé avec
total_one | 1 record in {places} | 1 enregistrement dans {places}
total | {rows} records in {places} | {rows} enregistrements dans {places}
place_one | 1 place | 1 emplacement
places | {n} places | {n} emplacements
contents | In this file | Dans ce fichier
data | Your data | Vos données
why | Why and how long | Pourquoi et combien de temps
who | Who receives your data | Qui reçoit vos données
rights | Your rights | Vos droits
missing | What is not here, and why | Ce qui n’est pas ici, et pourquoi
formats | The other files | Les autres fichiers
rows_one | 1 record | 1 enregistrement
rows_many | {n} records | {n} enregistrements
first | The first {shown} of {n} are shown here; all are in {file}. | Les {shown} premiers sur {n} figurent ici ; tous sont dans {file}.
all_in | Also in {file}. | Aussi dans {file}.
interrupted | This place could not be read to the end: what follows is not everything. | Cet emplacement n’a pas pu être lu jusqu’au bout : ce qui suit n’est pas tout.
used_for | Used for: {purposes} | Servent à : {purposes}
empty | Looked for and found nothing in: | Cherché, rien trouvé dans :
record | Record {n} | Enregistrement {n}
none | empty | vide
erased | erased | effacé
yes | yes | oui
no | no | non
refused | refused | refusé
not_refused | not refused | pas refusé
cut | … (cut here; whole in {file}) | … (coupé ici ; entier dans {file})
file | File, {size} | Fichier, {size}
bytes | bytes: {text} | octets : {text}
observed | observed | observé
inferred | deduced | déduit
basis | Lawful basis | Base légale
law | The law | La loi
interest | The interest | L’intérêt
categories | Categories of data | Catégories de données
kept | How long | Durée
holds | Kept in any case | Gardé dans tous les cas
source | Where it comes from | Origine
source_you | from you, or noted when you used the service | de vous, ou relevé lors de votre usage du service
required | Do you have to give it? | Devez-vous le donner ?
recipients | Recipients | Destinataires
rights_here | Your rights here | Vos droits ici
recipient | Recipient | Destinataire
role | What it does | Rôle
country | Country | Pays
leaving | Transfer out of the European Economic Area | Transfert hors de l’Espace économique européen
inside | none | aucun
nobody | The policy names no recipient of these data. | La politique ne nomme aucun destinataire de ces données.
lies | Where your data lies | Où se trouvent vos données
outside | outside the European Economic Area | hors de l’Espace économique européen
given | What was given to others | Ce qui a été transmis à d’autres
given_day | On | Le
given_to | To | À
automated | Decisions by software alone | Décisions entièrement automatisées
automated_none | Nothing is decided about you by software alone (Article 22). | Aucune décision vous concernant n’est prise par un logiciel seul (article 22).
automated_unsaid | The policy does not say whether anything is decided by software alone: ask the publisher. | La politique ne dit pas si des décisions sont prises par un logiciel seul : interrogez le responsable.
logic | How it comes about | Comment elle est prise
significance | What it means for you | Ce qu’elle signifie pour vous
rights_lead | You may ask {publisher} for: | Vous pouvez demander à {publisher} :
contact | Whom to ask | À qui s’adresser
officer | Data protection officer | Délégué à la protection des données
complain | Complaint | Réclamation
authority | The supervisory authority of the publisher’s country; list of authorities: | L’autorité de contrôle du pays du responsable ; liste des autorités :
missing_none | Nothing was left out. | Rien n’a été omis.
place | Place | Emplacement
what | What | Quoi
reason | Why | Raison
everything | everything there | tout ce qui s’y trouve
formats_json | everything, exactly, for machines | tout, exactement, pour les machines
formats_csv | the same as tables; texts that a spreadsheet would run as formulas begin with an apostrophe | la même chose en tableaux ; les textes qu’un tableur exécuterait comme formules commencent par une apostrophe
formats_files | large and binary values | valeurs longues ou binaires
notice | Keep this package safe: it is about you, and nobody protects it any more but you. | Gardez ce dossier en lieu sûr : il parle de vous, et vous seul le protégez désormais.
languages | Language | Langue
top | Back to the top | Retour en haut
"""  # noqa: E501


def _read() -> dict[str, dict[str, str]]:
    rows = (line.split(" | ") for line in _TEXTS.strip().splitlines())
    return {name: {"en": en, "fr": _SPACED.sub("\u00a0\\1", fr)} for name, en, fr in rows}


TEXTS = _read()


def text(name: str, language: str, **values: str) -> str:
    """A sentence with its values put in. Raises KeyError for an unknown name."""
    sentence = TEXTS[name][language]
    return sentence.format(**values) if values else sentence
