"""The tree against the definitions of RFC 9162, written down as they stand there."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.evidence import merkle
from troth.core.evidence.merkle import Node


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = naive_split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], complete: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if complete else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], complete), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


class Stored:
    """The nodes as a ledger stores them: with each leaf, what it completes."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.peaks: list[bytes] = []
        self.rows = [merkle.grow(size, self.peaks, merkle.leaf_hash(leaf)) for size, leaf in enumerate(leaves)]

    def fetch(self, nodes: list[Node]) -> list[bytes]:
        return [self.rows[merkle.completed_at(node)][node.level] for node in nodes]


def some(n: int) -> list[bytes]:
    return [str(i).encode() for i in range(n)]


sizes = st.integers(1, 130)


def test_the_empty_tree_has_the_root_of_nothing():
    assert merkle.root([]) == merkle.EMPTY_ROOT == naive_root([])


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_the_root_is_that_of_the_definition(leaves):
    assert merkle.root(map(merkle.leaf_hash, leaves)) == naive_root(leaves)


@given(sizes)
def test_the_stored_nodes_make_up_every_earlier_root(n):
    stored = Stored(some(n))
    for size in range(n + 1):
        assert merkle.fold(stored.fetch(merkle.cover(0, size))) == naive_root(some(size))
    assert merkle.fold(stored.peaks) == naive_root(some(n))


@given(sizes, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_verifies(n, data):
    m = data.draw(st.integers(0, n - 1))
    leaves = some(n)
    proof = merkle.inclusion_proof(m, n, Stored(leaves).fetch)
    assert proof == naive_path(m, leaves)
    assert merkle.verify_inclusion(m, n, merkle.leaf_hash(leaves[m]), proof, naive_root(leaves))


@given(sizes, st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_verifies(n, data):
    m = data.draw(st.integers(1, n))
    leaves = some(n)
    proof = merkle.consistency_proof(m, n, Stored(leaves).fetch)
    assert proof == naive_subproof(m, leaves, True)
    assert merkle.verify_consistency(m, n, naive_root(leaves[:m]), naive_root(leaves), proof)


@given(st.integers(2, 40), st.data())
def test_an_altered_inclusion_proof_is_refused(n, data):
    m = data.draw(st.integers(0, n - 1))
    leaves, leaf = some(n), merkle.leaf_hash(some(n)[m])
    proof, root = naive_path(m, leaves), naive_root(leaves)
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:place], bytes(32), *proof[place + 1 :]]
    assert not merkle.verify_inclusion(m, n, leaf, changed, root)
    assert not merkle.verify_inclusion(m, n, leaf, proof[:-1], root)
    assert not merkle.verify_inclusion(m, n, leaf, [*proof, bytes(32)], root)
    assert not merkle.verify_inclusion(m, n, bytes(32), proof, root)
    other = data.draw(st.integers(0, n - 1).filter(lambda i: i != m))
    assert not merkle.verify_inclusion(other, n, leaf, proof, root)


@given(st.integers(2, 40), st.data())
def test_a_forked_or_altered_history_is_refused(n, data):
    m = data.draw(st.integers(1, n - 1))
    leaves = some(n)
    proof, root = naive_subproof(m, leaves, True), naive_root(leaves)
    forked = naive_root([b"other", *leaves[1:m]])
    assert not merkle.verify_consistency(m, n, forked, root, proof)
    assert not merkle.verify_consistency(m, n, naive_root(leaves[:m]), naive_root([b"x", *leaves[1:]]), proof)
    assert not merkle.verify_consistency(m, n, naive_root(leaves[:m]), root, [*proof, bytes(32)])
    assert not merkle.verify_consistency(m, n, naive_root(leaves[:m]), root, proof[:-1])


@given(st.integers(0, 9), st.integers(0, 9), st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_a_random_proof_is_refused_and_never_raises(m, n, proof):
    assert not merkle.verify_inclusion(m, n, b"a leaf", proof, b"a root")
    assert not merkle.verify_consistency(m, n, b"one root", b"another", proof)


def test_two_equal_states_need_no_proof_and_the_empty_one_is_always_earlier():
    root = naive_root(some(5))
    assert merkle.verify_consistency(5, 5, root, root, [])
    assert not merkle.verify_consistency(5, 5, root, root, [bytes(32)])
    assert merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, root, [])
    assert not merkle.verify_consistency(0, 5, bytes(32), root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 2)])
def test_there_is_no_proof_for_a_leaf_that_does_not_exist(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, lambda nodes: [])
    assert not merkle.verify_inclusion(index, size, bytes(32), [], bytes(32))


def test_there_is_no_consistency_with_a_later_state():
    with pytest.raises(ValueError, match="not an earlier state"):
        merkle.consistency_proof(4, 3, lambda nodes: [])


def test_a_proof_in_a_million_leaves_needs_few_nodes():
    asked: list[Node] = []

    def fetch(nodes):
        asked.extend(nodes)
        return [bytes(32)] * len(nodes)

    merkle.inclusion_proof(123_456, 1_000_000, fetch)
    assert len(asked) <= 2 * 20
