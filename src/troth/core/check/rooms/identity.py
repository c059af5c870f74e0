"""How somebody shows who they are: proportionately."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import fields, is_kind, length, longer
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, Source, place, rule
from troth.core.check.sources import gdpr
from troth.core.law.periods import IDENTITY_COPY_MOST

_PROPORTIONATE = Source("EDPB guidelines 01/2022; decree 2018-687", "S")


@rule(
    "identity_always_asked", ERROR, gdpr(12, "(6)"), gdpr(5, "(1)(c)"), _PROPORTIONATE,
    en=(
        "an identity document is asked for with every request; only reasonable doubt allows that",
        "write `when: reasonable_doubt`; an account or a link sent by e-mail is enough otherwise",
    ),
    fr=(
        "un titre d'identité est demandé à chaque fois ; seul un doute raisonnable le permet",
        "écrivez `when: reasonable_doubt` ; sinon un compte ou un lien envoyé par courriel suffit",
    ),
)  # fmt: skip
def identity_always_asked(case: Case) -> Iterator[Place]:
    """Never as a rule."""
    if case.document.rights is not None and case.document.rights.identity_document.when == "always":
        yield place("rights", "identity_document", "when")


@rule(
    "identity_only_by_document", ERROR, gdpr(12, "(6)"), gdpr(12, "(2)"), _PROPORTIONATE,
    en=(
        "an identity document is the first thing tried, or the only one",
        "put `account` and `email_link` before it in `verify:`",
    ),
    fr=(
        "un titre d'identité est le premier moyen essayé, ou le seul",
        "mettez `account` et `email_link` avant lui dans `verify:`",
    ),
)  # fmt: skip
def identity_only_by_document(case: Case) -> Iterator[Place]:
    """The mildest way first."""
    if case.document.rights is not None and case.document.rights.verify[0] == "identity_document":
        yield place("rights", "verify")


@rule(
    "identity_with_request", ERROR, gdpr(12, "(6)"), gdpr(5, "(1)(c)"), _PROPORTIONATE,
    en=(
        "a request must contain {category}, before any doubt can have arisen",
        "take it from `request_needs:`",
    ),
    fr=(
        "une demande doit contenir {category}, avant que le moindre doute ait pu naître",
        "retirez-la de `request_needs:`",
    ),
)  # fmt: skip
def identity_with_request(case: Case) -> Iterator[Place]:
    """Asking everybody is asking always."""
    rights = case.document.rights
    for index, category in enumerate(rights.request_needs if rights is not None else ()):
        if is_kind(case.document, category, "OfficialID"):
            yield place("rights", "request_needs", index, category=category)


@rule(
    "identity_kept", WARNING, IDENTITY_COPY_MOST, gdpr(5, "(1)(e)"),
    en=(
        "identity documents are kept for {found} after the decision; nothing needs them any more",
        "write `destroyed: on_decision`; note that the identity was checked, and how",
    ),
    fr=(
        "les titres d'identité sont gardés {found} après la décision ; plus rien ne les demande",
        "écrivez `destroyed: on_decision` ; notez que l'identité a été vérifiée, et comment",
    ),
)  # fmt: skip
def identity_kept(case: Case) -> Iterator[Place]:
    """Looked at, then destroyed."""
    rights = case.document.rights
    if rights is not None and rights.identity_document.destroyed != "on_decision":
        found = length(rights.identity_document.destroyed)
        if longer(found, length("0 days")):
            yield place("rights", "identity_document", "destroyed", found=found)


@rule(
    "identity_unprotected", WARNING, gdpr(32), gdpr(5, "(1)(f)"),
    en=(
        "identity documents may be asked for, and are not protected: `{missing}`",
        "keep them encrypted, and name in `seen_by:` the one function that sees them",
    ),
    fr=(
        "des titres d'identité peuvent être demandés, et ne sont pas protégés : `{missing}`",
        "gardez-les chiffrés, et nommez dans `seen_by:` la seule fonction qui les voit",
    ),
)  # fmt: skip
def identity_unprotected(case: Case) -> Iterator[Place]:
    """What a thief would like best."""
    rights = case.document.rights
    if rights is None or not ("identity_document" in rights.verify or rights.identity_document.when == "always"):
        return
    document = rights.identity_document
    missing = tuple(key for key, fine in (("encrypted", document.encrypted), ("seen_by", document.seen_by)) if not fine)
    if missing:
        yield place("rights", "identity_document", missing=missing)


@rule(
    "identity_in_store", WARNING, gdpr(5, "(1)(c)"), gdpr(5, "(1)(e)"),
    en=(
        "the field holds {category}: data of identity documents should not be kept once it was looked at",
        "empty the column and note only that identity was checked, unless a law (`holds:` with `source:`) asks for it",
    ),
    fr=(
        "le champ contient {category} : les données d'un titre d'identité ne se gardent pas une fois vues",
        "videz la colonne et notez seulement la vérification, sauf si une loi (`holds:` et `source:`) l'exige",
    ),
)  # fmt: skip
def identity_in_store(case: Case) -> Iterator[Place]:
    """Unless the purpose is a legal duty."""
    for path, category, purposes, _ in fields(case.document):
        told = [case.document.purposes[name] for name in purposes if name in case.document.purposes]
        duty = any(purpose.basis == "legal_obligation" and purpose.law for purpose in told)
        if is_kind(case.document, category, "OfficialID") and not duty:
            yield place(*path, category=category)


@rule(
    "request_asks_much", NOTE, gdpr(12, "(2)"), gdpr(5, "(1)(c)"),
    en=(
        "a request must contain {found}; what finds the person and reaches them is enough",
        "ask for a name and one way to answer",
    ),
    fr=(
        "une demande doit contenir {found} ; ce qui retrouve la personne et permet de répondre suffit",
        "demandez un nom et un moyen de répondre",
    ),
)  # fmt: skip
def request_asks_much(case: Case) -> Iterator[Place]:
    """No more than is known already."""
    rights = case.document.rights
    needs = rights.request_needs if rights is not None else ()
    enough = ("Name", "Contact", "Identifier", "AccountIdentifier", "Username", "Communication", "OfficialID", "UID")
    more = tuple(category for category in needs if not is_kind(case.document, category, *enough))
    if more:
        yield place("rights", "request_needs", found=more)
