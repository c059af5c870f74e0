from __future__ import annotations

import pytest

from troth.core.errors import KeyUnavailable
from troth.state.vault import Vault

KEY = bytes(range(32))


def test_what_is_sealed_opens_in_its_place_only(vault):
    sealed = vault.seal_json({"email": "ana@example.org"}, "holds/H-1")
    assert b"ana" not in sealed
    assert vault.open_json(sealed, "holds/H-1") == {"email": "ana@example.org"}
    with pytest.raises(KeyUnavailable, match="holds"):
        vault.open_json(sealed, "holds/H-2")


def test_one_changed_byte_or_another_key_does_not_open(vault):
    sealed = vault.seal(b"value", "place")
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(KeyUnavailable):
            vault.open(bytes(broken), "place")
    with pytest.raises(KeyUnavailable):
        Vault(bytes(32)).open(sealed, "place")
    with pytest.raises(KeyUnavailable):
        vault.open(b"", "place")


def test_the_same_value_is_never_sealed_alike(vault):
    assert vault.seal(b"value", "place") != vault.seal(b"value", "place")


def test_look_ups_are_keyed_and_normalised(vault):
    assert vault.index("email", "Ana@Example.org") == vault.index("email", "ana@example.org")
    assert vault.index("email", "ana@example.org") != vault.index("name", "ana@example.org")
    assert vault.index("email", "ana@example.org") != Vault(bytes(32)).index("email", "ana@example.org")


def test_a_key_of_another_length_is_refused():
    with pytest.raises(KeyUnavailable):
        Vault(KEY[:31])
