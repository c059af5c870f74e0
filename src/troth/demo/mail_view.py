"""The pages on which the demo's mail is read. Nothing that a message brings along is run or loaded."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib import resources
from urllib.parse import quote

from troth.demo.mailbox import Mailbox, Message
from troth.demo.pages import Answer, Asked
from troth.publishing.words import spaced

LANGUAGES = ("fr", "en")

_ASSETS = {"/mail.css": "text/css; charset=utf-8", "/mail.svg": "image/svg+xml"}

# A message's own styles are its own; links open in a tab of their own, which the frame's limits do not reach.
_FRAME = "allow-popups allow-popups-to-escape-sandbox"
_FRAMED = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox {_FRAME}"
    )
}
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]»]")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


class MailView:
    """A site over a mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.method == "POST":
            return self._post(asked)
        if asked.path in _ASSETS:
            return Answer(_asset(asked.path[1:]), _ASSETS[asked.path])
        if asked.path == "/messages.json":
            return Answer(json.dumps([_plain(message) for message in self._mailbox.all()]), "application/json")
        if asked.path == "/":
            return self._list(asked)
        message = re.fullmatch(r"/message/(\d{1,9})(/html|/attachment/(\d{1,4}))?", asked.path)
        found = self._mailbox.get(int(message[1])) if message else None
        if message is None or found is None:
            return self._gone(asked)
        if message[3]:
            return _attached(found, int(message[3])) or self._gone(asked)
        return _framed(found) if message[2] else _one(found, _language(asked))

    def _post(self, asked: Asked) -> Answer:
        if asked.path != "/delete":
            return self._gone(asked)
        self._mailbox.clear()
        return Answer(status=303, headers={"Location": f"/?lang={_language(asked)}"})

    def _list(self, asked: Asked) -> Answer:
        language = _language(asked)
        messages = self._mailbox.all()
        again = "refresh" in asked.query
        count = _say("count_one" if len(messages) == 1 else "count", language, count=len(messages))
        rows = "".join(_row(message, language) for message in messages)
        body = f'<p class="count">{count}</p>\n<ol class="messages" reversed>\n{rows}</ol>' if messages else (
            f'<p class="none">{_say("none", language)}</p>'
        )  # fmt: skip
        stop = _say("refresh_stop" if again else "refresh", language)
        tools = (
            f'<p class="tools"><a href="/?lang={language}{"&amp;refresh=5" if again else ""}">'
            f"{_say('reload', language)}</a>"
            f' <a href="/?lang={language}{"" if again else "&amp;refresh=5"}">{stop}</a></p>'
        )
        delete = (
            f'<form method="post" action="/delete?lang={language}"><button>{_say("delete", language)}</button></form>'
            if messages else ""
        )  # fmt: skip
        main = f'<h1>{_say("title", language)}</h1>\n<p class="lead">{_say("intro", language)}</p>\n'
        return _page(language, _say("title", language), f"{main}{tools}\n{body}\n{delete}", "/", again)

    def _gone(self, asked: Asked) -> Answer:
        language = _language(asked)
        main = (
            f"<h1>{_say('gone', language)}</h1>\n<p>{_say('gone_more', language)}</p>\n"
            f'<p><a href="/?lang={language}">{_say("back", language)}</a></p>'
        )
        return _page(language, _say("gone", language), main, "/", status=404)


def _row(message: Message, language: str) -> str:
    href = f"/message/{message.number}?lang={language}"
    return (
        f'<li><p class="subject"><a href="{href}">{_subject(message, language)}</a></p>\n'
        f'<p class="who"><span>{escape(message.sender)}</span> <span aria-hidden="true">→</span> '
        f"<span>{escape(', '.join(message.recipients))}</span> {_time(message)}</p>\n"
        f'<p class="preview">{escape(message.preview)}</p></li>\n'
    )


