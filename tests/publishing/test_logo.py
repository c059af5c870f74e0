"""Only pictures are shown: what could run or fetch something is refused, what only draws stays as it was."""

from __future__ import annotations

import struct
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import CHECKOUT
from troth.publishing.logo import MOST_BYTES, picture
from troth.publishing.svg import NotAPicture

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 10">'


def svg(inner: str, head: str = HEAD) -> bytes:
    return f"{head}{inner}</svg>".encode()


DANGEROUS = [
    "<script>alert(1)</script>",
    '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
    '<g onload="alert(1)"/>',
    '<g ONCLICK="alert(1)"/>',
    '<image href="https://x.test/a.png"/>',
    '<use href="https://x.test/a.svg#b"/>',
    '<use xlink:href="data:image/svg+xml;base64,AAAA"/>',
    '<a href="javascript:alert(1)"><path d="M0 0"/></a>',
    '<path fill="url(https://x.test/a)"/>',
    "<path style=\"fill:url( '//x.test/a' )\"/>",
    '<path fill="u\\72l(//x.test)"/>',
    "<style>@import url(https://x.test/a.css);</style>",
    "<animate attributeName='href' to='x'/>",
    "<set attributeName='onload' to='x'/>",
    '<path unknown="1"/>',
]


@pytest.mark.parametrize("inner", DANGEROUS)
def test_what_could_run_or_fetch_is_refused(inner: str) -> None:
    with pytest.raises(NotAPicture, match="save it as plain SVG"):
        picture(svg(inner))


def test_entities_of_its_own_are_refused_and_a_bare_doctype_is_not() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + svg("<title>&b;</title>")
    with pytest.raises(NotAPicture, match="entities"):
        picture(bomb)
    bare = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "https://x.test/svg.dtd">'
    assert b"DOCTYPE" not in picture(bare + svg("<path d='M0 0'/>")).content


def test_a_style_sheet_from_elsewhere_is_refused() -> None:
    with pytest.raises(NotAPicture, match="xml-stylesheet"):
        picture(b'<?xml-stylesheet href="https://x.test/a.css"?>' + svg(""))


@pytest.mark.parametrize("content", [b"<svg", b"<svg></p>", b"<html><svg/></html>", b"<svg><g/></svg>"])
def test_what_is_no_svg_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        picture(content)


def test_a_picture_without_a_size_is_refused() -> None:
    with pytest.raises(NotAPicture, match="viewBox"):
        picture(b'<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>')


def test_nesting_has_an_end() -> None:
    with pytest.raises(NotAPicture, match="nested"):
        picture(svg("<g>" * 500 + "</g>" * 500))


def test_what_draws_stays_and_what_programs_add_goes() -> None:
    made = picture(svg(
        '<metadata>who, when</metadata><!-- made with x --><defs><linearGradient id="a"><stop offset="0" '
        'stop-color="#fff"/></linearGradient></defs><g style="fill:url(#a);-x-y:1;stroke : red" '
        'xmlns:ink="http://x.test/ink" ink:label="L"><path d="M1 1"/><ink:guide/></g>'
        '<use xlink:href="#a"/><text x="1">a &lt; b &amp; «c»</text>'
    ))  # fmt: skip
    assert (made.kind, made.suffix, made.wide, made.high) == ("image/svg+xml", "svg", 20, 10)
    text = made.content.decode()
    for gone in ("who, when", "made with", "label", "guide", "-x-y", "style"):
        assert gone not in text
    for kept in ('fill="url(#a)"', 'stroke="red"', 'd="M1 1"', 'xlink:href="#a"', "a &lt; b &amp; «c»", 'offset="0"'):
        assert kept in text


@pytest.mark.parametrize("example", ["maison", "atelier"])
def test_what_was_written_anew_is_read_the_same(example: str) -> None:
    first = picture((CHECKOUT / "examples" / example / "logo.svg").read_bytes())
    again = picture(first.content)
    assert again == first
    assert ElementTree.fromstring(first.content).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own


names = st.sampled_from(["g", "path", "script", "a", "image", "style", "use", "foreignObject", "text"])
keys = st.sampled_from(["d", "fill", "href", "xlink:href", "onload", "style", "id", "ping"])
values = st.sampled_from(["#a", "https://x.test/", "javascript:x", "url(#a)", "url(//x.test)", "fill:url(x)", "M0 0"])
elements = st.builds(lambda name, key, value: f'<{name} {key}="{value}"/>', names, keys, values)


@given(st.lists(elements, max_size=4))
def test_nothing_that_comes_through_leads_anywhere(inner: list[str]) -> None:
    try:
        text = picture(svg("".join(inner))).content.decode()
    except NotAPicture:
        return
    bare = text.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    for word in ("//", "javascript", "script", "onload", "style", "foreignObject", "url(/"):
        assert word not in bare


def png(wide: int, high: int, tail: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + tail


def webp(form: bytes, body: bytes) -> bytes:
    chunk = form + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def test_png_and_webp_are_told_by_their_content() -> None:
    assert (picture(png(300, 200)).wide, picture(png(300, 200)).high) == (300, 200)
    extended = webp(b"VP8X", b"\0\0\0\0" + (299).to_bytes(3, "little") + (199).to_bytes(3, "little"))
    lossless = webp(b"VP8L", b"\x2f" + (299 | 199 << 14).to_bytes(4, "little") + bytes(5))
    lossy = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 300, 200))
    for content in (extended, lossless, lossy):
        found = picture(content)
        assert (found.kind, found.suffix, found.wide, found.high) == ("image/webp", "webp", 300, 200)


@pytest.mark.parametrize(
    "content", [png(0, 5), png(5000, 5), png(5, 5)[:18], b"RIFF\0\0\0\0WEBPVP8X", webp(b"XXXX", bytes(20))]
)
def test_a_picture_whose_size_makes_no_sense_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture, match="width and height"):
        picture(content)


def test_other_files_and_large_ones_are_refused() -> None:
    with pytest.raises(NotAPicture, match="neither SVG nor PNG nor WebP"):
        picture(b"GIF89a")
    with pytest.raises(NotAPicture, match="larger than 100 KB"):
        picture(png(5, 5, bytes(MOST_BYTES)))
