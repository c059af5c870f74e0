"""The words of one application of the site, in English and French: lines ``name | English | French`` of its
``words.txt``; a large application has several such files, ``words-….txt``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from troth.publishing.words import spaced

_WEB = Path(__file__).parent


@cache
def _said(application: str) -> Mapping[str, tuple[str, str]]:
    files = sorted((_WEB / application).glob("words*.txt"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    parts = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return {name: (english, french) for name, english, french in parts}


class Words:
    """The words of an application. In a template: ``{{ t.name }}``."""

    def __init__(self, application: str, language: str) -> None:
        self._said = _said(application)
        self.language = language
        self._french = language.startswith("fr")

    def say(self, key: str, /, **values: object) -> str:
        """A sentence, its ``{places}`` filled."""
        english, french = self._said[key]
        return (spaced(french, "fr") if self._french else english).format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._said

    def __getitem__(self, key: str) -> str:
        """A sentence without places, for templates."""
        return self.say(key)
