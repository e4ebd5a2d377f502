"""Counters: what the node has done so far, kept in its database with what they count.

So every process of the node tells the same, a restart forgets nothing, and no decision is counted that was not
committed. Figures that no transaction belongs to (seconds, answers) are added by each process now and then, and when
it is asked (`observation`).
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from . import tables
from .observation import Observation
from .store import Store

_SUM, _COUNT = "_seconds_sum", "_seconds_count"
_GROWN = " ON CONFLICT (name, label) DO UPDATE SET value = counters.value + excluded.value"
_ALL = select(tables.counters).order_by(tables.counters.c.name, tables.counters.c.label)


def count(store: Store, connection: Connection, name: str, grown: Mapping[str, int]) -> None:
    """The counter has grown by so much for each label, once the transaction is committed.

    A label is one of Prometheus, such as `outcome="held"`.
    """
    rows = [(name, label, by) for label, by in sorted(grown.items())]
    store.insert(connection, tables.counters, rows, _GROWN)


def numbered(store: Store, name: str) -> int:
    """The number of this occasion: the counter has grown by one, and nobody else is told the same."""
    own = select(tables.counters.c.value).where(tables.counters.c.name == name, tables.counters.c.label == "")
    with store.writing() as connection:
        count(store, connection, name, {"": 1})
        return int(connection.execute(own).scalar_one())


def write_down(store: Store, observation: Observation) -> None:
    """What this process has gathered since the last time stands in the counters."""
    if figures := observation.drained():
        with store.writing() as connection:
            for name, grown in figures.items():
                count(store, connection, name, grown)


def told(connection: Connection, **gauges: int) -> str:
    """All counters and these gauges in Prometheus' text form; what takes time is a summary, in seconds."""
    lines: list[str] = []
    counted = connection.execute(_ALL).all()
    for name in sorted({row.name for row in counted}):
        whole = name.rpartition("_")[0] if name.endswith((_SUM, _COUNT)) else name
        kind = f"# TYPE landsea_{whole} {'counter' if whole == name else 'summary'}"
        lines += [kind] if kind not in lines else []
        rows = [row for row in counted if row.name == name]
        if name.endswith(_SUM):  # kept in microseconds
            lines += [f"landsea_{name}{{{row.label}}} {row.value / 1_000_000:.6f}" for row in rows]
        else:
            lines += [f"landsea_{name}{{{row.label}}} {row.value}" for row in rows]
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE landsea_{name} gauge", f"landsea_{name} {value}"]
    return "\n".join(lines) + "\n"
