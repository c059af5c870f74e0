"""Files that only their owner may read, under names that nobody can misuse."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.package.files import Names, ValueFiles, create


def test_a_file_is_private_and_new(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        create(tmp_path / "a").close()
    finally:
        os.umask(previous)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create(tmp_path / "a")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        create(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("shop", "Invoice"), "shop.Invoice"), (("shop", "meta[phone]"), "shop.meta_phone"),
        (("shop", "../../etc/passwd"), "shop.etc_passwd"), (("..", "."), "_._"), (("shop", "Où, là"), "shop.O_l"),
    ],
)  # fmt: skip
def test_a_name_holds_nothing_unusual(parts: tuple[str, ...], name: str) -> None:
    assert Names().take(*parts) == name


@given(st.lists(st.text(alphabet="aAé. /", max_size=4), max_size=12))
def test_every_name_is_given_once_whatever_the_case(words: list[str]) -> None:
    names = Names()
    taken = [names.take("s", word).casefold() for word in words]
    assert len(set(taken)) == len(taken)


def test_a_value_is_kept_with_its_length_and_digest(tmp_path: Path) -> None:
    files = ValueFiles(tmp_path)
    files.enter("shop.customers")
    told = files.keep(b"content", "png", "../photo")
    assert told == {
        "file": "files/shop.customers/000001-photo.png", "bytes": 7, "sha256": hashlib.sha256(b"content").hexdigest(),
    }  # fmt: skip
    assert (tmp_path / str(told["file"])).read_bytes() == b"content"
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


def test_two_collections_do_not_share_numbers(tmp_path: Path) -> None:
    files = ValueFiles(tmp_path)
    paths = []
    for folder in ("a", "a.b"):
        files.enter(folder)
        paths += [files.keep(b"x" * 3, "bin", "v")["file"] for _ in range(2)]
    assert len(set(paths)) == 4
    assert files.count == 4
