"""Conditions that go on meaning the same while the rows they lean on are being erased.

"Lines of the orders of this customer" finds nothing once the orders are gone, which would make every check
pass. So before the first write the far end is looked up, and the condition compares our own column with it.
"""

from __future__ import annotations

from sqlalchemy import select

from troth.connectors.sql.binding import scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.line import Line
from troth.connectors.sql.narrow import narrowed
from troth.connectors.sql.resolve import Resolver
from troth.core.query import And, Expr, Hop, KeyIn, Nothing, Or, Related, Where, all_of, any_of

MOST = 20_000
"""Values that a frozen link may have; beyond that the link stays as it is."""


def frozen(compiler: Compiler, line: Line, resolver: Resolver, collection: str, expr: Expr) -> Expr:
    """The condition with every link that stands in it positively turned into values of our own columns."""
    bounded = narrowed(compiler.places, compiler.places[collection], expr)
    return _frozen(compiler, line, resolver, collection, bounded)


def _frozen(compiler: Compiler, line: Line, resolver: Resolver, collection: str, expr: Expr) -> Expr:
    match expr:
        case And(parts):
            return all_of(*(_frozen(compiler, line, resolver, collection, p) for p in parts))
        case Or(parts):
            return any_of(*(_frozen(compiler, line, resolver, collection, p) for p in parts))
        case Related(hops, inner):
            rest = Related(hops[1:], inner) if hops[1:] else inner
            return _frozen_link(compiler, line, resolver, expr, hops[0], rest)
        case _:
            return expr


def _frozen_link(compiler: Compiler, line: Line, resolver: Resolver, link: Related, hop: Hop, inner: Expr) -> Expr:
    if hop.template is not None:
        return link
    inner = _frozen(compiler, line, resolver, hop.target, inner)
    columns = tuple(ours for ours, _ in hop.columns)
    own = [Where(c) for c in hop.source_where]
    target = compiler.places[hop.target]
    far = {target.facts_of(theirs).name for _, theirs in hop.columns}
    if isinstance(inner, KeyIn) and {target.facts_of(c).name for c in inner.columns} == far == set(target.key):
        # Compared without a look at the target by the compiler, too.
        return Related((hop,), inner)
    theirs = [target.column(name) for _, name in hop.columns]
    wanted = resolver.clear(hop.target, all_of(inner, *(Where(c) for c in hop.where)))
    names = tuple(name for _, name in hop.columns)
    rows = compiler.statements.run(
        compiler, line, [(hop.target, wanted)], ("frozen", *names),
        lambda tests: select(*theirs).distinct().where(*tests).limit(MOST + 1),
    )  # fmt: skip
    found = [tuple(scalar(v) for v in row) for row in rows]
    if len(found) > MOST:
        return link
    return all_of(KeyIn(columns, tuple(found)), *own) if found else Nothing()
