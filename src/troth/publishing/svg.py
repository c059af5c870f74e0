"""An SVG picture, read and written anew: what only draws stays, what could run or fetch something is refused.

What drawing programs add for themselves (their own names, comments, metadata) is left out, and a ``style`` becomes the
attributes it stands for, so that the picture needs no style that a strict Content-Security-Policy would forbid.
"""

from __future__ import annotations

import re
from html import escape
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DRAWS = _words(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop"
    " clipPath mask pattern title desc"
)
_LEFT_OUT = _words("metadata")
_PAINT = _words(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit"
    " stroke-dasharray stroke-dashoffset opacity color display visibility stop-color stop-opacity clip-path clip-rule"
    " mask font-family font-size font-weight font-style letter-spacing text-anchor dominant-baseline"
)
_PLACE = _words(
    "id d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height viewBox preserveAspectRatio transform points offset"
    " gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits"
    " patternContentUnits patternTransform pathLength"
)
_UNUSED = _words("version baseProfile class role space enable-background lang focusable")
_ANYWHERE = re.compile(r"url\s*\(\s*(?!['\"]?#)|javascript:|data:|@import|expression\s*\(|//|\\", re.IGNORECASE)
_DEEPEST = 64


class NotAPicture(ValueError):
    """The file may not be shown: what is wrong with it, and what to do."""


def drawn(content: bytes) -> tuple[bytes, float, float]:
    """The picture written anew, and how wide and high it is. Raises NotAPicture."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotAPicture(f"it is not well-formed XML (line {error.lineno})") from None
    return "".join(reader.out).encode(), *reader.size


class _Reader:
    """Writes down what it meets, or raises."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.size = (0.0, 0.0)
        self._open: list[str] = []
        self._skip = 0

    def doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        # Entities of its own could make a small file boundless. A bare DOCTYPE says nothing, and nothing is fetched.
        if internal:
            raise _refused("entities of its own")

    def instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            raise _refused("xml-stylesheet")

    def start(self, full: str, attributes: dict[str, str]) -> None:
        space, _, name = full.rpartition(" ")
        if self._skip or space != SVG or name in _LEFT_OUT:
            self._foreign(name)
            self._skip += 1
            return
        if name not in _DRAWS:
            raise _refused(f"<{name}>")
        if len(self._open) >= _DEEPEST:
            raise NotAPicture("it is nested too deeply")
        kept = _attributes(attributes)
        if not self._open:
            self.size = _size(name, kept)
            kept = {"xmlns": SVG, "xmlns:xlink": XLINK, **kept}
        said = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
        self.out.append(f"<{name}{said}>")
        self._open.append(name)

    def _foreign(self, name: str) -> None:
        if not self._open and not self._skip:
            raise NotAPicture("its root is not <svg> of the SVG namespace")
        if name.lower() in ("script", "foreignobject", "iframe", "object", "embed"):
            raise _refused(f"<{name}>")

    def end(self, full: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        self.out.append(f"</{self._open.pop()}>")

    def text(self, data: str) -> None:
        if not self._skip and self._open and self._open[-1] in ("text", "tspan", "title", "desc"):
            self.out.append(escape(data, quote=False))


def _attributes(found: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for full, value in found.items():
        space, _, name = full.rpartition(" ")
        if name == "href" and space in ("", XLINK):
            if not re.fullmatch(r"#[\w.:-]+", value):
                raise _refused(f'href="{value[:40]}"')
            kept["xlink:href"] = value
        elif name.lower().startswith("on"):
            raise _refused(name)
        elif space:
            continue
        elif name == "style":
            kept.update(_style(value))
        elif name in _PAINT or name in _PLACE:
            kept[name] = _harmless(name, value)
        elif name not in _UNUSED and not name.startswith(("data-", "aria-")):
            raise _refused(name)
    return kept


def _style(value: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in value.split(";") if part.strip())
    said = {name.strip(): word.strip() for name, _, word in pairs}
    return {name: _harmless(name, word) for name, word in said.items() if name in _PAINT}


def _harmless(name: str, value: str) -> str:
    if _ANYWHERE.search(value):
        raise _refused(f'{name}="{value[:40]}"')
    return value


def _size(name: str, root: dict[str, str]) -> tuple[float, float]:
    """Of the view box, else of width and height in pixels."""
    if name == "svg":
        numbers = re.findall(r"-?\d+(?:\.\d+)?", root.get("viewBox", ""))
        wide, high = numbers[2:4] if len(numbers) == 4 else (root.get("width", ""), root.get("height", ""))
        sides = (side.removesuffix("px") for side in (wide, high))
        found = [float(side) for side in sides if re.fullmatch(r"\d+(\.\d+)?", side)]
        if len(found) == 2 and all(0 < n < 1e5 for n in found):
            return found[0], found[1]
    raise NotAPicture("it does not say its size: give <svg> a viewBox")


def _refused(what: str) -> NotAPicture:
    return NotAPicture(
        f"it holds {what}, which a picture does not need: save it as plain SVG, without scripts, style sheets and links"
    )
