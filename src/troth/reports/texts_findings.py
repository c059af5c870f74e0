"""What the findings say: one sentence for the headline, one for why it matters or what to do."""

from __future__ import annotations

from troth.reports.texts import read

_NOTES = """
no_tables | This database has no tables that this account can see. | Cette base n’a aucune table visible pour ce compte.
no_tables_do | Check the address and the rights of the account. | Vérifiez l’adresse et les droits du compte.
schema_unread | Nothing can be said: the list of tables could not be read. | On ne peut rien dire : la liste des tables n’a pas pu être lue.
schema_unread_do | What stopped it stands under “What this report does not know”. Look again when the server answers. | Ce qui l’a empêché est dit dans « Ce que ce rapport ne sait pas ». Recommencez quand le serveur répondra.
nothing_personal | No table seems to hold data about people. | Aucune table ne semble contenir de données de personnes.
nothing_personal_do | If you know better, say so in a policy: names and samples gave nothing away. | Si vous savez que si, dites-le dans une politique : ni les noms ni les échantillons n’ont rien révélé.
cards | Numbers of payment cards stand in {columns|column|columns}: {places}. | Des numéros de cartes de paiement figurent dans {columns|colonne|colonnes} : {places}.
cards_do | They pass the check of card numbers. Keep the reference of the payment provider instead; the security code may never be kept. | Ils passent le contrôle des numéros de carte. Gardez plutôt la référence du prestataire de paiement ; le cryptogramme ne doit jamais être conservé.
passwords_weak | Passwords are kept in a way that is easily undone ({kinds}): {places}. | Des mots de passe sont conservés d’une façon facile à défaire ({kinds}) : {places}.
passwords_weak_do | Use argon2 or scrypt from the next sign-in on, and delete the old ones after a while. | Passez à argon2 ou scrypt dès la prochaine connexion, et supprimez les anciens après un délai.
passwords_doubtful | Passwords are kept in an ageing way ({kinds}): {places}. | Des mots de passe sont conservés d’une façon vieillissante ({kinds}) : {places}.
passwords_doubtful_do | No leak by itself; move to argon2 or scrypt at the next sign-in. | Pas une fuite en soi ; passez à argon2 ou scrypt à la prochaine connexion.
passwords_good | Passwords are kept as they should be ({kinds}). | Les mots de passe sont conservés comme il faut ({kinds}).
passwords_good_do | As far as the samples show. | Pour autant que les échantillons le montrent.
special | Specially protected data seems to be held: {categories}, in {places}. | Des données particulièrement protégées semblent détenues : {categories}, dans {places}.
special_do | Article 9 forbids holding it but in listed cases; make sure that one of them is yours. | L’article 9 interdit de les détenir hors de cas énumérés ; assurez-vous d’être dans l’un d’eux.
past_time_usual | {tables|table holds|tables hold} data older than is usual; {table} goes back {months}, where {period} is usual. | {tables|table contient|tables contiennent} des données plus anciennes que l’usage ; {table} remonte à {months}, quand l’usage est de {period}.
past_time_usual_do | Decide on a period for each and erase what is past it: nothing may be kept for ever. | Fixez une durée pour chacune et effacez ce qui la dépasse : rien ne peut être gardé pour toujours.
past_time_counted | {tables|table holds|tables hold} data past the period that the policy promises; {table} goes back {months}, promised are {period}. | {tables|table contient|tables contiennent} des données au-delà de la durée promise par la politique ; {table} remonte à {months}, la promesse est de {period}.
past_time_counted_do | A sweep would erase what is past its time: see `troth sweep --dry-run`. | Un balayage effacerait ce qui a dépassé sa durée : voyez `troth sweep --dry-run`.
old_unknown | The oldest entry goes back {months}, to {day}, in {table}. | L’entrée la plus ancienne remonte à {months}, au {day}, dans {table}.
old_unknown_do | No usual period is exceeded, or none is known: say in a policy how long each is kept. | Aucune durée usuelle n’est dépassée, ou aucune n’est connue : dites dans une politique combien de temps chacune est gardée.
not_in_policy | The policy does not speak of {tables|table|tables} and {columns|column|columns} that seem to hold people’s data: {places}. | La politique ne dit rien de {tables|table|tables} et {columns|colonne|colonnes} qui semblent contenir des données de personnes : {places}.
not_in_policy_do | What the policy does not describe, no access, erasure or sweep reaches. | Ce que la politique ne décrit pas, aucun accès, effacement ni balayage ne l’atteint.
tables_not_in_policy | The policy does not speak of {tables|table|tables} that may hold people’s data: {places}. | La politique ne dit rien de {tables|table|tables} pouvant contenir des données de personnes : {places}.
columns_not_in_policy | The policy does not speak of {columns|column|columns} that may hold people’s data: {places}. | La politique ne dit rien de {columns|colonne|colonnes} pouvant contenir des données de personnes : {places}.
tables_not_in_policy_do | What the policy does not describe, no access, erasure or sweep reaches. | Ce que la politique ne décrit pas, aucun accès, effacement ni balayage ne l’atteint.
columns_not_in_policy_do | What the policy does not describe, no access, erasure or sweep reaches. | Ce que la politique ne décrit pas, aucun accès, effacement ni balayage ne l’atteint.
gone | The policy names what is not there, in {tables|table|tables}: {places}. | La politique nomme ce qui n’existe pas, dans {tables|table|tables} : {places}.
gone_do | Renamed or removed since? Correct the policy, or this store cannot be used. | Renommé ou supprimé depuis ? Corrigez la politique, sinon cet emplacement est inutilisable.
erasure_stops | An erasure would be stopped in {things|place|places}: {places}. | Un effacement serait arrêté en {things|endroit|endroits} : {places}.
erasure_stops_do | The hindrances are listed below, each with what to do. | Les obstacles sont énumérés plus bas, chacun avec ce qu’il faut faire.
erasure_slow | Nothing stops an erasure, but {things|thing deserves|things deserve} a look: {places}. | Rien n’arrête un effacement, mais {things|point mérite|points méritent} un regard : {places}.
erasure_slow_do | More about it below. | Le détail est plus bas.
erasure_free | Nothing was found that would stop an erasure. | Rien n’a été trouvé qui arrêterait un effacement.
erasure_free_do | Try one: `troth erase --dry-run` changes nothing. | Essayez : `troth erase --dry-run` ne modifie rien.
loose | {tables|table holds|tables hold} people’s data with no link to a person: {places}. | {tables|table contient|tables contiennent} des données de personnes sans lien avec une personne : {places}.
loose_do | Nobody’s request would reach them; only a period for the whole table would. | La demande de personne ne les atteindrait ; seule une durée pour toute la table le ferait.
orphans | {links|link has|links have} values that lead nowhere; in {table}, {missing} have no row in {parent}. | {links|lien a|liens ont} des valeurs qui ne mènent nulle part ; dans {table}, {missing} sont sans ligne dans {parent}.
orphans_do | Somebody was deleted and their data stayed. Nobody can ask for it any more: erase it. | Quelqu’un a été supprimé et ses données sont restées. Plus personne ne peut les demander : effacez-les.
links_whole | Every link that was followed ({links}) leads to a row. | Chaque lien suivi ({links}) mène à une ligne.
links_whole_do | In the samples: no data was left behind by a deletion. | Dans les échantillons : aucune donnée n’est restée après une suppression.
tokens | Tokens stand in {columns|column|columns}: {places}. | Des jetons figurent dans {columns|colonne|colonnes} : {places}.
tokens_do | If they open something, who copies the database can use them: keep a digest only, and let them end. | S’ils ouvrent un accès, qui copie la base peut s’en servir : n’en gardez qu’une empreinte, et faites-les expirer.
official | Official identity numbers stand in {columns|column|columns}: {places}. | Des numéros d’identité officiels figurent dans {columns|colonne|colonnes} : {places}.
official_do | In France the social security number may be held for listed purposes only (decree 2019-341). | En France, le numéro de sécurité sociale n’est admis que pour des usages énumérés (décret 2019-341).
accounts | Bank accounts stand in {columns|column|columns}: {places}. | Des comptes bancaires figurent dans {columns|colonne|colonnes} : {places}.
accounts_do | Needed to pay or collect; not after that, and not for everybody who can read the table. | Utiles pour payer ou prélever ; pas après, et pas pour tous ceux qui lisent la table.
shared | The same identifier stands in several rows: {places}; at worst, {values} are repetitions. | Un même identifiant figure dans plusieurs lignes : {places} ; au pire, {values} sont des répétitions.
shared_do | Two people or one person twice: an erasure asks a human there. | Deux personnes ou une personne deux fois : un effacement y demande une décision humaine.
unseen | {things|thing could|things could} not be looked at: {places}. | {things|point n’a|points n’ont} pas pu être examiné : {places}.
unseen_time | The time was used up before everything was looked at. | Le temps était épuisé avant que tout soit examiné.
unseen_time_do | Run it again with more --seconds; what is missing stands at the end. | Relancez avec plus de --seconds ; ce qui manque figure à la fin.
unseen_do | The list, with reasons, is at the end. | La liste, avec les raisons, est à la fin.
no_cards | No card number was recognised in the samples. | Aucun numéro de carte n’a été reconnu dans les échantillons.
no_cards_do | A rare one may lie outside them. | Un numéro isolé peut être hors échantillon.
policy_complete | The policy describes all that seems to hold people’s data here. | La politique décrit tout ce qui semble contenir des données de personnes ici.
policy_complete_do | Survey again when the software changes. | Recommencez quand le logiciel change.
"""  # noqa: E501

