"""The rights people have, and how soon and by which ways they are served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from troth.core.check.look import later, length, live_clauses, with_basis
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import DEATH_LAW, ITSELF, gdpr
from troth.core.errors import UsageError
from troth.core.law.bases import rights_of
from troth.core.law.calendar import due_date
from troth.core.law.periods import ANSWER
from troth.core.policy.document import PolicyDocument
from troth.core.policy.model import Basis
from troth.core.policy.reach import purposes_of
from troth.core.policy.sections.people import Rights
from troth.core.policy.sections.stores import Collection
from troth.core.policy.values import add

_MONTH = re.compile(r"\b(un mois|one month|1 mois|1 month)\b", re.IGNORECASE)
_OWN_RULES = {"complaint", "withdrawal", "human_review"}
"""Rights that have a rule of their own below, or depend on something else than the basis."""


@rule(
    "rights_not_told", WARNING, gdpr(13, "(2)(b)"), gdpr(12),
    en=(
        "this file says nothing about people's rights",
        "add `rights:` with what is offered, how to ask for it, and how soon you answer",
    ),
    fr=(
        "ce fichier ne dit rien des droits des personnes",
        "ajoutez `rights:` : ce qui est offert, comment le demander, sous quel délai vous répondez",
    ),
)  # fmt: skip
def rights_not_told(case: Case) -> Iterator[Place]:
    """They may be told elsewhere: this file does not know."""
    if case.document.rights is None and case.document.purposes:
        yield place("policy")


@rule(
    "right_missing", ERROR, gdpr(13, "(2)(b)"), gdpr(15, " to 22"),
    en=(
        "people have the right of `{right}`, because of {purposes}, and it is not offered",
        "add `{right}` to `offered:`",
    ),
    fr=(
        "les personnes ont le droit « {right} », en raison de {purposes}, et il n'est pas offert",
        "ajoutez `{right}` à `offered:`",
    ),
)  # fmt: skip
def right_missing(case: Case) -> Iterator[Place]:
    """Those that the lawful bases give."""
    rights = case.document.rights
    for right, purposes in _due(case.document).items() if rights is not None else ():
        if rights is not None and right not in rights.offered and right not in _OWN_RULES:
            yield place("rights", "offered", right=right, purposes=tuple(purposes))


def _due(document: PolicyDocument) -> dict[str, list[str]]:
    """Each right with the purposes that give it."""
    due: dict[str, list[str]] = {}
    for name, purpose in document.purposes.items():
        marketing = {"objection"} if purpose.direct_marketing else set()
        for right in sorted(rights_of(Basis(purpose.basis)) | marketing):
            due.setdefault(right, []).append(name)
    return due


@rule(
    "complaint_missing", ERROR, gdpr(13, "(2)(d)"), gdpr(77),
    en=(
        "people are not told that they may complain to the authority",
        "add `complaint` to `offered:`",
    ),
    fr=(
        "les personnes n'apprennent pas qu'elles peuvent se plaindre auprès de l'autorité",
        "ajoutez `complaint` à `offered:`",
    ),
)  # fmt: skip
def complaint_missing(case: Case) -> Iterator[Place]:
    """Told always, whatever the basis."""
    if case.document.rights is not None and "complaint" not in case.document.rights.offered:
        yield place("rights", "offered")


@rule(
    "withdrawal_missing", ERROR, gdpr(7, "(3)"), gdpr(13, "(2)(c)"),
    en=(
        "people are not told that they may withdraw their consent at any time; these rest on it: {purposes}",
        "add `withdrawal` to `offered:`",
    ),
    fr=(
        "les personnes n'apprennent pas qu'elles peuvent retirer leur accord ; ceci repose sur lui : {purposes}",
        "ajoutez `withdrawal` à `offered:`",
    ),
)  # fmt: skip
def withdrawal_missing(case: Case) -> Iterator[Place]:
    """A consent that cannot be taken back is none."""
    rights, purposes = case.document.rights, tuple(with_basis(case.document, "consent"))
    if rights is not None and purposes and "withdrawal" not in rights.offered:
        yield place("rights", "offered", purposes=purposes)


@rule(
    "right_without_basis", NOTE, ITSELF,
    en=(
        "`{right}` is offered, but no purpose of this policy gives that right",
        "offering more than the law asks is allowed; make sure that it is meant",
    ),
    fr=(
        "« {right} » est offert, mais aucune finalité de cette politique ne donne ce droit",
        "offrir plus que la loi est permis ; assurez-vous que c'est voulu",
    ),
)  # fmt: skip
def right_without_basis(case: Case) -> Iterator[Place]:
    """Objection without an interest, withdrawal without a consent."""
    rights, due = case.document.rights, _due(case.document)
    written = rights is not None and "offered" in rights.model_fields_set and case.document.purposes
    for index, right in enumerate(rights.offered if rights is not None and written else ()):
        if right not in due and right != "directives_after_death":
            yield place("rights", "offered", index, right=right)


@rule(
    "directives_missing", WARNING, DEATH_LAW, scope="france",
    en=(
        "people are not told that they may say what becomes of their data after their death",
        "add `directives_after_death` to `offered:`",
    ),
    fr=(
        "les personnes n'apprennent pas qu'elles peuvent dire ce que leurs données deviendront après leur mort",
        "ajoutez `directives_after_death` à `offered:`",
    ),
)  # fmt: skip
def directives_missing(case: Case) -> Iterator[Place]:
    """A right of French law."""
    if case.document.rights is not None and "directives_after_death" not in case.document.rights.offered:
        yield place("rights", "offered")


@rule(
    "answer_too_late", ERROR, ANSWER,
    en=(
        "an answer is promised within {found}; the law gives {most} from receipt",
        "write `answer_within: {most}` or less",
    ),
    fr=(
        "une réponse est promise sous {found} ; la loi donne {most} depuis la réception",
        "écrivez `answer_within: {most}` ou moins",
    ),
)  # fmt: skip
def answer_too_late(case: Case) -> Iterator[Place]:
    """Later than the law whenever the request arrives."""
    rights = case.document.rights
    if rights is not None:
        late = _late(case, rights)
        if late is not None and late[1]:
            yield place("rights", "answer_within", found=length(rights.answer_within), most=ANSWER.value)


@rule(
    "days_for_a_month", WARNING, ANSWER,
    en=(
        "{found} can be later than the law's {most}: a request of {received} would be answered by {promised}, "
        "the law wants it by {limit}",
        "write `answer_within: {most}`, or tell people in a clause about it that the law's {most} holds where shorter",
    ),
    fr=(
        "{found} peuvent finir après le délai légal ({most}) : une demande du {received} aurait réponse le {promised}, "
        "la loi la veut le {limit}",
        "écrivez `answer_within: {most}`, ou dites dans une clause que le délai légal ({most}) vaut s'il est plus "
        "court",
    ),
)  # fmt: skip
def days_for_a_month(case: Case) -> Iterator[Place]:
    """Thirty days from the end of January lie beyond the end of February."""
    rights = case.document.rights
    if rights is None or _month_told(case.document):
        return
    late = _late(case, rights)
    if late is not None and not late[1]:
        received = late[0]
        yield place(
            "rights", "answer_within", found=length(rights.answer_within), most=ANSWER.value, received=received,
            promised=later(received, rights.answer_within), limit=_limit(case.document.publisher.country, received),
        )  # fmt: skip


def _late(case: Case, rights: Rights) -> tuple[date, bool] | None:
    """A day of the year to come whose requests would be answered after the law's limit, and whether that is so of
    all days; None when there is no such day."""
    return _late_days(min(case.as_of, date(2150, 1, 1)), case.document.publisher.country, rights.answer_within)


@lru_cache(maxsize=8)
def _late_days(start: date, country: str, period: str) -> tuple[date, bool] | None:
    """Asked for by several rules, of the same days."""
    days = [start + timedelta(days=n) for n in range(366)]
    late = [day for day in days if later(day, period) > _limit(country, day)]
    return (late[0], len(late) > len(days) // 2) if late else None


def _limit(country: str, received: date) -> date:
    """The legal limit; without known holidays, the same-numbered day."""
    try:
        return due_date(received, country).limit
    except UsageError:
        return add(received, ANSWER.value)


def _month_told(document: PolicyDocument) -> bool:
    return any(
        "rights.answer_within" in clause.about
        and all(
            re.search(r"\b(un mois|one month|1 mois|1 month)\b", text, re.IGNORECASE) for text in clause.text.values()
        )
        for _, clause in live_clauses(document)
    )


@rule(
    "recipients_not_told", ERROR, gdpr(19),
    en=(
        "recipients are not told when data was rectified or erased",
        "write `notices: {{recipients: true}}`; where telling is impossible, the recipient's `notices:` says why",
    ),
    fr=(
        "les destinataires ne sont pas prévenus quand une donnée est corrigée ou effacée",
        "écrivez `notices: {{recipients: true}}` ; là où c'est impossible, `notices:` du destinataire dit pourquoi",
    ),
)  # fmt: skip
def recipients_not_told(case: Case) -> Iterator[Place]:
    """Every one of them, unless impossible."""
    if case.document.rights is not None and not case.document.rights.notices.recipients:
        yield place("rights", "notices", "recipients")


@rule(
    "asking_made_hard", WARNING, gdpr(12, "(2)"),
    en=(
        "requests are taken by `{channels}` only; data held by computer should be asked for by computer",
        "add `email`, `form` or `portal` to `channels:`",
    ),
    fr=(
        "les demandes ne sont reçues que par `{channels}` ; on doit pouvoir écrire en ligne à qui traite en ligne",
        "ajoutez `email`, `form` ou `portal` à `channels:`",
    ),
)  # fmt: skip
def asking_made_hard(case: Case) -> Iterator[Place]:
    """The exercise of rights is made easy."""
    rights = case.document.rights
    if rights is not None and not {"email", "form", "portal"} & set(rights.channels):
        yield place("rights", "channels", channels=tuple(rights.channels))


@rule(
    "nobody_to_ask", ERROR, gdpr(13, "(1)(a)"), gdpr(13, "(1)(b)"),
    en=(
        "nobody is named to whom people can turn about their data",
        "add `publisher.privacy_contact:` with a name or function and an address, mail address or telephone number",
    ),
    fr=(
        "personne n'est nommé à qui s'adresser au sujet de ses données",
        "ajoutez `publisher.privacy_contact:` : un nom ou une fonction, et une adresse, un courriel ou un téléphone",
    ),
)  # fmt: skip
def nobody_to_ask(case: Case) -> Iterator[Place]:
    """A privacy contact or a data protection officer who can be reached."""
    publisher = case.document.publisher
    contacts = [c for c in (publisher.privacy_contact, publisher.data_protection_officer) if c is not None]
    if not any(contact.email or contact.phone or contact.address for contact in contacts):
        yield place("publisher", "privacy_contact" if contacts else "name")


@rule(
    "refusal_not_in_rows", NOTE, gdpr(7, "(3)"), gdpr(21, "(3)"),
    en=(
        "people may say no to {purpose}, and nothing in the rows of {collection} would tell your software so",
        "name the column: `refused: {purpose}: …`; or have your programs ask *may I?* or read the views",
    ),
    fr=(
        "on peut dire non à {purpose}, et rien dans les lignes de {collection} ne l'apprendrait à votre logiciel",
        "nommez la colonne : `refused: {purpose}: …` ; ou faites interroger l'API « may », ou lire les vues",
    ),
)  # fmt: skip
def refusal_not_in_rows(case: Case) -> Iterator[Place]:
    """A consent is withdrawn as easily as given, and marketing ends with the objection: also where rows are read.
    Rows that only belong to others, or that nobody verified to be the person's, are not what a mailing goes by."""
    mapped = [(s, n, c) for s, held in case.document.stores.items() for n, c in held.collections.items()]
    heard = {purpose for _, _, collection in mapped for purpose in collection.refused}
    for name, said in case.document.purposes.items():
        if (said.basis == "consent" or said.direct_marketing) and name not in heard:
            rows = (f"{s}.{n}" for s, n, c in mapped if _finds(c) and name in purposes_of(c))
            yield from (place("purposes", name, purpose=name, collection=where) for where in islice(rows, 1))


def _finds(collection: Collection) -> bool:
    return any(column.verified for column in collection.subject.values())
