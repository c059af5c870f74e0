"""The explanations of the page, in one language: purposes, recipients, rights, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from troth.core.rights.access import LeftOut
from troth.core.rights.information import Contact, Information, PurposeInformation, RecipientInformation
from troth.core.rights.information_words import RIGHTS
from troth.package import locale
from troth.package.html_cells import escape, local, said
from troth.package.html_data import count_words
from troth.package.html_names import Namer
from troth.package.labels import word
from troth.package.reasons import REASONS


class Explained:
    """Markup of the information in one language."""

    def __init__(self, information: Information, namer: Namer) -> None:
        self._information = information
        self._namer = namer
        self._language = namer.language

    @property
    def _colon(self) -> str:
        return self._namer.colon

    def _t(self, name: str, **markup: str) -> str:
        return said(name, self._language, **markup)

    def purposes(self) -> Iterator[str]:
        """Why and how long."""
        for purpose in self._information.purposes:
            yield f"<article><h3>{local(purpose.title, self._language)}</h3>\n"
            if purpose.description:
                yield f"<p>{local(purpose.description, self._language)}</p>\n"
            yield _facts(self._purpose(purpose))
            yield "</article>\n"

    def _purpose(self, purpose: PurposeInformation) -> Iterator[tuple[str, str]]:
        language = self._language
        yield self._t("basis"), local(purpose.basis_in_words, language)
        if purpose.law:
            yield self._t("law"), escape(purpose.law)
        if purpose.interest:
            yield self._t("interest"), local(purpose.interest, language)
        yield self._t("categories"), ", ".join(dict.fromkeys(self._namer.category(c) for c in purpose.categories))
        yield self._t("kept"), local(purpose.retention, language)
        if purpose.holds:
            yield self._t("holds"), "<br>".join(local(hold, language) for hold in purpose.holds)
        yield self._t("source"), local(purpose.source, language) if purpose.source else self._t("source_you")
        if purpose.required:
            yield self._t("required"), local(purpose.required, language)
        names = [self._recipient_name(name) for name in purpose.recipients]
        if names:
            yield self._t("recipients"), ", ".join(names)
        semicolon = "\u00a0; " if language == "fr" else "; "
        yield self._t("rights_here"), semicolon.join(local(RIGHTS[right], language) for right in purpose.rights)

    def _recipient_name(self, name: str) -> str:
        return escape(self._namer.policy.recipients[name].title)

    def recipients(self) -> Iterator[str]:
        """Who receives data, and where it goes."""
        if not self._information.recipients:
            yield f"<p>{self._t('nobody')}</p>\n"
        else:
            heads = [self._t(name) for name in ("recipient", "role", "country", "leaving")]
            yield _table(heads, (self._recipient(r) for r in self._information.recipients), self._t("who"))
        yield from self._disclosures()
        yield f"<h3>{self._t('lies')}</h3>\n<ul>\n"
        for store in self._information.stores:
            outside = "" if store.in_eea else f' <span class="warn">({self._t("outside")})</span>'
            country = self._namer.country(store.country) + outside
            yield f"<li>{self._namer.store(store.name)}{self._colon}{country}</li>\n"
        yield "</ul>\n"

    def _disclosures(self) -> Iterator[str]:
        """What was given to whom, each with its day."""
        found = self._information.disclosures
        if not found:
            return
        yield f"<h3>{self._t('given')}</h3>\n"
        heads = [self._t(name) for name in ("given_day", "given_to", "categories", "basis")]
        rows = (
            [
                locale.day(one.day, self._language), escape(one.to),
                ", ".join(self._namer.category(name) for name in one.categories),
                f"{local(one.basis_in_words, self._language)} ({escape(one.law)})",
            ]
            for one in found
        )  # fmt: skip
        yield _table(heads, rows, self._t("given"))

    def _recipient(self, recipient: RecipientInformation) -> list[str]:
        transfer = self._t("inside")
        if recipient.transfer is not None:
            source = f" ({escape(recipient.transfer_source)})" if recipient.transfer_source else ""
            transfer = local(recipient.transfer, self._language) + source
        role = escape(word(recipient.role, self._language))
        return [escape(recipient.name), role, self._namer.country(recipient.country), transfer]

    def rights(self) -> Iterator[str]:
        """What the person may ask for, whom, and where to complain; automated decisions."""
        information = self._information
        names = dict.fromkeys(right for p in information.purposes for right in p.rights if right != "complaint")
        yield f"<p>{self._t('rights_lead', publisher=escape(information.publisher))}</p>\n<ul>\n"
        yield from (f"<li>{local(RIGHTS[name], self._language)}</li>\n" for name in names)
        yield "</ul>\n" + self._decisions()
        yield f"<h3>{self._t('contact')}</h3>\n<p>{self._contact(information.contact)}</p>\n"
        if information.officer is not None:
            yield f"<h3>{self._t('officer')}</h3>\n<p>{self._contact(information.officer)}</p>\n"
        yield f"<h3>{self._t('complain')}</h3>\n<p>{local(information.complaint, self._language)}</p>\n"
        yield f"<p>{self._authority()}</p>\n"

    def _decisions(self) -> str:
        parts = [f"<h3>{self._t('automated')}</h3>\n"]
        if self._information.automated != "some":
            parts.append(f"<p>{self._t(f'automated_{self._information.automated}')}</p>\n")
        for decision in self._information.decisions:
            facts = [
                (self._t("logic"), local(decision.logic, self._language)),
                (self._t("significance"), local(decision.significance, self._language)),
            ]
            parts.append(f"<article><h4>{self._namer.purpose(decision.purpose)}</h4>\n{_facts(facts)}</article>\n")
        return "".join(parts)

    def _contact(self, contact: Contact) -> str:
        email = f'<a href="mailto:{escape(contact.email)}">{escape(contact.email)}</a>' if contact.email else ""
        lines = [
            escape(contact.name or self._information.publisher),
            local(contact.address, self._language) if contact.address else escape(self._information.address or ""),
            email,
            escape(contact.phone or ""),
        ]
        return "<br>".join(line for line in lines if line)

    def _authority(self) -> str:
        authority = self._information.authority
        site = authority.website or ""
        link = f'<a href="{escape(site)}" rel="noreferrer">{escape(site)}</a>' if site.startswith("https://") else ""
        name = escape(authority.name) if authority.name else self._t("authority")
        return "<br>".join(part for part in (name, escape(authority.address or ""), link) if part)

    def left_out(self, entries: Sequence[LeftOut]) -> Iterator[str]:
        """What is not in the package, and why."""
        if not entries:
            yield f"<p>{self._t('missing_none')}</p>\n"
            return
        heads = [self._t(name) for name in ("place", "what", "reason")]
        yield _table(heads, (self._left_out(entry) for entry in entries), self._t("missing"))

    def _left_out(self, entry: LeftOut) -> list[str]:
        what = ", ".join(f"<code>{escape(name)}</code>" for name in entry.what)
        if entry.rows:
            what = count_words(entry.rows, self._language)
        reason = local(REASONS[entry.reason], self._language)
        kind = f" ({self._namer.identifier(entry.kind)})" if entry.kind else ""
        return [self._namer.place(entry.store, entry.collection) or "—", what or self._t("everything"), reason + kind]

    def total(self, rows: int, places: int) -> str:
        """``12 records in 3 places``."""
        where = self._t("place_one") if places == 1 else self._t("places", n=str(places))
        if rows == 1:
            return self._t("total_one", places=where)
        return self._t("total", rows=escape(locale.whole(rows, self._language)), places=where)


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return '<dl class="facts">\n' + "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in pairs) + "</dl>\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in heads)
    body = "".join(
        '<tr role="row">'
        + "".join(f'<td role="cell" data-label="{name}">{cell}</td>' for name, cell in zip(heads, row, strict=True))
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll plain"><table role="table"><caption class="hidden">{caption}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{body}</tbody></table></div>\n'
    )