_BLOCKS = """
untransactional | The engine of the table cannot undo a half-done change: move the table to InnoDB. | Le moteur de la table ne sait pas annuler un changement à moitié fait : passez-la en InnoDB.
trigger_untransactional | A trigger writes to a table that cannot undo a half-done change: move that one to InnoDB. | Un déclencheur écrit dans une table qui ne sait pas annuler : passez celle-ci en InnoDB.
reference_mismatch | A foreign key refers to columns that are not unique: every deletion fails. Add the unique index. | Une clé étrangère vise des colonnes non uniques : toute suppression échoue. Ajoutez l’index unique.
rule_instead | A rule of the database does something else instead of deleting or changing rows. | Une règle de la base fait autre chose que supprimer ou modifier les lignes.
view_not_updatable | A view through which no row can be changed: describe the tables beneath. | Une vue à travers laquelle aucune ligne ne peut être modifiée : décrivez les tables qu’elle lit.
materialised_view | A stored copy of other tables: describe those instead. | Une copie stockée d’autres tables : décrivez plutôt celles-ci.
row_security | The database hides rows from this account: an erasure would miss them. | La base cache des lignes à ce compte : un effacement les manquerait.
shadow_table | An inner table of a search index: describe the index instead. | Une table interne d’un index de recherche : décrivez plutôt l’index.
partition_twice | A part and its whole are both described: its rows would count twice. | Une partie et son tout sont tous deux décrits : ses lignes compteraient deux fois.
restrict_unmapped | Rows of {other} refer to it and forbid the deletion: describe that table too. | Des lignes de {other} s’y réfèrent et interdisent la suppression : décrivez aussi cette table.
cascade_unmapped | A deletion would spread to {other} unseen: describe that table too. | Une suppression s’étendrait à {other} sans être vue : décrivez aussi cette table.
cannot_be_emptied | Rows that have to stay, with fields that may be neither empty nor filled with a placeholder: choose a neutral value. | Des lignes qui doivent rester, avec des champs ni vidables ni remplaçables : choisissez une valeur neutre.
triggers | Triggers act when rows change: they may copy what is erased, or refuse. Read them. | Des déclencheurs agissent quand des lignes changent : ils peuvent recopier ce qui est effacé, ou refuser. Lisez-les.
shared_rows | Each row concerns two people (a sender and a recipient): a human decides when one of them asks. | Chaque ligne concerne deux personnes (un expéditeur et un destinataire) : un humain décide quand l’une demande.
history_table | Old versions of the rows are kept by the database itself and outlive an erasure. | La base garde elle-même les anciennes versions des lignes, qui survivent à un effacement.
materialised_copy | A stored copy keeps what is erased until it is refreshed. | Une copie stockée garde ce qui est effacé jusqu’à son rafraîchissement.
trigger_may_skip | A trigger before the change may silently skip it. | Un déclencheur peut annuler le changement sans le dire.
rule_also | A rule of the database does more when rows change. | Une règle de la base fait autre chose en plus quand des lignes changent.
cascade_skips_triggers | Rows deleted by cascade do not fire their triggers. | Les lignes supprimées en cascade ne déclenchent rien.
search_index | A search index keeps the words of erased rows. | Un index de recherche garde les mots des lignes effacées.
key_nullable | The key may be empty: such rows are not reached one by one. | La clé peut être vide : ces lignes ne sont pas atteintes une à une.
key_unproven | This account sees no whole key of the table. | Ce compte ne voit aucune clé entière de la table.
no_key | No primary key: rows cannot be told apart, and are changed all at once. Add one. | Pas de clé primaire : les lignes ne se distinguent pas et changent toutes à la fois. Ajoutez-en une.
not_validated | Old rows may break a constraint, and changing one then fails. | D’anciennes lignes peuvent violer une contrainte, et leur modification échoue alors.
orphan_reference | A foreign key to a table that does not exist: writing may fail. | Une clé étrangère vers une table qui n’existe pas : l’écriture peut échouer.
missing_index | No index: finding one person’s rows reads the whole table. Add one. | Pas d’index : trouver les lignes d’une personne lit toute la table. Ajoutez-en un.
full_scan | The database reads the whole table to find one person’s rows. | La base lit toute la table pour trouver les lignes d’une personne.
link_collation | The two ends of a link compare letters differently: slow, and people may be confused. | Les deux bouts d’un lien comparent les lettres différemment : lent, et des personnes peuvent être confondues.
link_family | The two ends of a link have unlike types. | Les deux bouts d’un lien sont de types différents.
virtual_table | A virtual table: its module decides what a deletion does. | Une table virtuelle : son module décide de ce que fait une suppression.
foreign_table | The rows lie on another server: not in one transaction with the rest. | Les lignes sont sur un autre serveur : pas dans la même transaction que le reste.
view_mapped | A view: what lies beneath decides what a change does. | Une vue : ce qu’elle lit décide de ce que fait un changement.
inherits | The table inherits from another: its rows show up in both. | La table hérite d’une autre : ses lignes apparaissent dans les deux.
inherited | Other tables inherit from it: their rows show up in it. | D’autres tables en héritent : leurs lignes y apparaissent.
is_partition | Only one partition is described: the rows of the others are not reached. | Une seule partition est décrite : les lignes des autres ne sont pas atteintes.
rule_not_visible | What a deletion does to a referring table is hidden from this account. | Ce qu’une suppression fait à une table qui s’y réfère est caché à ce compte.
reference_not_visible | A table refers to it by columns that are hidden from this account. | Une table s’y réfère par des colonnes cachées à ce compte.
conflict_clause | A constraint may delete or skip rows by itself. | Une contrainte peut d’elle-même supprimer ou sauter des lignes.
"""  # noqa: E501

