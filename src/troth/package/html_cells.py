"""Values as HTML: every one escaped, dates and numbers in the reader's language, long ones cut and said to be."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from urllib.parse import quote

from troth.core.policy.model import LocalText
from troth.core.ports import Family
from troth.core.tombstone import is_tombstone
from troth.package import locale
from troth.package.files import FileReference
from troth.package.page_texts import text
from troth.package.values import Plain

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_FITS = 22
"""Characters of an address that stand in one line of a telephone, in large letters too."""
LONGEST = 600
"""Characters of one value that are shown."""

_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}
_PICTURES |= dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0xD800, 0xE000)], 0xFFFD)


def escape(value: str) -> str:
    """Text as HTML, for content and quoted attributes. Control characters are shown as pictures of themselves."""
    return html.escape(value.replace("\r\n", "\n").translate(_PICTURES))


def foldable(markup: str) -> str:
    """A long e-mail address as finished markup, that breaks where its parts end and not within a word."""
    if len(markup) <= _FITS or not _ADDRESS.fullmatch(markup):
        return markup
    return re.sub(r"(?<=[@.])(?=.)", "<wbr>", markup)


def said(name: str, language: str, **markup: str) -> str:
    """A sentence of the page, escaped, with finished markup put in."""
    return escape(text(name, language)).format(**markup)


def local(words: LocalText | Mapping[str, str], language: str) -> str:
    """A text in the reader's language; if there is none, another one, marked as what it is."""
    if language in words:
        return escape(words[language])
    other = next(iter(words))
    return f'<span lang="{escape(other)}">{escape(words[other])}</span>'


def link(path: str, words: str) -> str:
    """A link to a file of the package; ``words`` is finished markup."""
    return f'<a href="{escape(quote(path))}">{words}</a>'


def show(raw: object, value: Plain, family: Family, language: str, whole_in: str, timezone: str = "") -> str:
    """One value. ``whole_in`` is the file that has it uncut; moments are told by the clocks of ``timezone``."""
    if value is None:
        return f'<span class="none">{said("none", language)}</span>'
    if isinstance(value, bool):
        return said("yes" if value else "no", language)
    if isinstance(value, FileReference):
        return _file(value, language)
    if isinstance(value, list | dict):
        return _structure(value, language, whole_in)
    moment = locale.read_moment(raw, family)
    if moment is not None:
        if isinstance(moment, datetime):
            words = locale.moment(moment, language, timezone)
        else:
            words = locale.day(moment, language)
        return f'<time datetime="{escape(moment.isoformat())}">{escape(words)}</time>'
    if isinstance(raw, Decimal | float):
        return escape(locale.number(raw, language))
    if isinstance(raw, time):
        return escape(locale.clock_time(raw))
    if is_tombstone(value):
        return f'<span class="none">{said("erased", language)}</span>'
    return _cut(str(value), language, whole_in)


def _cut(value: str, language: str, whole_in: str) -> str:
    if len(value) <= LONGEST:
        return escape(value)
    return escape(value[:LONGEST]) + f'<span class="soft">{said("cut", language, file=escape(whole_in))}</span>'


def _file(value: FileReference, language: str) -> str:
    size = locale.size(int(str(value["bytes"])), language)
    return link(str(value["file"]), said("file", language, size=escape(size)))


def _structure(value: list[Plain] | dict[str, Plain], language: str, whole_in: str) -> str:
    if isinstance(value, dict) and value.keys() == {"base64"}:
        return said("bytes", language, text=f"<code>{_cut(str(value['base64']), language, whole_in)}</code>")
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ", ".join(show(item, item, "other", language, whole_in) for item in value[:50]) + (
            f' <span class="soft">{said("cut", language, file=escape(whole_in))}</span>' if len(value) > 50 else ""
        )
    return f"<pre>{_cut(json.dumps(value, ensure_ascii=False, indent=1), language, whole_in)}</pre>"
