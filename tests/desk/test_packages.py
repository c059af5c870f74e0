"""Packages at rest: whole or not at all, unreadable without the keys, and gone when deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.house_of import Front
from troth.core.errors import KeyUnavailable
from troth.state.vault import Vault

MIB = 1024 * 1024


@pytest.fixture
def vault() -> Vault:
    return Vault(b"k" * 32)


def content(size: int) -> bytes:
    return bytes(number * 31 % 251 for number in range(1024)) * (size // 1024) + b"x" * (size % 1024)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_what_is_stored_is_what_is_read(front: Front, vault: Vault, tmp_path: Path, size: int) -> None:
    from troth.desk import packages

    (tmp_path / "plain").write_bytes(content(size))
    stored, _ = packages.store(vault, "one", tmp_path / "plain")
    assert stored == size
    assert b"".join(packages.read(vault, "one")) == content(size)
    assert (packages.folder() / "one").stat().st_mode & 0o077 == 0


def test_a_package_that_was_cut_changed_or_renamed_does_not_open(front: Front, vault: Vault, tmp_path: Path) -> None:
    from troth.desk import packages
    from troth.desk.packages import PackageGone

    (tmp_path / "plain").write_bytes(content(2 * MIB + 5))
    packages.store(vault, "one", tmp_path / "plain")
    path = packages.folder() / "one"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:-40], whole[: MIB + 200], b"", whole[:100] + b"!" + whole[101:]):
        path.write_bytes(damaged)
        with pytest.raises((PackageGone, KeyUnavailable)):
            b"".join(packages.read(vault, "one"))
    path.write_bytes(whole)
    path.rename(path.with_name("two"))
    with pytest.raises(KeyUnavailable):
        b"".join(packages.read(vault, "two"))


def test_without_the_vaults_key_nothing_opens(front: Front, vault: Vault, tmp_path: Path) -> None:
    from troth.desk import packages

    (tmp_path / "plain").write_bytes(b"Ana")
    packages.store(vault, "one", tmp_path / "plain")
    with pytest.raises(KeyUnavailable):
        b"".join(packages.read(Vault(b"z" * 32), "one"))


def test_what_is_deleted_is_gone(front: Front, vault: Vault, tmp_path: Path) -> None:
    from troth.desk import packages
    from troth.desk.packages import PackageGone

    (tmp_path / "plain").write_bytes(b"Ana")
    packages.store(vault, "one", tmp_path / "plain")
    assert packages.delete("one") is True
    assert packages.delete("one") is False
    with pytest.raises(PackageGone):
        b"".join(packages.read(vault, "one"))