_TROUBLES = """
no_right | This account may not read it. | Ce compte n’a pas le droit de le lire.
view_fails | The view cannot be read: what it names is gone or refused. | La vue ne peut être lue : ce qu’elle nomme a disparu ou est refusé.
timeout | The database took too long to answer. | La base a mis trop de temps à répondre.
names_only | Some tables were judged by their names only: the time given to the survey was used up. More with --seconds. | Certaines tables n’ont été jugées que sur leurs noms : le temps accordé à l’examen était épuisé. Davantage avec --seconds.
not_judged | Some tables were not looked at: the time given to the survey was used up. More with --seconds. | Certaines tables n’ont pas été examinées : le temps accordé à l’examen était épuisé. Davantage avec --seconds.
rows_left | The rows of some tables were not counted: the time given to the survey was used up. | Les lignes de certaines tables n’ont pas été comptées : le temps accordé à l’examen était épuisé.
ends_left | The oldest data of some tables was looked for in the sample only: the time given to the survey was used up. | Les données les plus anciennes de certaines tables n’ont été cherchées que dans l’échantillon : le temps accordé à l’examen était épuisé.
budget | The time given to the survey was used up before. | Le temps accordé à l’examen était épuisé avant.
unreadable | Values could not be read. | Des valeurs n’ont pu être lues.
unreachable | The server stopped answering. | Le serveur a cessé de répondre.
locked | Somebody else had it locked. | Quelqu’un d’autre l’avait verrouillé.
gone | It is not there any more. | Il n’est plus là.
fails | The server answered with an error. | Le serveur a répondu par une erreur.
row_security | The database may hide rows of it from this account. | La base peut en cacher des lignes à ce compte.
too_many_tables | More tables than are looked at in one survey. | Plus de tables qu’un examen n’en regarde.
"""  # noqa: E501

