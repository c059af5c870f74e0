"""The Merkle tree of RFC 9162 section 2.1, SHA-256, as pure functions.

Leaves are counted from 0. A *node* is a perfect subtree: ``Node(level, number)`` covers the leaves from
``number << level`` up to ``(number + 1) << level``. Every hash that a proof needs is either such a node or
a fold of a few of them, so whoever stores the nodes answers any proof with O(log n) look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()


class Node(NamedTuple):
    """A perfect subtree: 2**level leaves, the number-th of its kind from the left."""

    level: int
    number: int


Fetch = Callable[[Sequence[Node]], Sequence[bytes]]
Span = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): RFC 9162 keeps leaves and interior nodes apart by their first byte."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root above perfect subtrees of falling size, left to right; the empty tree's root for none."""
    if not hashes:
        return EMPTY_ROOT
    top = hashes[-1]
    for left in reversed(hashes[:-1]):
        top = node_hash(left, top)
    return top


def grow(size: int, peaks: list[bytes], leaf: bytes) -> list[bytes]:
    """Append one leaf hash to a compact range, in place.

    ``peaks`` are the roots of the perfect subtrees of a tree of ``size`` leaves, left to right. Returned are
    the hashes of the subtrees this leaf completes, from level 0 upwards: exactly what has to be stored.
    """
    completed = [leaf]
    while size & 1:
        completed.append(node_hash(peaks.pop(), completed[-1]))
        size >>= 1
    peaks.append(completed[-1])
    return completed


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root of the tree over these leaf hashes."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaf_hashes):
        grow(size, peaks, leaf)
    return fold(peaks)


def cover(start: int, end: int) -> list[Node]:
    """The perfect subtrees that make up a subtree's leaves ``start`` to ``end``, left to right."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def completed_at(node: Node) -> int:
    """Position of the leaf whose arrival completes this node."""
    return ((node.number + 1) << node.level) - 1


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """PATH(index, D[size]) of RFC 9162 section 2.1.3.1, deepest hash first.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return _hashes(spans[::-1], fetch)


def consistency_proof(old: int, new: int, fetch: Fetch) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 9162 section 2.1.4.1; empty when old is 0 or both are equal.

    Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not an earlier state of a tree of {new}")
    if old in (0, new):
        return []
    spans: list[Span] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # the old tree is not itself a node of the new one: its last subtree comes first
        spans.append((start, end))
    return _hashes(spans[::-1], fetch)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Does this proof lead from the leaf hash to the root? (RFC 9162 section 2.1.3.2)"""
    if not 0 <= index < size:
        return False
    here, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            top = node_hash(sibling, top)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and top == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does the tree of ``new`` leaves begin with the tree of ``old`` leaves? (RFC 9162 section 2.1.4.2)"""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_top = new_top = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old_top, new_top = node_hash(sibling, old_top), node_hash(sibling, new_top)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new_top = node_hash(new_top, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and old_top == old_root and new_top == new_root


def _split(width: int) -> int:
    """Largest power of two smaller than the width (RFC 9162: k < n <= 2k)."""
    return 1 << (width - 1).bit_length() - 1


def _hashes(spans: Sequence[Span], fetch: Fetch) -> list[bytes]:
    """One hash a span, with a single fetch for all the nodes they need."""
    covers = [cover(*span) for span in spans]
    found = iter(fetch([node for nodes in covers for node in nodes]))
    return [fold([next(found) for _ in nodes]) for nodes in covers]
