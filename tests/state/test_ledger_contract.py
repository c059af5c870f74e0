"""What every ledger does, wherever it is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from troth.core.evidence import merkle
from troth.core.evidence.leaf import Event, decode, opens

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KEY = "example.org/troth+00000000+key"


def events(count, request="R-1"):
    return [Event("note.added", AT, {"request": request, "n": number}) for number in range(count)]


def seal(head):
    return f"{head.size} {head.root.hex()} {head.signer}"


def test_a_new_ledger_is_the_empty_tree(ledger):
    assert ledger.size == 0
    assert ledger.head().root == merkle.EMPTY_ROOT
    assert list(ledger.leaves(0, 0)) == list(ledger.checkpoints()) == []
    assert ledger.last_checkpoint() is None
    assert ledger.audit() == ledger.head()


def test_events_get_their_positions_in_order(ledger):
    assert ledger.append(events(3)) == [0, 1, 2]
    assert ledger.append([]) == []
    assert ledger.append(events(2)) == [3, 4]
    assert ledger.size == 5


def test_the_head_is_the_root_of_the_leaves(ledger):
    for count in (1, 2, 1, 9, 30):
        ledger.append(events(count))
        leaves = list(ledger.leaves(0, ledger.size))
        assert ledger.head().root == merkle.root(map(merkle.leaf_hash, leaves))
    assert ledger.audit() == ledger.head()


def test_every_proof_verifies(ledger):
    ledger.append(events(13))
    roots = [ledger.root_at(size) for size in range(14)]
    for size in range(1, 14):
        for position in range(size):
            leaf = merkle.leaf_hash(ledger.leaf(position))
            proof = ledger.inclusion(position, size)
            assert merkle.verify_inclusion(position, size, leaf, proof, roots[size])
        for old in range(size + 1):
            proof = ledger.consistency(old, size)
            assert merkle.verify_consistency(old, size, roots[old], roots[size], proof)
    assert ledger.inclusion(4) == ledger.inclusion(4, 13)
    assert ledger.consistency(4) == ledger.consistency(4, 13)


@pytest.mark.parametrize("position", [-1, 3, 99])
def test_a_position_that_does_not_exist_is_an_error(ledger, position):
    ledger.append(events(3))
    with pytest.raises(IndexError):
        ledger.leaf(position)
    with pytest.raises(IndexError):
        ledger.body(position)
    with pytest.raises(IndexError):
        ledger.inclusion(position)
    with pytest.raises(IndexError):
        list(ledger.leaves(0, 4))
    with pytest.raises(IndexError):
        ledger.root_at(4)
    with pytest.raises(IndexError):
        ledger.consistency(1, 4)


def test_a_body_opens_its_leaf_and_every_salt_is_another(ledger):
    ledger.append([*events(1), *events(1)])
    openings = list(ledger.bodies(0, 2))
    for position, opening in enumerate(openings):
        assert opens(decode(ledger.leaf(position)), opening)
        assert opening.body == b'{"n":0,"request":"R-1"}'
    assert openings[0].salt != openings[1].salt
    assert ledger.leaf(0) != ledger.leaf(1)


def test_redaction_deletes_the_body_and_leaves_the_tree(ledger):
    ledger.append(events(5))
    head = ledger.head()
    assert ledger.redact([1, 3, 3]) == 2
    assert ledger.redact([1]) == 0
    assert [opening is None for opening in ledger.bodies(0, 5)] == [False, True, False, True, False]
    assert ledger.body(1) is None
    assert ledger.find("R-1") == [0, 2, 4]
    assert ledger.head() == head == ledger.audit()
    assert ledger.inclusion(1)


@pytest.mark.parametrize("kind", ["key.created", "key.rotated"])
def test_what_names_a_key_cannot_be_redacted(ledger, kind):
    ledger.append([*events(1), Event(kind, AT, {"key": KEY})])
    with pytest.raises(ValueError, match="signing key"):
        ledger.redact([0, 1])
    assert ledger.body(0) is not None


def test_events_are_found_by_their_request(ledger):
    ledger.append([*events(1, "R-1"), *events(1, "R-2"), Event("a.b", AT, {}), *events(1, "R-1")])
    assert ledger.find("R-1") == [0, 3]
    assert ledger.find("R-3") == []


def test_a_body_that_has_no_canonical_form_appends_nothing(ledger):
    with pytest.raises(ValueError, match="canonical"):
        ledger.append([*events(1), Event("a.b", AT, {"amount": 1.5})])
    assert ledger.size == 0


def test_times_never_go_back(ledger):
    ledger.append([Event("a.b", AT, {}), Event("a.b", AT - timedelta(hours=1), {})])
    ledger.append([Event("a.b", AT - timedelta(days=1), {}), Event("a.b", AT + timedelta(days=1), {})])
    times = [decode(leaf).at for leaf in ledger.leaves(0, 4)]
    assert times == sorted(times)
    assert times[0] == times[2] < times[3]


def test_a_checkpoint_is_stored_with_what_it_covers(ledger):
    ledger.append(events(2), seal=seal, signer=KEY)
    ledger.append(events(1))
    ledger.append(events(1), seal=seal)
    assert list(ledger.checkpoints()) == [
        f"2 {ledger.root_at(2).hex()} {KEY}",
        f"4 {ledger.root_at(4).hex()} {KEY}",
    ]
    assert ledger.last_checkpoint().startswith("4 ")
    assert ledger.checkpoint_covering(0).startswith("2 ")
    assert ledger.checkpoint_covering(2).startswith("4 ")
    assert ledger.checkpoint_covering(4) is None


def test_the_present_head_is_signed_once(ledger):
    ledger.append(events(1), signer=KEY)
    first = ledger.seal(seal)
    assert ledger.seal(lambda head: "another") == first
    assert list(ledger.checkpoints()) == [first]


def test_a_signature_that_fails_leaves_nothing_behind(ledger):
    def broken(head):
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        ledger.append(events(2), seal=broken)
    assert ledger.size == 0
    assert ledger.audit().size == 0


def test_a_rotation_is_signed_by_the_key_before_and_then_by_the_new_one(ledger):
    ledger.append([Event("key.created", AT, {})], seal=seal, signer="first")
    ledger.append([*events(1), Event("key.rotated", AT, {})], seal=seal, signer="second")
    ledger.append(events(1), seal=seal)
    assert [note.rpartition(" ")[2] for note in ledger.checkpoints()] == ["first", "first", "second"]
    assert ledger.signers() == [(0, "first"), (2, "second")]
    assert ledger.head().signer == "second"


def test_many_leaves_are_read_in_order_across_spans(ledger):
    ledger.append(events(4500))
    assert sum(1 for _ in ledger.leaves(0, 4500)) == 4500
    numbers = [opening.body for opening in ledger.bodies(1995, 2005)]
    assert numbers[0] == b'{"n":1995,"request":"R-1"}'
    assert len(numbers) == 10
    assert ledger.audit().size == 4500
