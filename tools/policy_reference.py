"""Writes what is made from the sections of the policy file.

`troth.schema.json` is for editors, `docs/reference/policy.md` for people.
Run it after changing the sections, `.venv/bin/python tools/policy_reference.py`; a test tells when that was forgotten.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.schema import json_schema
from troth.core.policy.texts import MESSAGES

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "troth.schema.json"
REFERENCE = ROOT / "docs" / "reference" / "policy.md"

Schema = dict[str, Any]

HEAD = """# The policy file

One YAML file says what is promised about personal data, where that data lies, and for how long it is needed.
`troth check` tells every fault in it with its line. This page lists every key; it is made from the code by
`tools/policy_reference.py`. How to begin is told in the tutorial, why the format is as it is in
[decision 0006](../decisions/0006-policy-file.md).

For completion and checks while typing, put this line first (editors with a YAML language server read it):

```yaml
# yaml-language-server: $schema=./troth.schema.json
```

## How it is written

- `format: 1` opens the file. It is UTF-8, at most 5 MB, one document, at most 60 levels deep.
- **Words.** Only `true` and `false` are truth values. `yes`, `no`, `on`, `off`, `y` and `n` without quotes are
  refused, because other readers take them for true or false: Norway is `"NO"`. So are numbers with a leading zero
  (a telephone number goes in quotes), numbers in eights or sixteens, and days that do not exist.
- **Not used**: tags (`!…`), merge keys (`<<`), directives (`%YAML`), tabs in the indentation, and characters nobody
  sees. Anchors and aliases may be used in moderation. The same key twice is an error.
- **Short forms.** A single value may stand for a list of one (`people: clients`). Where the table says so, a word
  stands for a whole entry (`Phone: TelephoneNumber` for `Phone: {is: TelephoneNumber}`).
- **Texts for people** are given by language, `{fr: …, en: …}`; a bare text is the same in all languages of the policy.
- **Periods** are calendar periods: `3 years`, `13 months`, `2 weeks`, `30 minutes`, `1 year 6 months`, or in French
  `3 ans`, `13 mois`. Three years are three years, not 1095 days.
- **Dates** are written `2026-11-22`; **countries** are two letters of ISO 3166-1.
- **Categories of data** are names of the [W3C Data Privacy Vocabulary](https://w3id.org/dpv/pd), such as
  `EmailAddress`; further ones are declared under `categories:`.
- **Variables.** `${NAME}` is the environment variable NAME; `$${` stands for the characters `${`. In addresses
  (`stores.….url`, `mail.url`) and under keys such as `password` it is put in when it is used, so that no copy of the
  policy holds it; everywhere else when the file is read. Inside `{ }` and `[ ]` it needs quotes: `{url: "${URL}"}`.
- **Secrets in clear** (a password in an address, a literal value under `password`, `secret`, `token`, `api_key`, a
  private key) are errors, and are never shown.
- **Several files.** `include: [stores.yaml, clauses.yaml]` adds files below the policy's folder. Each holds sections;
  a section may be spread over files by its entries. The same entry twice is an error.

## What the loader makes sure of

Every name refers to something: purposes, recipients, stores, collections, fields, events, states, roles, clients,
chapters, categories. And what is said can be carried out:

- every field has a purpose, its own or its collection's;
- from every collection with personal data a person is found: it has `subject:`, or `belongs_to:` leads to one that has,
  or it is `unidentified: true`;
- every period counts from an event that the collection sees: its own, or that of a row it belongs to; an event of the
  person may be told by any collection of any store;
- every state that a purpose lasts `while` is declared on the collection, on one it belongs to, or on another collection
  of the same person in the same store;
- a hold names fields that exist (or `other_columns`), on collections that its own belongs to.

A row's purposes are those of its collection and of all its fields: it stays while any of them needs it.

Key/value rows (`rows:`) become one collection for each group of keys that are alike, named after their keys:
`usermeta[billing_phone]`.

## Events that need no declaration

"""

_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": ""}

_SIMPLE = {
    "Country": "country", "Area": "country, `EEA` or `EU`", "Period": "period", "LocalText": "text for people",
}  # fmt: skip


def schema_text() -> str:
    """The content of `troth.schema.json`."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def reference_text() -> str:
    """The content of `docs/reference/policy.md`."""
    schema = json_schema()
    parts = [HEAD, _events(), "\n## The whole file\n", schema["description"], "\n", _table(schema, schema)]
    for name in (n for n in _in_order_of_use(schema) if n not in _SIMPLE):
        section = schema["$defs"][name]
        parts += [f"\n## {name}\n", section.get("description", ""), "\n", _table(section, schema)]
    return "\n".join([*parts, _problems()])


def _events() -> str:
    rows = ["| event | each | |", "|---|---|---|"]
    for event in BUILT_IN_EVENTS.values():
        computed = "the end of the financial year in which the column's day lies" if event.computed else ""
        rows.append(f"| `{event.name}` | {event.per} | {computed} |")
    return "\n".join(rows)


def _in_order_of_use(schema: Schema) -> list[str]:
    found: dict[str, None] = {}

    def visit(part: Any) -> None:
        names = [r.rsplit("/", 1)[-1] for r in _references(part)]
        new = [n for n in names if n not in found]
        for name in new:
            if name not in found:
                found[name] = None
                visit(schema["$defs"][name].get("properties", {}))

    visit(schema["properties"])
    return list(found)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _table(section: Schema, schema: Schema) -> str:
    required = set(section.get("required", []))
    rows = ["| key | value | meaning |", "|---|---|---|"]
    for key, part in section.get("properties", {}).items():
        about = part.get("description") or _described(part, schema)
        meaning = " ".join(about.split()).replace("``", "`")
        default = part.get("default")
        if key in required:
            meaning += " **Required.**"
        elif default not in (None, [], {}, "") and not isinstance(default, dict):
            meaning += f" Default: `{_plain(default)}`."
        rows.append(f"| `{key}` | {_form(part)} | {meaning} |".replace("\n", " "))
    return "\n".join(rows)


def _described(part: Schema, schema: Schema) -> str:
    """A key that says the same as its section has no words of its own."""
    name = part.get("$ref", "").rsplit("/", 1)[-1]
    return str(schema["$defs"].get(name, {}).get("description", ""))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _form(part: Schema) -> str:
    """What may stand there, in a few words."""
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(f for f in map(_form, part["anyOf"]) if f))
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return _SIMPLE.get(name) or f"[{name}](#{name.lower()})"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        words = part["enum"]
        return "country" if len(words) > 200 else ", ".join(f"`{w}`" for w in words)
    kind = part.get("type")
    if kind == "array":
        return f"list of {_form(part['items'])}"
    if kind == "object":
        return f"name: {_form(part['additionalProperties'])}" if part.get("additionalProperties") else "mapping"
    if isinstance(kind, list):
        return "single value"
    if "year" in part.get("examples", [""])[0]:
        return "period"
    return "date" if part.get("format") == "date" else _WORDS.get(str(kind), str(kind))


def _problems() -> str:
    rows = [
        "\n## Problems\n",
        "What `troth check` may say, by the code it gives with each.\n",
        "| code | message |",
        "|---|---|",
    ]
    for code in sorted(MESSAGES):
        text = re.sub(r"(?<!\{)\{nearest\}", "", MESSAGES[code][0])
        text = re.sub(r"(?<!\{)\{\w+\}(?!\})", "…", text).replace("{{", "{").replace("}}", "}").replace("|", "\\|")
        rows.append(f"| `{code}` | {text} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Write both files."""
    SCHEMA.write_text(schema_text(), "utf-8")
    REFERENCE.write_text(reference_text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
