"""The sentences of the report, in English and French, by their name.

``{name}`` is filled in; ``{name|word|words}`` is a number with its noun. The findings and their like are in
``texts_findings``.
"""

from __future__ import annotations

import re

_SPACED = re.compile(r" ([:;?!»])|(«) ")
"""Signs before or after which French wants a space that does not break."""

_TEXTS = """
title | People’s data in {store} | Les données de personnes dans {store}
document | People’s data: {store} | Données de personnes : {store}
lead | Which tables hold data about people, how old it is, and what an erasure would meet. | Quelles tables contiennent des données de personnes, de quand elles datent, et ce qu’un effacement rencontrerait.
made | Looked at on {day} · {engine} · at most {sample|row|rows} of a table sampled · nothing was changed. Names of tables and columns stand in this report, and numbers; nothing about anybody. | Examiné le {day} · {engine} · échantillon d’au plus {sample|ligne|lignes} par table · rien n’a été modifié. Ce rapport contient des noms de tables et de colonnes, et des nombres ; rien sur qui que ce soit.
languages | Language | Langue
act | To act on | À traiter
check | To look at | À vérifier
good | In order | En ordre
counted | counted | compté
estimated | estimated | estimé
sampled | in a sample | sur un échantillon
unknown | not known | inconnu
about | about {n} | environ {n}
of_sample | {n} of {of} looked at | {n} sur {of} examinés
share | {percent}\u202f% of {of} looked at | {percent}\u202f% de {of} examinés
figure_tables | tables with people’s data | tables avec des données de personnes
figure_tables_note | of {n} in all | sur {n} au total
figure_people | people | personnes
figure_people_note | rows of {places} | lignes de {places}
figure_people_none | no table about people was found | aucune table de personnes trouvée
figure_columns | columns about people | colonnes sur des personnes
figure_columns_note | {categories|kind|kinds} of data | {categories|catégorie|catégories} de données
figure_oldest | the oldest entry | l’entrée la plus ancienne
figure_oldest_note | in {table} | dans {table}
figure_oldest_none | no date could be read | aucune date lisible
head_tables | {n|table|tables} with people’s data | {n|table|tables} avec des données de personnes
head_people | {n|person|people} | {n|personne|personnes}
head_columns | {n|column|columns} about people | {n|colonne|colonnes} sur des personnes
findings | What stands out | Ce qui ressort
contents | In this report | Dans ce rapport
map | The tables around people | Les tables autour des personnes
map_lead | In the middle, the tables about people; around them, what belongs to them. The larger the circle, the more rows. | Au centre, les tables de personnes ; autour, ce qui s’y rattache. Plus le cercle est grand, plus il y a de lignes.
map_alt | Picture of {tables|table|tables} and the links between them; the list below says the same. | Image de {tables|table|tables} et de leurs liens ; la liste ci-dessous dit la même chose.
map_list | The same as a list | La même chose en liste
map_none | No table of this database seems to hold data about people. | Aucune table de cette base ne semble contenir des données de personnes.
person | about people | de personnes
belongs | belongs to a person | rattachée à une personne
loose | no link to a person | sans lien avec une personne
more_tables | and {n|more|more} | et {n|autre|autres}
apart | Without a link to a person | Sans lien avec une personne
others | {n|table holds|tables hold} nothing about people, as far as can be seen. | {n|table ne contient|tables ne contiennent} rien sur des personnes, pour autant qu’on puisse voir.
rows | {n|row|rows} | {n|ligne|lignes}
rows_unknown | rows not counted | lignes non comptées
kinds | Kinds of data | Catégories de données
kinds_lead | Guessed from names, types and samples. A guess may be wrong: look at the surprising ones. | D’après les noms, les types et des échantillons. Une supposition peut être fausse : regardez celles qui surprennent.
kinds_caption | Categories of personal data and where they lie | Catégories de données personnelles et leur emplacement
category | Kind | Catégorie
where | Where | Où
columns | Columns | Colonnes
special | specially protected (Article 9) | particulièrement protégée (article 9)
finds | finds people | identifie des personnes
ages | How old | Ancienneté
ages_lead_law | The oldest entry of each table, against the period that law or good practice in France gives such data. The period is a guess from the table’s name: yours may be another, and it is for you to decide. | L’entrée la plus ancienne de chaque table, face à la durée que la loi ou la bonne pratique donne en France à ces données. La durée est supposée d’après le nom de la table : la vôtre peut être autre, et c’est à vous d’en décider.
ages_lead_policy | The oldest entry of each table, against the period of the policy. “Decided elsewhere”: the period counts from an event that other tables tell as well, or waits for a state to end; `troth sweep --dry-run` works it out for each person. | L’entrée la plus ancienne de chaque table, face à la durée de la politique. « Se décide ailleurs » : la durée se compte depuis un événement que d’autres tables disent aussi, ou attend la fin d’un état ; `troth sweep --dry-run` le calcule pour chaque personne.
ages_caption | Age of the oldest entry by table | Âge de l’entrée la plus ancienne par table
ages_none | No date could be read in the tables with people’s data: nobody can tell how old they are. | Aucune date n’a pu être lue dans les tables avec des données de personnes : personne ne peut dire leur âge.
table | Table | Table
oldest | Oldest entry | Entrée la plus ancienne
age | Age | Âge
period | Period | Durée
beyond | Older than that | Au-delà
by | by {column} | d’après {column}
over | past its time | durée dépassée
within | within its time | dans les temps
elsewhere | decided elsewhere | se décide ailleurs
no_period | no usual period known | pas de durée usuelle connue
of_policy | policy | politique
not_counted | not counted | non compté
periods | The periods that were compared with: | Les durées auxquelles on a comparé :
marks | How sure the source is: {marks}. | Fiabilité de la source : {marks}.
secrets | Passwords, cards and the like | Mots de passe, cartes et autres
secrets_caption | Sensitive values by kind; no value is shown | Valeurs sensibles par nature ; aucune valeur n’est montrée
secrets_none | In the samples: no password, card number, bank account, official number or token was recognised. | Dans les échantillons : aucun mot de passe, numéro de carte, compte bancaire, numéro officiel ni jeton reconnu.
secrets_cards_none | No card number was recognised in the samples. | Aucun numéro de carte reconnu dans les échantillons.
kind | Kind | Nature
values | Values | Valeurs
verdict | Verdict | Avis
links | Broken links, shared identifiers | Liens rompus, identifiants partagés
links_lead | {n|link was|links were} followed with a sample of values. | {n|lien suivi|liens suivis} avec un échantillon de valeurs.
links_none | Every value of the samples leads to a row. | Chaque valeur des échantillons mène à une ligne.
links_unasked | No link could be followed. | Aucun lien n’a pu être suivi.
orphans_caption | Links that lead to no row: whose data it is can no longer be told, and no erasure reaches it | Liens qui ne mènent à aucune ligne : on ne sait plus de qui sont ces données, et aucun effacement ne les atteint
link | Link | Lien
leads_to | Should lead to | Devrait mener à
missing | Lead nowhere | Ne mènent nulle part
declared | declared in the database | déclaré dans la base
guessed | guessed | supposé
shared_caption | Identifiers that stand in several rows: two people, or one person twice | Identifiants présents dans plusieurs lignes : deux personnes, ou une personne deux fois
identifier | Identifier | Identifiant
repeated | Repetitions | Répétitions
shared_none | No identifier of a table about people was seen twice in the samples. | Aucun identifiant d’une table de personnes n’a été vu deux fois dans les échantillons.
erasure | What would hinder an erasure | Ce qui gênerait un effacement
erasure_lead | A policy was drafted in memory and the database inspected as for an erasure; nothing was changed. | Une politique a été ébauchée en mémoire et la base inspectée comme pour un effacement ; rien n’a été modifié.
erasure_schema | Only the schema was looked at: {why}. | Seul le schéma a été regardé : {why}.
erasure_caption | Hindrances, the gravest first | Obstacles, les plus graves d’abord
erasure_none | Nothing was found that stops or slows an erasure. | Rien n’a été trouvé qui arrête ou ralentisse un effacement.
why_draft | no policy could be drafted from it | aucune politique n’a pu en être tirée
why_store | the inspection was refused or did not end in time | l’inspection a été refusée ou n’a pas fini à temps
why_skipped | the time was used up | le temps était épuisé
what | What | Quoi
policy | Against the policy | Par rapport à la politique
policy_none | The policy describes every column that seems to hold people’s data, and everything it names is there. | La politique décrit chaque colonne qui semble contenir des données de personnes, et tout ce qu’elle nomme existe.
policy_unknown | None of the policy’s stores resembles this database: nothing was compared. | Aucun des emplacements de la politique ne ressemble à cette base : rien n’a été comparé.
policy_caption | Differences between the policy and the database | Écarts entre la politique et la base
table_unmapped | Table not in the policy | Table absente de la politique
column_unmapped | Columns not in the policy | Colonnes absentes de la politique
table_gone | Table named by the policy, not there | Table nommée par la politique, introuvable
column_gone | Columns named by the policy, not there | Colonnes nommées par la politique, introuvables
limits | What this report does not know | Ce que ce rapport ne sait pas
limits_seen | Could not be looked at: | N’a pas pu être examiné :
limits_all_seen | Everything this account may see was looked at. | Tout ce que ce compte peut voir a été examiné.
limit_guess | Roles, categories and links are guesses; somebody who knows the software has to confirm them. | Les rôles, catégories et liens sont des suppositions ; quelqu’un qui connaît le logiciel doit les confirmer.
limit_sample | What lies outside the samples was not seen: a rare value may have been missed. | Ce qui est hors des échantillons n’a pas été vu : une valeur rare a pu échapper.
limit_people | Somebody who stands in two tables counts twice; whether two rows are one person cannot be told here. | Une personne présente dans deux tables compte deux fois ; on ne peut dire ici si deux lignes sont la même personne.
limit_texts | Free texts, files and images may speak of anybody; their content was not read. | Les textes libres, fichiers et images peuvent parler de n’importe qui ; leur contenu n’a pas été lu.
limit_elsewhere | Other databases, backups, logs of the server, exports and mailboxes were not looked at. | Les autres bases, sauvegardes, journaux du serveur, exports et messageries n’ont pas été examinés.
limit_law | Whether the data may be held at all – the purpose, the legal basis – no database can tell. | Si ces données peuvent être détenues – la finalité, la base légale – aucune base ne peut le dire.
next | What to do next | Et maintenant
next_discover | Draft a policy of this database, to be completed by hand. | Ébaucher une politique de cette base, à compléter à la main.
next_check | Check it: structure, law and coherence. | La vérifier : structure, droit et cohérence.
next_erase | See what an erasure would do; nothing is changed. | Voir ce que ferait un effacement ; rien n’est modifié.
next_again | Look again when something has been mended. | Regarder à nouveau quand quelque chose a été corrigé.
months | {n|month|months} | {n|mois|mois}
years | {n|year|years} | {n|an|ans}
days | {n|day|days} | {n|jour|jours}
minutes | {n|minute|minutes} | {n|minute|minutes}
span_and | {years} {months} | {years} et {months}
less_than_month | less than a month | moins d’un mois
and_more | and {n} more | et {n} autres
and_more_one | and 1 more | et 1 autre
and | and | et
rest | {n|line|lines} more: `--format json` has them all. | {n|ligne|lignes} de plus : `--format json` les contient toutes.
saved | The report is in {n}. | Le rapport est dans {n}.
"""  # noqa: E501


def spaced(french: str) -> str:
    """French, with the spaces that its signs want."""
    return _SPACED.sub(lambda m: f"\u00a0{m[1]}" if m[1] else f"{m[2]}\u00a0", french)


def read(table: str) -> dict[str, dict[str, str]]:
    """Lines ``name | English | French`` by name and language. Raises ValueError for any other line."""
    found: dict[str, dict[str, str]] = {}
    for line in table.strip().splitlines():
        name, english, french = line.split(" | ")
        if name in found:
            raise ValueError(f"{name} twice")
        found[name] = {"en": english, "fr": spaced(french)}
    return found


TEXTS = read(_TEXTS)
