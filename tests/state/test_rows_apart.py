"""What was set apart is kept as pairs of keyed hashes, for one identifier at a time, until it is taken back."""

from __future__ import annotations

from collections.abc import Callable

from troth.state.apart import Apart
from troth.state.database import Database
from troth.state.keyfiles import MemoryFiles
from troth.state.keyring import Keyring

ANA, BO = ("email", "ana@example.org"), ("email", "bo@example.org")


def test_rows_are_apart_for_one_identifier_until_that_is_taken_back(open_database: Callable[..., Database]) -> None:
    keys = Keyring(MemoryFiles())
    keys.new_vault_key()
    database = open_database()
    apart = Apart(database, keys.vault)
    first, second = (apart.tag("shop", "people", (number,)) for number in (1, 2))
    apart.say([ANA], {first, second})
    apart.say([ANA, BO], {second})
    assert (apart.of(ANA), apart.of(BO)) == ({first, second}, {second})
    rows = [((1,), [ANA, BO]), ((3,), [ANA])]
    assert [*apart.certain("shop", "people", rows)] == [((1,), [BO]), ((3,), [ANA])]
    assert [*apart.certain("shop", "others", rows)] == rows, "of another collection"
    apart.unsay([(ANA, second)])
    assert (apart.of(ANA), apart.of(BO)) == ({first}, {second})
    assert "ana@" not in str(database.all("SELECT * FROM rows_apart"))
