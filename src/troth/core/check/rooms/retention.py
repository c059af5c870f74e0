"""How long: prospects, accounts, holds, archives, and periods that never begin to run out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.check.look import customers, length, longer
from troth.core.check.rule import ERROR, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.periods import ACCOUNT_INACTIVE, CUSTOMER_MARKETING, PROSPECT, for_source

_PROSPECTS = re.compile(r"prospect|\bleads?\b", re.IGNORECASE)


@rule(
    "prospect_too_long", WARNING, PROSPECT, CUSTOMER_MARKETING, scope="france",
    en=(
        "'{purpose}' keeps people for {found} after {event}; for marketing the authority recommends {most} at most",
        "write `keep: {{for: {most}, after: last_contact}}`; a mail that was sent or opened is no contact",
    ),
    fr=(
        "« {purpose} » garde les personnes {found} après {event} ; pour la prospection l'autorité recommande {most} "
        "au plus",
        "écrivez `keep: {{for: {most}, after: last_contact}}` ; un courriel envoyé ou ouvert n'est pas un contact",
    ),
)  # fmt: skip
def prospect_too_long(case: Case) -> Iterator[Place]:
    """Prospects, and customers where they are written to."""
    for name, purpose in case.document.purposes.items():
        prospects = any(_PROSPECTS.search(group) for group in purpose.people)
        legal = purpose.basis in ("legal_obligation", "public_task")
        if purpose.keep.period is None or legal or not (purpose.direct_marketing or prospects):
            continue
        fact = PROSPECT if set(purpose.people) - customers(case.document) else CUSTOMER_MARKETING
        found = length(purpose.keep.period)
        if longer(found, fact.value):
            after = purpose.keep.after or ""
            yield place(
                "purposes", name, "keep", "for", fact=fact, purpose=name, found=found, most=fact.value, event=after
            )


@rule(
    "nothing_ends_it", WARNING, gdpr(5, "(1)(e)"), gdpr(13, "(2)(a)"),
    en=(
        "'{purpose}' lasts while '{state}', and no period follows: what never leaves that state is kept for ever",
        "add `for:` and `after:`, counted from an event that happens even if nobody acts, such as account_activity",
    ),
    fr=(
        "« {purpose} » dure tant que « {state} », sans durée ensuite : ce qui ne quitte jamais cet état reste toujours",
        "ajoutez `for:` et `after:`, comptés d'un événement qui survient même si personne n'agit (account_activity)",
    ),
)  # fmt: skip
def nothing_ends_it(case: Case) -> Iterator[Place]:
    """A state is a criterion, and states are forgotten."""
    for name, purpose in case.document.purposes.items():
        if purpose.keep.while_ is not None and purpose.keep.period is None:
            yield place("purposes", name, "keep", "while", purpose=name, state=purpose.keep.while_)


@rule(
    "accounts_never_closed", WARNING, ACCOUNT_INACTIVE, scope="france",
    en=(
        "nothing is said about accounts that nobody uses",
        "add `inactive: {{after: {most}, warn_before: …}}`",
    ),
    fr=(
        "rien n'est dit des comptes que personne n'utilise",
        "ajoutez `inactive: {{after: {most}, warn_before: …}}`",
    ),
)  # fmt: skip
def accounts_never_closed(case: Case) -> Iterator[Place]:
    """Accounts outlive their holders' interest."""
    accounts = case.document.accounts
    if accounts is not None and accounts.inactive is None:
        yield place("accounts", most=ACCOUNT_INACTIVE.value)


@rule(
    "inactive_too_long", WARNING, ACCOUNT_INACTIVE, scope="france",
    en=(
        "an account that nobody uses is kept for {found}; the authority recommends {most}",
        "shorten `inactive.after`; what gives access to bought content may stay longer, apart",
    ),
    fr=(
        "un compte que personne n'utilise est gardé {found} ; l'autorité recommande {most}",
        "raccourcissez `inactive.after` ; ce qui ouvre un contenu acheté peut rester plus longtemps, à part",
    ),
)  # fmt: skip
def inactive_too_long(case: Case) -> Iterator[Place]:
    """Two years from the last action."""
    accounts, most = case.document.accounts, ACCOUNT_INACTIVE.value
    if accounts is not None and accounts.inactive is not None and longer(length(accounts.inactive.after), most):
        yield place("accounts", "inactive", "after", found=length(accounts.inactive.after), most=most)


