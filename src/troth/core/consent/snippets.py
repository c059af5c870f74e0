"""What a publisher puts into the configuration of a web server so that the browser enforces choices.

Each knows the choice by the cookie alone, one condition for each service, so that any choice gives its own policy.
Pure text: ``troth banner snippet`` prints it, the tests run it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from html import escape

from troth.core.consent.choice import Choice, write
from troth.core.consent.csp import Composed, endpoint, loading
from troth.core.consent.rules import ONCE, Rules
from troth.core.errors import UsageError

_DOCUMENTS = r"text/html|application/xhtml\+xml|image/svg\+xml|text/xml|application/xml"
_WORKERS = "worker|sharedworker|serviceworker"
_PLACES = "document|iframe|frame|embed|object|"
"""Where an answer without a kind may become a page; one that is not modified (304) names none."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNSAFE = set('"\\`${}<>')
"""What means something to one of the servers inside a quoted text, and has no place in a policy."""
_WRITTEN = "Written by `troth banner snippet`: write it again when the services of the policy have changed."
_AGES = "# Choices that had ended on {day} count for nothing. It cannot count days itself: write it again now and then."


def snippet(kind: str, rules: Rules, base: str | None, *, today: date) -> str:
    """The text for ``nginx``, ``apache``, ``caddy``, ``php`` or ``html``.

    ``base`` is the site's own policy. Choices that have ended ``today`` let nothing in; that later ones end, PHP
    alone can tell. Raises UsageError for a kind that is not there, and for a policy that cannot
    stand in such a file.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no snippet for {kind!r}", remedy=f"there are: {', '.join(KINDS)}")
    composed = rules.composed(base)
    everything = composed.header([one.name for one in rules.services])
    if set(everything) & _UNSAFE:
        raise UsageError(
            "the Content-Security-Policy holds a character that web servers read as something else",
            remedy="take out quotation marks, backslashes, $, { and }",
        )
    return KINDS[kind](rules, composed, today)


def _choice(rules: Rules, name: str, today: date) -> str:
    """In the header ``Cookie``: a choice about what is asked today, with this service among those accepted."""
    first = write(Choice(today - timedelta(days=rules.days - 1), ()), mark=rules.mark).split(".")[1]
    value = rf"1\.({at_least(first)})\.{rules.mark}(\.[A-Za-z0-9_-]+)*\.{name}(\.[A-Za-z0-9_-]+)*"
    return rf"(^|;\s*){rules.cookie}={value}\s*(;|$)"


def _once(rules: Rules, name: str) -> str:
    """In the header ``Cookie``: this service is let in for one page."""
    return rf"(^|;\s*){rules.cookie}{ONCE}=1\.{rules.mark}\.{name}\s*(;|$)"


def _twice(rules: Rules) -> str:
    """In the header ``Cookie``: two choices that differ, which are none."""
    return rf"(^|;\s*){rules.cookie}=([^;]*);(.*;)?\s*{rules.cookie}=(?!\2\s*(;|$))"


def at_least(first: str) -> str:
    """A number in base 36 that is this one or greater, of as many digits or one more."""
    ways = [first, "[1-9a-z]" + "[0-9a-z]" * len(first)]
    for at, digit in enumerate(first):
        if greater := _DIGITS[_DIGITS.index(digit) + 1 :]:
            ways.append(f"{first[:at]}[{greater}]" + "[0-9a-z]" * (len(first) - at - 1))
    return "|".join(ways)


def _policy(rules: Rules, composed: Composed, variable: Callable[[int], str]) -> str:
    """The header, with a variable where the hosts of a service come in; each brings a blank of its own."""
    numbers = {one.name: number for number, one in enumerate(rules.services, 1)}
    parts = []
    for name, sources in composed.fixed.items():
        grants = "".join(variable(numbers[service]) for service in composed.grants.get(name, {}) if service in numbers)
        none = "" if sources or grants or name not in loading() else " 'none'"
        parts.append(" ".join([name, *sources]) + none + grants)
    return "; ".join(parts)


def _hosts(rules: Rules) -> list[tuple[int, str, str]]:
    """Number, name and hosts of each service, a blank before each host."""
    return [(n, one.name, "".join(f" {host}" for host in one.hosts)) for n, one in enumerate(rules.services, 1)]


def _nginx(rules: Rules, composed: Composed, today: date) -> str:
    lines = [
        f"# {_WRITTEN}",
        "# This file into /etc/nginx/conf.d/ (it belongs into `http`), and into each `server` of the site:",
        "#",
        "#     add_header Content-Security-Policy $troth_policy always;",
        "#     add_header Vary $troth_vary always;",
        "#     add_header Cache-Control $troth_cache always;",
        *(["#     add_header Reporting-Endpoints $troth_reports always;"] if endpoint(rules.reports) else []),
        "#",
        "# A `location` with an add_header of its own forgets those of its server: write them there too. Before an",
        "# application that sends a policy of its own, hide that one: proxy_hide_header Content-Security-Policy;",
        _AGES.format(day=today),
        "",
    ]
    for number, name, hosts in _hosts(rules):
        lines += [
            f"map $http_cookie $troth_{number} {{  # {name}",
            '    default "";',
            f'    "~{_once(rules, name)}" "{hosts}";',
            f'    "~{_twice(rules)}" "";',
            f'    "~{_choice(rules, name, today)}" "{hosts}";',
            "}",
        ]
    policy = _policy(rules, composed, lambda number: f"${{troth_{number}}}")
    lines += [
        'map "$http_sec_fetch_dest:$sent_http_content_type" $troth_policy {',
        '    default "";',
        f'    "~^(({_WORKERS}):|[a-z]*:({_DOCUMENTS})|({_PLACES}):$)" "{policy}";',
        "}",
        'map $troth_policy $troth_vary { default Cookie; "" ""; }',
        'map "$troth_vary:$sent_http_cache_control" $troth_cache { default ""; "Cookie:" "private, no-cache"; }',
    ]
    if reports := endpoint(rules.reports):
        lines.append(f'map $troth_policy $troth_reports {{ default \'{reports}\'; "" ""; }}')
    return "\n".join([*lines, ""])


def _apache(rules: Rules, composed: Composed, today: date) -> str:
    lines = [
        f"# {_WRITTEN}",
        "# Into the <VirtualHost> or the .htaccess of the site. Needs: a2enmod headers setenvif",
        _AGES.format(day=today),
    ]
    for number, name, hosts in _hosts(rules):
        lines += [
            f"# {name}",
            f'SetEnvIf Request_URI "^" "TROTH_{number}= "',
            f'SetEnvIf Cookie "{_choice(rules, name, today)}" "TROTH_{number}={hosts}"',
            f'SetEnvIf Cookie "{_twice(rules)}" "TROTH_{number}= "',
            f'SetEnvIf Cookie "{_once(rules, name)}" "TROTH_{number}={hosts}"',
        ]
    composed_policy = _policy(rules, composed, lambda number: f"\0{number}\0").replace("%", "%%")
    for number, _, _ in _hosts(rules):
        composed_policy = composed_policy.replace(f"\0{number}\0", f"%{{TROTH_{number}}}e")
    to = "req_novary('Sec-Fetch-Dest') =~ m#^"
    when = (
        f"expr=%{{CONTENT_TYPE}} =~ m#^({_DOCUMENTS})# || {to}({_WORKERS})$# "
        f"|| (-z %{{CONTENT_TYPE}} && {to}({_PLACES})$#)"
    )
    lines += [
        f'Header always set Content-Security-Policy "{composed_policy}" "{when}"',
        f'Header always merge Vary Cookie "{when}"',
        f'Header setifempty Cache-Control "private, no-cache" "{when}"',
    ]
    if reports := endpoint(rules.reports).replace('"', r"\""):
        lines.append(f'Header always set Reporting-Endpoints "{reports}" "{when}"')
    return "\n".join([*lines, ""])


def _caddy(rules: Rules, composed: Composed, today: date) -> str:
    twice = rf"(^|;\s*){rules.cookie}=[^;]*;(.*;)?\s*{rules.cookie}="  # Go's expressions cannot say: one that differs
    lines = [f"# {_WRITTEN}", _AGES.format(day=today), "# Into the block of the site."]
    for number, name, hosts in _hosts(rules):
        lines += [
            f"map {{http.request.header.Cookie}} {{troth_{number}}} {{  # {name}",
            f'\t"~{_once(rules, name)}" "{hosts}"',
            f'\t"~{twice}" ""',
            f'\t"~{_choice(rules, name, today)}" "{hosts}"',
            '\tdefault ""',
            "}",
        ]
    policy = _policy(rules, composed, lambda number: f"{{troth_{number}}}")
    lines += [
        "@troth not header_regexp Sec-Fetch-Dest ^(image|style|script|font|audio|video|track|empty)$",
        "header @troth {",
        "\tdefer",
        f'\tContent-Security-Policy "{policy}"',
        "\t+Vary Cookie",
        '\t?Cache-Control "private, no-cache"',
    ]
    if reports := endpoint(rules.reports):
        lines.append(f"\tReporting-Endpoints `{reports}`")
    return "\n".join([*lines, "}", ""])


_PHP = r"""<?php
// @written@
// Before anything else of the site: require __DIR__ . '/troth-consent.php';
// or, without touching the pages, in php.ini or .user.ini: auto_prepend_file = /path/to/troth-consent.php
// Nothing else may call header_register_callback(): PHP keeps one callback only.

header_register_callback(static function (): void {
    foreach (headers_list() as $line) {
        if (preg_match('#^Content-Type:\s*+(?!@documents@)#i', $line)) {
            return;
        }
    }
    $accepted = [];
    $sent = (string) ($_SERVER['HTTP_COOKIE'] ?? '');
    preg_match_all('/(?:^|;)\s*@cookie@=([^;]*)/', $sent, $choices);
    $choice = implode(' ', array_unique(array_map('trim', $choices[1]))); // two that differ are none
    if (preg_match('/\A1\.([0-9a-z]{1,5})\.@mark@((?:\.[A-Za-z][A-Za-z0-9_-]*)*)\z/', $choice, $found)) {
        $age = intdiv(time(), 86400) - intval($found[1], 36);
        $accepted = $age >= -1 && $age < @days@ ? explode('.', substr($found[2], 1)) : [];
    }
    if (preg_match_all('/(?:^|;)\s*@cookie@@once@=1\.@mark@\.([A-Za-z0-9_-]+)\s*(?=;|\z)/', $sent, $lent)) {
        $accepted = array_merge($accepted, $lent[1]);
    }
    $parts = [];
    foreach (json_decode('@fixed@', true) as $directive => [$sources, $services]) {
        foreach ($services as $name => $hosts) {
            $sources = array_merge($sources, in_array($name, $accepted, true) ? $hosts : []);
        }
        $loads = in_array($directive, json_decode('@loading@', true), true);
        $parts[] = implode(' ', array_merge([$directive], $sources ?: ($loads ? ["'none'"] : [])));
    }
    // Beside a policy that a page has sent itself: a browser lets through what both allow.
    header('Content-Security-Policy: ' . implode('; ', $parts), false);
    header('Vary: Cookie', false);
    if (!preg_grep('/^Cache-Control:/i', headers_list())) {
        header('Cache-Control: private, no-cache');
    }
@reports@});
"""


def _php(rules: Rules, composed: Composed, today: date) -> str:
    fixed = {
        name: [list(sources), {service: list(hosts) for service, hosts in composed.grants.get(name, {}).items()}]
        for name, sources in composed.fixed.items()
    }
    told = endpoint(rules.reports)
    reports = f"    header('Reporting-Endpoints: {told}');\n" if told else ""
    values = {
        "written": _WRITTEN, "documents": _DOCUMENTS, "cookie": rules.cookie, "mark": rules.mark,
        "once": ONCE, "days": str(rules.days), "fixed": _quoted(fixed),
        "loading": _quoted([name for name in fixed if name in loading()]), "reports": reports,
    }  # fmt: skip
    text = _PHP
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _quoted(value: object) -> str:
    """JSON inside single quotes of PHP."""
    return json.dumps(value, separators=(",", ":")).replace("\\", "\\\\").replace("'", r"\'")


def _html(rules: Rules, composed: Composed, today: date) -> str:
    lines = [
        "<!-- In the head of each page: the banner. -->",
        f'<script src="{escape(rules.troth)}/banner.js" defer></script>',
        "",
        "<!-- What waits for its service: held back in the markup too, so that it says what would load. -->",
    ]
    for one in rules.services:
        host = (one.hosts or ("example.org",))[0].replace("*.", "www.")
        if "frame-src" in one.directives[:1]:
            held = f'<iframe data-troth="{one.name}" data-src="https://{host}/…" title="…"></iframe>'
        elif "script-src" in one.directives:
            held = f'<script type="text/plain" data-troth="{one.name}" data-src="https://{host}/…"></script>'
        else:
            held = f'<link data-troth="{one.name}" rel="stylesheet" data-href="https://{host}/…">'
        lines.append(held)
    return "\n".join([*lines, ""])


KINDS: Mapping[str, Callable[[Rules, Composed, date], str]] = {
    "nginx": _nginx, "apache": _apache, "caddy": _caddy, "php": _php, "html": _html,
}  # fmt: skip
"""Every snippet there is."""
