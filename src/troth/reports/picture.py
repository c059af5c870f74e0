"""The map as an SVG, and the same as a nested list."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import Survey, TableLine
from troth.package.html_cells import escape
from troth.reports.graph import Node, nodes_of
from troth.reports.layout import Box, Picture, label_lines, lay_out
from troth.reports.markup import Voice
from troth.reports.speech import plain_name

_MARGIN = 14.0
NARROW = 3
"""Tables beside each other on a telephone; the style sheet shows one of the two pictures."""
LISTED = 300
"""Tables of the list; the JSON has them all."""
OPEN = 30
"""Up to so many tables the list stands open."""


def chapter(voice: Voice) -> Iterator[str]:
    """The picture, its key, and the list."""
    yield voice.heading("map")
    survey = voice.survey
    if not survey.personal:
        yield voice.paragraph("map_none")
        return
    yield voice.paragraph("map_lead")
    nodes = nodes_of(survey)
    names = {n.id: _label(n, voice) for n in nodes}
    yield '<figure>\n<div class="map" role="region" tabindex="0" '
    yield f'aria-label="{voice.say("map")}">'
    yield from _svg(lay_out(nodes, names), "wide", voice)
    yield from _svg(lay_out(nodes, names, NARROW), "narrow", voice)
    yield "</div>\n"
    yield from _key(nodes, voice)
    yield "</figure>\n"
    yield from _list(voice)
    others = survey.tables_in_all - len(survey.personal)
    if others:
        yield f'<p class="soft">{voice.say("others", n=others)}</p>\n'


def _label(node: Node, voice: Voice) -> tuple[str, ...]:
    if node.kind == "more":
        return (voice.speaker.__class__(voice.language, markup=False).say("more_tables", n=node.count),)
    return label_lines(plain_name(node.id))


def _svg(picture: Picture, name: str, voice: Voice) -> Iterator[str]:
    left, top, right, bottom = picture.edges
    width, height = right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN
    alt = voice.say("map_alt", tables=len(voice.survey.personal))
    yield f'<svg class="{name}" role="img" aria-label="{alt}" width="{width:.0f}" height="{height:.0f}" '
    yield f'viewBox="{left - _MARGIN:.0f} {top - _MARGIN:.0f} {width:.0f} {height:.0f}">\n'
    boxes = {box.node.id: box for box in picture.boxes}
    for child, parent in picture.lines:
        a, b = boxes[child], boxes[parent]
        yield f'<line x1="{a.x:g}" y1="{a.y:g}" x2="{b.x:g}" y2="{b.y:g}"/>\n'
    if picture.apart is not None:
        y = picture.apart + 8
        yield f'<line class="rule" x1="{left:g}" y1="{y:g}" x2="{right:g}" y2="{y:g}"/>\n'
        yield f'<text class="heading" x="{left:g}" y="{y + 20:g}">{voice.say("apart")}</text>\n'
    for box in picture.boxes:
        yield from _circle(box, voice)
    yield "</svg>"


def _circle(box: Box, voice: Voice) -> Iterator[str]:
    node = box.node
    yield f'<circle class="{node.kind}" cx="{box.x:g}" cy="{box.y:g}" r="{box.r:g}"/>'
    y = box.y + box.r + 14
    for line in box.label:
        yield f'<text x="{box.x:g}" y="{y:g}">{escape(line)}</text>'
        y += 15
    if node.rows.value is not None:
        shown = voice.speaker.figure(node.rows) if node.kind != "more" else voice.speaker.whole(node.rows.value)
        yield f'<text class="count" x="{box.x:g}" y="{y:g}">{escape(shown)}</text>\n'


def _key(nodes: list[Node], voice: Voice) -> Iterator[str]:
    yield '<ul class="key">'
    for kind in ("person", "belongs", "loose"):
        if any(n.kind == kind for n in nodes):
            circle = f'<svg viewBox="0 0 20 20" aria-hidden="true"><circle class="{kind}" cx="10" cy="10" r="8"/></svg>'
            yield f"<li>{circle}{voice.say(kind)}</li>"
    yield "</ul>\n"


# --- the list -----------------------------------------------------------------------------------------------


def _list(voice: Voice) -> Iterator[str]:
    survey = voice.survey
    yield f'<details class="tree"{" open" if len(survey.personal) <= OPEN else ""}>'
    yield f"<summary>{voice.say('map_list')}</summary>\n<ul>\n"
    told: set[str] = set()
    children = _children(survey)
    for line in survey.personal:
        if line.role == "person" and line.name not in told:
            yield from _branch(line, children, told, voice)
    for line in survey.personal:
        if line.name not in told and len(told) < LISTED:
            told.add(line.name)
            yield f"<li>{_told(line, voice)}</li>\n"
    yield "</ul>\n"
    if len(survey.personal) > len(told):
        yield f'<p class="soft">{voice.say("rest", n=len(survey.personal) - len(told))}</p>\n'
    yield "</details>\n"


def _children(survey: Survey) -> dict[str, list[TableLine]]:
    """Each table under the first of its parents."""
    found: dict[str, list[TableLine]] = {}
    for line in survey.personal:
        if line.role != "person" and line.parents:
            found.setdefault(line.parents[0], []).append(line)
    return found


def _branch(
    line: TableLine, children: dict[str, list[TableLine]], told: set[str], voice: Voice, depth: int = 0
) -> Iterator[str]:
    if len(told) >= LISTED:
        return
    told.add(line.name)
    yield f"<li>{_told(line, voice)}"
    below = [child for child in children.get(line.name, ()) if child.name not in told]
    if below and depth < 8:
        yield "\n<ul>\n"
        for child in below:
            if child.name not in told:
                yield from _branch(child, children, told, voice, depth + 1)
        yield "</ul>"
    yield "</li>\n"


def _told(line: TableLine, voice: Voice) -> str:
    rows = voice.say("rows", n=line.rows) if line.rows.value is not None else voice.say("rows_unknown")
    kinds = list(dict.fromkeys(voice.speaker.category(f.category) for f in line.fields))
    return f"{voice.speaker.name(line.name)}, {voice.say(line.role)}, {rows}" + (
        f" — {voice.speaker.several(kinds, 6)}" if kinds else ""
    )
