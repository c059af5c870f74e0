"""Columns by which software usually knows that somebody does not want to be written to: drafted as a comment, because
which value says no, and to which purpose, only the publisher knows."""

from __future__ import annotations

import re

from troth.core.discover import yaml_text as yaml
from troth.core.discover.model import Column

_WANTS = frozenset({
    "optin", "optedin", "newsletter", "newsletters", "newsletteroptin", "marketingoptin", "emailoptin", "smsoptin",
    "acceptsmarketing", "acceptmarketing", "buyeracceptsmarketing", "marketingconsent", "emailconsent",
    "wantsoffers", "wantsnewsletter", "wantsmail", "subscribed", "issubscribed", "receivenewsletter",
    "receiveemails", "mailinglist", "allowemail", "allowmarketing", "abonne", "abonnenewsletter",
})  # fmt: skip
"""They say yes where they are true."""
_REFUSES = frozenset({
    "optout", "optedout", "emailoptout", "smsoptout", "marketingoptout", "unsubscribed", "isunsubscribed",
    "donotmail", "donotemail", "donotcall", "donotcontact", "nomarketing", "noemail", "nonewsletter",
    "hasoptedoutofemail", "desabonne", "desinscrit", "desinscription", "desabonnement", "abgemeldet",
})  # fmt: skip
"""They say no where they are true; a date in them tells since when."""
_MOMENT = re.compile(r"(at|on|date|time|datetime|le)$")
_AROUND = re.compile(r"^(is|has|flag|allow|date|dt)(?=.{5})")


def refusal_of(column: Column) -> str | None:
    """What a draft proposes to write after ``refused: {PURPOSE: …}`` for this column, as YAML within braces; None where
    its name says nothing of the kind."""
    name = re.sub(r"[^a-z0-9]", "", column.name.lower())
    names = {name, _AROUND.sub("", name)}
    if column.family in ("date", "datetime"):
        known = {_MOMENT.sub("", one) for one in names} | names
        return f"{{flag: {yaml.value(column.name)}, is: {column.family}}}" if known & _REFUSES else None
    if column.family not in ("boolean", "integer", "number"):
        return None
    no, yes = ("false", "true") if column.family == "boolean" else ("0", "1")
    value = yes if names & _REFUSES else no if names & _WANTS else ""
    return f"{{flag: {yaml.value(column.name)}, value: {value}}}" if value else None
