"""Colours and logo: from the policy's folder to files that go with a version, and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from databases import CHECKOUT
from troth.bootstrap import load_policy, read_look
from troth.core.errors import UsageError
from troth.core.policy.colours import EASY, worst
from troth.publishing.look import Look, as_files, from_files, look_of

POLICY = """format: 1
policy: {title: T, version: "1", languages: [en, fr], authoritative: en}
publisher:
  name: P
  country: FR
  timezone: Europe/Paris
  look:
    %s
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><path d="M0 0"/></svg>'


def written(folder: Path, look: str) -> Path:
    path = folder / "troth.yaml"
    path.write_text(POLICY % look, encoding="utf-8")
    return path


def look_in(folder: Path, look: str) -> Look:
    path = written(folder, look)
    return read_look(load_policy(path), path)


def test_a_policy_without_a_look_asks_for_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "accent: '#0b5a6b'")
    path.write_text(path.read_text(encoding="utf-8").partition("  look:")[0], encoding="utf-8")
    found = read_look(load_policy(path), path)
    assert found == Look()
    assert found.style == b""


def test_the_dark_colour_is_found_where_only_the_light_one_is_given_and_the_other_way_round(tmp_path: Path) -> None:
    found = look_in(tmp_path, "accent: '#0b5a6b'")
    assert found.accent == "#0b5a6b"
    assert worst(found.accent_dark, "dark")[0] >= EASY
    assert found.style == f":root{{--accent-light:#0b5a6b;--accent-dark:{found.accent_dark}}}\n".encode()
    other = look_in(tmp_path, "accent_dark: '#86cfdf'")
    assert other.accent_dark == "#86cfdf"
    assert worst(other.accent, "light")[0] >= 4.5


def test_the_look_comes_back_from_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(SVG)
    (tmp_path / "b.svg").write_bytes(SVG.replace(b"M0 0", b"M1 1"))
    look = look_in(tmp_path, "logo: {file: a.svg, dark: b.svg, with_name: false, text: {en: Sign, fr: Signe}}")
    files = {name: file for name, file in as_files(look).items() if file is not None}
    assert from_files(files) == look
    assert from_files({}) == Look()
    assert as_files(Look())["logo"] is None


FAULTS = [
    ("logo: none.svg", 8, "the logo none.svg cannot be shown: no such file"),
    ("logo: {file: ../out.svg}", 8, "cannot be shown"),
    ("logo: {dark: bad.svg, file: a.svg}", 8, "the logo bad.svg cannot be shown: it holds <script>"),
]


@pytest.mark.parametrize(("look", "line", "reason"), FAULTS)
def test_a_logo_that_cannot_be_shown_is_told_with_its_place(tmp_path: Path, look: str, line: int, reason: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "out.svg").write_bytes(SVG)
    (folder / "a.svg").write_bytes(SVG)
    (folder / "bad.svg").write_bytes(SVG.replace(b"<path", b"<script/><path"))
    with pytest.raises(UsageError, match=reason) as refused:
        look_in(folder, look)
    assert f"troth.yaml:{line}:" in refused.value.message
    assert "SVG, PNG or WebP" in refused.value.remedy


def test_how_it_looks_and_where_it_is_read_are_not_what_the_policy_says(tmp_path: Path) -> None:
    folder = tmp_path / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    before = load_policy(folder / "troth.yaml").digest
    text = (folder / "troth.yaml").read_text(encoding="utf-8")
    for old, new in (('"#1e5b3a"', '"#000000"'), ("donnees.verdier.test\n", "elsewhere.test\n")):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "troth.yaml").write_text(text, encoding="utf-8")
    assert load_policy(folder / "troth.yaml").digest == before


@pytest.mark.parametrize("example", ["maison", "atelier"])
def test_the_examples_have_a_logo_and_a_colour(example: str) -> None:
    path = CHECKOUT / "examples" / example
    look = look_of(load_policy(path / "troth.yaml"), lambda name: (path / name).read_bytes())
    assert look.logo is not None
    assert look.accent