@rule(
    "account_closed_unwarned", WARNING, ACCOUNT_INACTIVE, scope="france",
    en=(
        "accounts that nobody uses are closed without warning their holders",
        "add `warn_before:` so that people can keep theirs",
    ),
    fr=(
        "les comptes inutilisés sont fermés sans prévenir leurs titulaires",
        "ajoutez `warn_before:` pour que chacun puisse garder le sien",
    ),
)  # fmt: skip
def account_closed_unwarned(case: Case) -> Iterator[Place]:
    """Told beforehand."""
    accounts = case.document.accounts
    if accounts is not None and accounts.inactive is not None and accounts.inactive.warn_before is None:
        yield place("accounts", "inactive")


@rule(
    "longer_than_its_law", ERROR, gdpr(5, "(1)(e)"), scope="france",
    en=(
        "{found} is longer than the law that it cites supports: {most} ({law})",
        "shorten it to {most}, or cite the rule that asks for more",
    ),
    fr=(
        "{found}, c'est plus que ne le justifie la loi citée : {most} ({law})",
        "ramenez à {most}, ou citez la règle qui demande davantage",
    ),
)  # fmt: skip
def longer_than_its_law(case: Case) -> Iterator[Place]:
    """Holds, archives and purposes that name the law they follow."""
    for path, period, text in _lawful(case):
        fact = for_source(text, case.country)
        if fact is not None and longer(length(period), fact.value):
            yield place(*path, fact=fact, found=length(period), most=fact.value, law=fact.source)


def _lawful(case: Case) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each period that follows a law: where it stands, itself, the text that cites the law."""
    for store, held in case.document.stores.items():
        for name, collection in held.collections.items():
            for hold, kept in collection.holds.items():
                if kept.period is not None and kept.source is not None:
                    yield ("stores", store, "collections", name, "holds", hold, "for"), kept.period, kept.source
    for name, purpose in case.document.purposes.items():
        archive = purpose.keep.archive
        if purpose.law is not None and purpose.keep.period is not None:
            yield ("purposes", name, "keep", "for"), purpose.keep.period, purpose.law
        if archive is not None:
            yield ("purposes", name, "keep", "archive", "for"), archive.period, " ; ".join(archive.because.values())


@rule(
    "hold_without_source", WARNING, gdpr(17, "(3)"), gdpr(5, "(2)"),
    en=(
        "the hold '{hold}' keeps data against the person's wish and names no rule of law",
        "add `source:`; the person is told why something stays",
    ),
    fr=(
        "la conservation « {hold} » garde des données contre le gré de la personne, sans nommer de règle de droit",
        "ajoutez `source:` ; la personne apprend ainsi pourquoi quelque chose reste",
    ),
)  # fmt: skip
def hold_without_source(case: Case) -> Iterator[Place]:
    """Whoever refuses erasure says why."""
    for store, held in case.document.stores.items():
        for name, collection in held.collections.items():
            for hold, kept in collection.holds.items():
                if kept.source is None:
                    yield place("stores", store, "collections", name, "holds", hold, hold=hold)


@rule(
    "archive_open_to_all", WARNING, gdpr(32), gdpr(5, "(1)(f)"),
    en=(
        "the archive of '{purpose}' names nobody who may read it",
        "add `readers:`, few of them",
    ),
    fr=(
        "l'archive de « {purpose} » ne nomme personne qui puisse la lire",
        "ajoutez `readers:`, peu nombreux",
    ),
)  # fmt: skip
def archive_open_to_all(case: Case) -> Iterator[Place]:
    """An intermediate archive is for few."""
    for name, purpose in case.document.purposes.items():
        if purpose.keep.archive is not None and not purpose.keep.archive.readers:
            yield place("purposes", name, "keep", "archive", purpose=name)


@rule(
    "unsubscribing_kept_twice", WARNING, ITSELF,
    en=(
        "the newsletter keeps addresses {found} after unsubscribing, its purpose {promised}",
        "give both the same period",
    ),
    fr=(
        "la lettre garde les adresses {found} après la désinscription, sa finalité {promised}",
        "donnez la même durée aux deux",
    ),
)  # fmt: skip
def unsubscribing_kept_twice(case: Case) -> Iterator[Place]:
    """One period, told twice."""
    newsletter = case.document.newsletter
    purpose = case.document.purposes.get(newsletter.purpose) if newsletter is not None else None
    if newsletter is None or newsletter.keep_after_unsubscribing is None or purpose is None:
        return
    if purpose.keep.period is None or purpose.keep.after != "unsubscribed":
        return
    found, promised = length(newsletter.keep_after_unsubscribing), length(purpose.keep.period)
    if longer(found, promised) or longer(promised, found):
        yield place("newsletter", "keep_after_unsubscribing", found=found, promised=promised)