def _one(message: Message, language: str) -> Answer:
    def said(name: str) -> str:
        return _say(name, language)

    facts = [
        (said("from"), escape(message.sender)), (said("to"), escape(", ".join(message.recipients))),
        (said("received"), _time(message)),
    ]  # fmt: skip
    if message.attachments:
        named = (
            f'<a href="/message/{message.number}/attachment/{place}" download>{escape(name)}</a> '
            f"({_say('bytes', language, size=size)})"
            for place, (name, size) in enumerate(message.attachments, 1)
        )
        facts.append((said("attachments"), ", ".join(named)))
    parts = [f'<p><a href="/?lang={language}">← {said("back")}</a></p>', f"<h1>{_subject(message, language)}</h1>"]
    parts.append(_facts(facts))
    if message.text is not None:
        parts.append(f'<h2>{said("text")}</h2>\n<div class="text">{_linked(message.text)}</div>')
    if message.html is not None:
        parts.append(
            f'<h2>{said("html")}</h2>\n<p class="note">{said("html_note")}</p>\n<iframe sandbox="{_FRAME}" '
            f'src="/message/{message.number}/html" title="{said("html")}"></iframe>'
        )
    if message.text is None and message.html is None:
        parts.append(f"<p>{said('empty')}</p>")
    lines = _facts([(escape(name), escape(value)) for name, value in message.headers])
    parts.append(f"<details><summary>{said('headers')}</summary>\n{lines}</details>")
    return _page(language, message.subject or said("no_subject"), "\n".join(parts), f"/message/{message.number}")


def _attached(message: Message, place: int) -> Answer | None:
    """One attachment, counted from 1, to be saved: whatever it is, nothing of it is shown or run here."""
    if not 1 <= place <= len(message.contents):
        return None
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(message.attachments[place - 1][0], safe='')}",
        "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
    }  # fmt: skip
    return Answer(message.contents[place - 1], "application/octet-stream", headers=headers)


def _framed(message: Message) -> Answer:
    """The message's own page, for the frame; its links open elsewhere."""
    text = message.html or ""
    head = _HEAD.search(text)
    place = head.end() if head else 0
    return Answer(f'{text[:place]}<base target="_blank">{text[place:]}', headers=_FRAMED)


def _page(language: str, title: str, main: str, path: str, again: bool = False, status: int = 200) -> Answer:
    others = "".join(
        f'<li><a href="{path}?lang={one}" lang="{one}" hreflang="{one}"'
        f"{' aria-current=true' if one == language else ''}>{one.upper()}</a></li>"
        for one in LANGUAGES
    )
    refresh = f'<meta http-equiv="refresh" content="5; url=/?lang={language}&amp;refresh=5">\n' if again else ""
    return Answer(
        f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{escape(title)} · Troth</title>
<link rel="stylesheet" href="/mail.css">
<link rel="icon" href="/mail.svg">
</head>
<body>
<a class="skip" href="#main">{_say("skip", language)}</a>
<header><p><a href="/?lang={language}">Troth · {_say("title", language)}</a></p>
<nav aria-label="{_say("languages", language)}"><ul>{others}</ul></nav></header>
<main id="main" tabindex="-1">
{main}
</main>
</body>
</html>
""",
        status=status,
    )


# --- pieces ---------------------------------------------------------------------------------------


def _facts(facts: list[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in facts) + "</dl>"


def _linked(text: str) -> str:
    """The text with its web addresses as links; everything else is only shown."""
    made, end = [], 0
    for link in _LINK.finditer(text):
        address = escape(link[0])
        made += [escape(text[end : link.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        end = link.end()
    return "".join([*made, escape(text[end:])])


def _subject(message: Message, language: str) -> str:
    return escape(message.subject) or _say("no_subject", language)


def _time(message: Message) -> str:
    return f'<time datetime="{message.received.isoformat(timespec="seconds")}">{message.received:%H:%M:%S}</time>'


def _plain(message: Message) -> dict[str, object]:
    return {
        "number": message.number, "from": message.sender, "to": message.recipients, "subject": message.subject,
        "received": message.received.isoformat(timespec="seconds"), "text": message.text, "html": message.html,
        "headers": message.headers, "attachments": message.attachments,
    }  # fmt: skip


def _language(asked: Asked) -> str:
    """The language asked for in the address, else the first of the browser's that we have."""
    wished = [asked.query.get("lang", "")]
    wished += [part.strip()[:2].lower() for part in asked.headers.get("accept-language", "").split(",")]
    return next((one for one in wished if one in LANGUAGES), "en")


@cache
def _words() -> dict[str, tuple[str, str]]:
    lines = (line.split(" | ") for line in _asset("mail.txt").splitlines() if line and not line.startswith("#"))
    return {name: (english, french) for name, english, french in lines}


def _say(key: str, language: str, /, **values: object) -> str:
    english, french = _words()[key]
    return escape(spaced(french, "fr") if language == "fr" else english, quote=False).format_map(values)


@cache
def _asset(name: str) -> str:
    return resources.files("troth.demo").joinpath("data", name).read_text("utf-8")
