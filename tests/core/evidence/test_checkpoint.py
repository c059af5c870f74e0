from __future__ import annotations

import pytest

from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from troth.core.evidence.note import BadNote, SigningKey

# The example of https://c2sp.org/tlog-checkpoint
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
KEY = SigningKey("example.org/troth", bytes(32))


def test_it_reads_the_example_of_the_specification():
    checkpoint, note = parse_checkpoint(EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == note.text
    assert note.signatures[0].name == checkpoint.origin


def test_what_is_signed_is_what_is_read():
    made = Checkpoint("example.org/troth", 7, bytes(range(32)))
    read, note = parse_checkpoint(sign_checkpoint(made, KEY))
    assert read == made
    assert note.signed_by(KEY.vkey)


def test_a_key_signs_only_for_the_log_it_is_named_after():
    with pytest.raises(BadNote):
        sign_checkpoint(Checkpoint("example.org/other", 7, bytes(32)), KEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20852163", "020852163"),
        ("20852163", "-1"),
        ("20852163", "2085216³"),
        ("20852163", "9" * 30 + "x"),
        ("20852163\n", ""),
        ("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J="),
        ("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUYapGGPo4="),
        ("2I=\n\n", "2I=\nan extension\n\n"),
        ("example.com/behind-the-sofa\n2", "\n2"),
    ],
)
def test_a_malformed_checkpoint_is_refused(old, new):
    with pytest.raises(BadNote):
        parse_checkpoint(EXAMPLE.replace(old, new, 1))
