"""Backups and their restores, and lists that people go through."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import later, length, longer, longest
from troth.core.check.rule import NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.policy.tree import Path
from troth.core.policy.values import Duration


@rule(
    "backup_outlives_data", WARNING, gdpr(5, "(1)(e)"), ITSELF,
    en=(
        "the backup '{backup}' lives {found}, longer than any purpose needs what it holds ({promised})",
        "shorten `keep:`; what was erased stays in a backup as long as the backup lives",
    ),
    fr=(
        "la sauvegarde « {backup} » vit {found}, plus qu'aucune finalité n'a besoin de ce qu'elle contient "
        "({promised})",
        "raccourcissez `keep:` ; ce qui est effacé reste dans une sauvegarde tant qu'elle vit",
    ),
)  # fmt: skip
def backup_outlives_data(case: Case) -> Iterator[Place]:
    """A copy is not an archive."""
    for name, backup in case.document.backups.items():
        needed = longest(_needed(case, backup.stores))
        if needed is not None and longer(length(backup.keep), needed):
            yield place("backups", name, "keep", backup=name, found=length(backup.keep), promised=needed)


def _needed(case: Case, stores: tuple[str, ...]) -> Iterator[Duration]:
    """How long each purpose of what lies in these stores needs it; holds and archives too."""
    for store in stores:
        held = case.document.stores.get(store)
        for collection in held.collections.values() if held is not None else ():
            for purpose in map(case.document.purposes.get, collection.for_):
                if purpose is not None and purpose.keep.period is not None:
                    yield length(purpose.keep.period)
                if purpose is not None and purpose.keep.archive is not None:
                    yield length(purpose.keep.archive.period)
            yield from (length(hold.period) for hold in collection.holds.values() if hold.period is not None)


@rule(
    "restore_never_tried", WARNING, gdpr(32, "(1)(c)"), gdpr(32, "(1)(d)"),
    en=(
        "nobody has ever tried to restore the backup '{backup}'",
        "restore it once, somewhere else, run `troth replay`, and write the day in `restore_tried:`",
    ),
    fr=(
        "personne n'a jamais essayé de restaurer la sauvegarde « {backup} »",
        "restaurez-la une fois, ailleurs, lancez `troth replay`, et écrivez le jour dans `restore_tried:`",
    ),
)  # fmt: skip
def restore_never_tried(case: Case) -> Iterator[Place]:
    """A backup that was never restored is a hope."""
    for name, backup in case.document.backups.items():
        if backup.restore_tried is None:
            yield place("backups", name, backup=name)


@rule(
    "restore_overdue", WARNING, gdpr(32, "(1)(d)"), ITSELF,
    en=(
        "a restore of '{backup}' was last tried on {found}; it is promised every {promised}",
        "try it again and write the day in `restore_tried:`",
    ),
    fr=(
        "la restauration de « {backup} » a été essayée le {found} ; elle est promise tous les {promised}",
        "essayez-la de nouveau et écrivez le jour dans `restore_tried:`",
    ),
)  # fmt: skip
def restore_overdue(case: Case) -> Iterator[Place]:
    """The rehearsal has a rhythm."""
    for name, backup in case.document.backups.items():
        if backup.restore_tried is None or backup.restore_tried_every is None:
            continue
        if later(backup.restore_tried, backup.restore_tried_every) < case.as_of:
            every = length(backup.restore_tried_every)
            yield place("backups", name, "restore_tried", backup=name, found=backup.restore_tried, promised=every)


@rule(
    "backup_in_clear", WARNING, gdpr(32, "(1)(a)"),
    en=(
        "the backup '{backup}' is not encrypted",
        "encrypt it with a key that is kept elsewhere",
    ),
    fr=(
        "la sauvegarde « {backup} » n'est pas chiffrée",
        "chiffrez-la avec une clé gardée ailleurs",
    ),
)  # fmt: skip
def backup_in_clear(case: Case) -> Iterator[Place]:
    """A copy of everything, in one piece."""
    for name, backup in case.document.backups.items():
        if not backup.encrypted:
            yield place("backups", name, "encrypted", backup=name)


@rule(
    "store_not_backed_up", NOTE, gdpr(32, "(1)(c)"),
    en=(
        "no backup holds the store '{store}'",
        "add it to a backup, if its loss would hurt anybody",
    ),
    fr=(
        "aucune sauvegarde ne contient le stockage « {store} »",
        "ajoutez-le à une sauvegarde, si sa perte nuirait à quelqu'un",
    ),
)  # fmt: skip
def store_not_backed_up(case: Case) -> Iterator[Place]:
    """Only told where backups are spoken of; a store kept by a recipient is its business."""
    saved = {store for backup in case.document.backups.values() for store in backup.stores}
    host = case.document.publisher.host
    for name, store in case.document.stores.items() if saved else ():
        if name not in saved and store.recipient in (None, host):
            yield place("stores", name, store=name)


@rule(
    "checklist_overdue", WARNING, gdpr(32, "(1)(d)"), ITSELF,
    en=(
        "the list '{checklist}' is overdue: {overdue} of its {points} points should have been looked at again",
        "go through the list and write the days in `done:`",
    ),
    fr=(
        "la liste « {checklist} » est en retard : {overdue} de ses {points} points auraient dû être revus",
        "parcourez la liste et écrivez les jours dans `done:`",
    ),
)  # fmt: skip
def checklist_overdue(case: Case) -> Iterator[Place]:
    """What a person promised to look at."""
    for name, checklist in case.document.checklists.items():
        late: list[Path] = []
        for index, item in enumerate(checklist.items):
            if item.done is None or later(item.done, item.every or checklist.every) < case.as_of:
                late.append(("checklists", name, "items", index))
        if late:
            yield place(*late[0], checklist=name, overdue=len(late), points=len(checklist.items))
