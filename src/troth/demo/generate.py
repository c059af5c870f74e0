"""Invented databases for the two example publishers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Literal

from troth.demo.atelier_billing import billing
from troth.demo.atelier_service import service
from troth.demo.database import write
from troth.demo.maison_mailing import mailing
from troth.demo.maison_shop import shop
from troth.demo.people import CAST, people
from troth.demo.settling import settle

Example = Literal["maison", "atelier"]

EXAMPLES: tuple[Example, ...] = ("maison", "atelier")
SEED = 1815


def generate(folder: Path, example: Example, as_of: date, people_count: int = 300, seed: int = SEED) -> list[Path]:
    """Write the example's databases into ``folder`` (made if missing); the files written.

    The same arguments give the same data. Raises ValueError for fewer people than the fixed cast and
    FileExistsError where a database lies already: nothing is ever overwritten.
    """
    if people_count < len(CAST) + 20:
        raise ValueError(f"an example needs at least {len(CAST) + 20} people, not {people_count}")
    folder.mkdir(parents=True, exist_ok=True)
    # Invented data must be the same everywhere; nothing here is a secret.
    rng = Random(f"{seed} {example}")  # noqa: S311
    everyone = people(rng, as_of, people_count)
    if example == "maison":
        made = {
            "shop": ("maison-shop", shop(rng, as_of, everyone)),
            "mailing": ("maison-mailing", mailing(rng, as_of, everyone)),
        }
    else:
        accounts = service(rng, as_of, everyone)
        made = {
            "service": ("atelier-service", accounts.tables),
            "billing": ("atelier-billing", billing(rng, as_of, everyone, accounts.uuids)),
        }
    paths = []
    for name, (schema, tables) in made.items():
        path = folder / f"{name}.sqlite"
        if path.exists():
            raise FileExistsError(f"{path} is there already; choose an empty folder")
        write(path, schema, settle(tables, as_of))
        paths.append(path)
    return paths
