"""Verifying a bundle: offline, without policy, database or network.

The checks. Each number stands again at the lines that carry it out, in the vectors' tests and in the report.

 1. Format: every line is canonical JSON of a known shape, in order, and as many as the last line counts.
 2. Tree: the leaves of a whole log hash to the root of every checkpoint.
 3. Inclusion: each leaf of a part is proven to be in the tree of the checkpoint that follows it.
 4. Consistency: the tree of each checkpoint begins with the tree of the one before (so: of every one before).
 5. Signature: each checkpoint is signed, once, by the key then in force, in the name of this log.
 6. Commitment: each body is the one its leaf commits to, and no commitment is used twice.
 7. Keys: the first leaf names the first key, each later key is vouched for by the one before it, the header
    lists exactly these, and the key held by whoever verifies, or one it vouches for, signed the last
    checkpoint. (That the log names the held key is not enough: anybody's log can end by naming it.)
 8. Time: no leaf is older than the one before it.
 9. Outcome: no outcome without an intention before it, no intention without an outcome after it.
10. Held checkpoints: the checkpoints held by whoever verifies are of this log, and what they cover is in it
    unchanged.

A bundle that passes them is consistent with itself. What that proves depends on what the verifier holds from
elsewhere; ``Report.proven`` and ``Report.not_proven`` say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from troth.core.evidence import merkle
from troth.core.evidence.checkpoint import Checkpoint
from troth.core.evidence.keychain import KEY_KINDS, Link, follow, in_force
from troth.core.evidence.leaf import opens
from troth.core.evidence.note import BadNote, Note, VerifyKey
from troth.core.evidence.outcomes import Outcomes
from troth.core.evidence.reading import BadLine, CheckpointLine, EndLine, HeaderLine, LeafLine, read_line
from troth.core.evidence.report import Check, Finding, Report, State

CHECKS = range(1, 11)
Held = tuple[Checkpoint, Note]


def verify_bundle(lines: Iterable[bytes], *, key: VerifyKey | None = None, held: Sequence[Held] = ()) -> Report:
    """Check a bundle, line by line with their newlines, in constant memory but for 16 bytes a leaf.

    ``key`` is a public key and ``held`` are checkpoints that the verifier got elsewhere. Never raises for
    what a bundle may contain: whatever is wrong is in the report.
    """
    verifier = _Verifier(key, held)
    read = 0
    try:
        for raw in lines:
            read += 1
            verifier.take(read_line(raw))
        verifier.finish()
    except BadLine as problem:  # 1: nothing after a line that cannot be read would mean anything
        verifier.checks[1].fail(problem.code, line=read)
    return verifier.report()


class _Verifier:
    """The state of a verification under way."""

    def __init__(self, key: VerifyKey | None, held: Sequence[Held]) -> None:
        self.checks = {number: Check(number) for number in CHECKS}
        self._key, self._held = key, held
        self._header: HeaderLine | None = None
        self._ended = False
        self._leaves = self._checkpoints = self._withheld = 0
        self._last_position, self._last_at = -1, ""
        self._peaks: list[bytes] = []  # of a whole log
        self._held_sizes = {checkpoint.size for checkpoint, _ in held}
        self._held_roots: dict[int, bytes] = {}
        self._waiting: list[LeafLine] = []  # leaves of a part, until their checkpoint comes
        self._newest: Checkpoint | None = None
        self._chain: list[Link] = []
        self._commitments: set[bytes] = set()
        self._outcomes = Outcomes()

    # 1 ----------------------------------------------------------------------------------------------
    def take(self, line: HeaderLine | LeafLine | CheckpointLine | EndLine) -> None:
        if self._ended or isinstance(line, HeaderLine) != (self._header is None):
            raise BadLine("out_of_order")
        if isinstance(line, HeaderLine):
            self._header = line
        elif isinstance(line, LeafLine):
            self._take_leaf(line)
        elif isinstance(line, CheckpointLine):
            self._take_checkpoint(line)
        else:
            self._ended = True
            if (line.leaves, line.checkpoints) != (self._leaves, self._checkpoints):
                raise BadLine("wrong_count")

    def _take_leaf(self, line: LeafLine) -> None:
        whole = self._whole
        expected = line.position == self._leaves if whole else line.position > self._last_position
        covered = self._newest is not None and line.position < self._newest.size
        if not expected or covered or (line.proof is None) != whole:
            raise BadLine("out_of_order")
        if self._redacted and line.opening and line.leaf.kind not in KEY_KINDS:
            raise BadLine("not_redacted")
        self._leaves += 1
        self._last_position = line.position
        if whole:
            self._grow(line)
        else:
            self._waiting.append(line)
        self._check_commitment(line)
        self._check_key(line)
        self._check_time(line)
        self._outcomes.take(line.position, line.leaf.kind, line.body)

    def _take_checkpoint(self, line: CheckpointLine) -> None:
        whole, size = self._whole, line.checkpoint.size
        before = self._newest.size if self._newest else 0
        late = size <= before or size <= self._last_position
        if late or (whole and size != self._leaves) or (line.consistency is None) != whole:
            raise BadLine("out_of_order")
        self._checkpoints += 1
        if whole:
            self._check_tree(line)
        else:
            self._check_inclusion(line)
            self._check_consistency(line)
        self._check_signature(line)
        self._newest = line.checkpoint

    def finish(self) -> None:
        if not self._ended or self._newest is None:
            raise BadLine("cut_file")
        if self._last_position >= self._newest.size:
            raise BadLine("leaf_uncovered")
        self._check_keys_at_end()
        self._outcomes.finish(self.checks[9])
        for note in self._held:
            self._check_held(*note)
        self._settle()

    # 2 ----------------------------------------------------------------------------------------------
    def _grow(self, line: LeafLine) -> None:
        merkle.grow(line.position, self._peaks, merkle.leaf_hash(line.data))
        if self._leaves in self._held_sizes:
            self._held_roots[self._leaves] = merkle.fold(self._peaks)

    def _check_tree(self, line: CheckpointLine) -> None:
        if merkle.fold(self._peaks) != line.checkpoint.root:
            self.checks[2].fail("tree_differs", size=line.checkpoint.size)

    # 3 ----------------------------------------------------------------------------------------------
    def _check_inclusion(self, line: CheckpointLine) -> None:
        size, root = line.checkpoint.size, line.checkpoint.root
        for leaf in self._waiting:
            hashed = merkle.leaf_hash(leaf.data)
            if not merkle.verify_inclusion(leaf.position, size, hashed, leaf.proof or (), root):
                self.checks[3].fail("not_included", position=leaf.position, size=size)
        self._waiting.clear()
        self._held_roots[size] = root

    # 4 ----------------------------------------------------------------------------------------------
    def _check_consistency(self, line: CheckpointLine) -> None:
        old = self._newest or Checkpoint(line.checkpoint.origin, 0, merkle.EMPTY_ROOT)
        new, proof = line.checkpoint, line.consistency or ()
        if not merkle.verify_consistency(old.size, new.size, old.root, new.root, proof):
            self.checks[4].fail("not_consistent", old=old.size, new=new.size)

    # 5 ----------------------------------------------------------------------------------------------
    def _check_signature(self, line: CheckpointLine) -> None:
        size = line.checkpoint.size
        signer = in_force(self._chain, size)
        if line.checkpoint.origin != self._origin:
            self.checks[5].fail("other_origin", size=size)
        # A second signature would be bytes that nobody checks.
        elif signer is None or len(line.note.signatures) != 1 or not line.note.signed_by(signer):
            self.checks[5].fail("bad_signature", size=size)

    # 6 ----------------------------------------------------------------------------------------------
    def _check_commitment(self, line: LeafLine) -> None:
        if line.opening is None:
            self._withheld += 1
        elif not opens(line.leaf, line.opening):
            self.checks[6].fail("body_differs", position=line.position)
        short = line.leaf.commitment[:16]
        if short in self._commitments:
            self.checks[6].fail("commitment_twice", position=line.position)
        self._commitments.add(short)

    # 7 ----------------------------------------------------------------------------------------------
    def _check_key(self, line: LeafLine) -> None:
        if line.leaf.kind not in KEY_KINDS:
            return
        try:
            self._chain.append(follow(self._chain, line.position, line.leaf.kind, line.body))
        except BadNote:
            self.checks[7].fail("key_unvouched", position=line.position)

    def _check_keys_at_end(self) -> None:
        keys = [link.key for link in self._chain]
        if not self._chain or self._chain[0].key.name != self._origin:
            self.checks[7].fail("no_first_key")
        if tuple(str(key) for key in keys) != (self._header.keys if self._header else ()):
            self.checks[7].fail("keys_differ")
        if self._key is not None and self._key not in keys:
            self.checks[7].fail("other_key", key=str(self._key))
        elif self._key is not None and self._newest is not None:
            signer = in_force(self._chain, self._newest.size)
            if signer is None or keys.index(signer) < keys.index(self._key):
                self.checks[7].fail("key_unused", key=str(self._key))

    # 8 ----------------------------------------------------------------------------------------------
    def _check_time(self, line: LeafLine) -> None:
        if line.leaf.at < self._last_at:
            self.checks[8].fail("time_back", position=line.position)
        self._last_at = line.leaf.at

    # 9 is in outcomes.py ----------------------------------------------------------------------------

    # 10 ---------------------------------------------------------------------------------------------
    def _check_held(self, held: Checkpoint, note: Note) -> None:
        check, size = self.checks[10], held.size
        newest = self._newest.size if self._newest else 0
        signer = in_force(self._chain, size)
        if held.origin != self._origin:
            check.fail("held_other_log", size=size)
        elif signer is None or not note.signed_by(signer):
            check.fail("held_not_signed", size=size)
        elif size > newest:
            check.fail("held_newer", size=size, newest=newest)
        elif size not in self._held_roots:
            check.fail("held_not_covered", size=size)
        elif self._held_roots[size] != held.root:
            check.fail("held_fork", size=size)

    # The result -------------------------------------------------------------------------------------
    @property
    def _whole(self) -> bool:
        return self._header is not None and self._header.whole

    @property
    def _redacted(self) -> bool:
        return self._header is not None and self._header.redacted

    @property
    def _origin(self) -> str:
        return self._header.origin if self._header else ""

    def _settle(self) -> None:
        """Everything was read: a check that found nothing wrong has passed, if it had anything to look at."""
        idle = {3, 4} if self._whole else {2}
        if not self._held:
            idle = idle | {10}
        for check in self.checks.values():
            if check.state is State.NOT_REACHED:
                check.state = State.NOT_APPLICABLE if check.number in idle else State.OK

    def report(self) -> Report:
        checks = tuple(self.checks[number] for number in CHECKS)
        proven, unproven = self._conclusions() if not any(c.failures for c in checks) else ([], [])
        return Report(checks, self._leaves, self._checkpoints, tuple(proven), tuple(unproven))

    def _conclusions(self) -> tuple[list[Finding], list[Finding]]:
        newest = self._newest.size if self._newest else 0
        proven = [Finding("whole" if self._whole else "part", {"leaves": self._leaves, "size": newest})]
        proven.append(Finding("bodies", {"bodies": self._leaves - self._withheld, "leaves": self._leaves}))
        unproven = []
        if self._key:
            proven.append(Finding("your_key", {"origin": self._origin}))
        else:
            unproven.append(Finding("no_key", {"origin": self._origin}))
        if self._held:
            covered = max(checkpoint.size for checkpoint, _ in self._held)
            proven.append(Finding("your_checkpoint", {"size": covered}))
        else:
            unproven.append(Finding("no_checkpoint"))
        if self._withheld:
            unproven.append(Finding("withheld", {"withheld": self._withheld}))
        if not self._whole:
            unproven.append(Finding("only_part"))
        unproven += [Finding(code) for code in ("clock", "truth", "complete")]
        return proven, unproven
