"""Counters: what the node has done so far, kept in its database with what they count.

So every process of the node tells the same, a restart forgets nothing, and what was not committed was not counted.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from . import tables
from .store import Store

_GROWN = " ON CONFLICT (name, label) DO UPDATE SET value = counters.value + excluded.value"
_ALL = select(tables.counters).order_by(tables.counters.c.name, tables.counters.c.label)


def count(store: Store, connection: Connection, name: str, grown: Mapping[str, int]) -> None:
    """The counter has grown by so much for each label, once the transaction is committed.

    A label is one of Prometheus, such as `outcome="held"`.
    """
    rows = [(name, label, by) for label, by in sorted(grown.items())]
    store.insert(connection, tables.counters, rows, _GROWN)


def told(connection: Connection, **gauges: int) -> str:
    """All counters and these gauges in Prometheus' text form."""
    lines = []
    counted = connection.execute(_ALL).all()
    for name in sorted({row.name for row in counted}):
        lines.append(f"# TYPE landsea_{name} counter")
        lines += [f"landsea_{name}{{{row.label}}} {row.value}" for row in counted if row.name == name]
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE landsea_{name} gauge", f"landsea_{name} {value}"]
    return "\n".join(lines) + "\n"
