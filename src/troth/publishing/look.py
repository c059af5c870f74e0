"""What makes the pages the publisher's own: two colours and a logo, kept with the version in force."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from troth.core.policy.colours import EASY, readable
from troth.core.policy.model import Policy
from troth.core.policy.tree import Path
from troth.publishing.logo import Picture, picture
from troth.publishing.svg import NotAPicture
from troth.state.publications import PublishedFile

FILE = "look.json"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours for the light and the dark page, or none of our own; ``text`` is what the logo says, by language."""

    accent: str = ""
    accent_dark: str = ""
    logo: Picture | None = None
    logo_dark: Picture | None = None
    with_name: bool = True
    text: Mapping[str, str] = field(default_factory=dict)

    @property
    def style(self) -> bytes:
        """The style sheet that brings the colours; empty for none."""
        if not self.accent:
            return b""
        return f":root{{--accent-light:{self.accent};--accent-dark:{self.accent_dark}}}\n".encode()


class BadLogo(ValueError):
    """A file of the look that cannot be shown; ``path`` is its place in the policy."""

    def __init__(self, path: Path, file: str, reason: str) -> None:
        super().__init__(f"the logo {file} cannot be shown: {reason}")
        self.path = path


def look_of(policy: Policy, read: Callable[[str], bytes]) -> Look:
    """The look that the policy asks for. ``read`` gives a file's content by its path from the policy's folder.

    Raises BadLogo.
    """
    section = policy.document.publisher.look
    if section is None:
        return Look()
    accent = section.accent or ""
    dark = section.accent_dark or (readable(accent, "dark", EASY) if accent else "")
    if dark and not accent:
        accent = readable(dark, "light")
    if section.logo is None:
        return Look(accent, dark)
    logo = section.logo
    return Look(
        accent, dark, _picture(logo.file, read, "file"), _picture(logo.dark, read, "dark") if logo.dark else None,
        logo.with_name, logo.text or {},
    )  # fmt: skip


def _picture(file: str, read: Callable[[str], bytes], key: str) -> Picture:
    path = ("publisher", "look", "logo", key)
    try:
        return picture(read(file))
    except OSError as error:
        raise BadLogo(path, file, (error.strerror or "it cannot be read").lower()) from None
    except NotAPicture as error:
        raise BadLogo(path, file, str(error)) from None


def as_files(look: Look) -> dict[str, PublishedFile | None]:
    """The look as files of a version."""
    said: dict[str, object] = {
        "accent": look.accent, "accent_dark": look.accent_dark, "with_name": look.with_name, "text": dict(look.text),
    }  # fmt: skip
    found: dict[str, PublishedFile | None] = {}
    for name, made in (("logo", look.logo), ("logo-dark", look.logo_dark)):
        found[name] = PublishedFile(made.kind, made.content) if made else None
        said[name] = [made.wide, made.high] if made else None
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return {FILE: PublishedFile("application/json", text.encode()), **found}


def from_files(files: Mapping[str, PublishedFile]) -> Look:
    """The look that ``as_files`` wrote; a plain one for a version that has none."""
    if FILE not in files:
        return Look()
    said = json.loads(files[FILE].content)
    logo, dark = (
        Picture(files[name].kind, files[name].content, *said[name]) if said[name] and name in files else None
        for name in ("logo", "logo-dark")
    )
    return Look(said["accent"], said["accent_dark"], logo, dark, said["with_name"], said["text"])