_KINDS = """
argon2 | argon2 | argon2
scrypt | scrypt | scrypt
bcrypt | bcrypt | bcrypt
pbkdf2 | PBKDF2 | PBKDF2
phpass | phpass (old WordPress) | phpass (ancien WordPress)
crypt | crypt or salted SHA | crypt ou SHA salé
salted | a plain digest with salt | une simple empreinte salée
md5 | MD5 without salt | MD5 sans sel
sha1 | SHA-1 without salt | SHA-1 sans sel
sha224 | SHA-224 without salt | SHA-224 sans sel
sha256 | SHA-256 without salt | SHA-256 sans sel
sha384 | SHA-384 without salt | SHA-384 sans sel
sha512 | SHA-512 without salt | SHA-512 sans sel
unrecognised | in clear or unrecognised | en clair ou non reconnus
card | payment card numbers | numéros de cartes de paiement
national_id | official identity numbers | numéros d’identité officiels
iban | bank accounts (IBAN) | comptes bancaires (IBAN)
token | tokens, perhaps in clear | jetons, peut-être en clair
password | passwords: {kind} | mots de passe : {kind}
sqlite | SQLite | SQLite
postgresql | PostgreSQL | PostgreSQL
mysql | MariaDB or MySQL | MariaDB ou MySQL
"""

NOTES = read(_NOTES)
"""By code the sentence, by ``code_do`` what follows from it."""
BLOCKS = read(_BLOCKS)
TROUBLES = read(_TROUBLES)
KINDS = read(_KINDS)
