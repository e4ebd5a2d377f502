"""Carriage: who brought the goods of a declaration, as far as the node was told."""

from typing import Final

from sqlalchemy import Connection, and_, bindparam, select, union

from . import tables

_ACTS, _ARRIVALS, _ALIASES = tables.acts.c, tables.arrivals.c, tables.aliases.c
_SAME: Final = and_(_ARRIVALS.kind == _ALIASES.kind, _ARRIVALS.value == _ALIASES.value)
_BROUGHT: Final = union(
    select(_ACTS.actor).where(_ACTS.mrn == bindparam("mrn")),
    select(_ARRIVALS.actor).where(_ARRIVALS.kind == "mrn", _ARRIVALS.value == bindparam("mrn")),
    select(_ARRIVALS.actor).join(tables.aliases, _SAME).where(_ALIASES.mrn == bindparam("mrn")),
)


def brought(connection: Connection, mrn: str) -> set[str]:
    """Who acted on the declaration, or told of the arrival of its goods under any name of theirs; officers too."""
    return set(connection.execute(_BROUGHT, {"mrn": mrn}).scalars())
