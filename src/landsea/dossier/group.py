"""The groups of a declaration, and their blobs.

A group is what an agreement between authorities can name: a set of elements (the `group` column of the element table)
with a version, `goods@1`. It is never repurposed: other elements make another version. One blob holds one group of one
goods item, or of the header level (item 0), as a JSON object.

Names in it are WCO element paths below `Declaration`, or below the goods item. A class that is rows of a frame is an
array of objects, with its elements by their paths below that class; where it stands in one of several classes, that
one's position is in the name (`…/TransportEquipment[2]/Seal`). Codes, identifiers, texts and instants (UTC) are
strings, counts are numbers, decimals are strings, with the currency or unit behind a space. What is not declared is
left out.

The body as lodged is a blob too, in the group `BODY`, which no agreement can name.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

import polars as pl

from landsea.declaration.element import GOODS_ITEM_PATH, Element, container, element, elements
from landsea.declaration.lot import SUFFIX, Lot, collected

VERSION: Final = 1
BODY: Final = "lodged-body@1"

SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "group": pl.String(),
    "item": pl.UInt32(),  # position of the goods item within its declaration, from 1; 0 for the header level
    "text": pl.String(),  # the JSON object
}

_ROOTS: Final = ("declarations", "goods_items")
_NULL_MEMBER: Final = r',"[A-Za-z/]+":null'
_NULL_FIRST: Final = r'^\{"[A-Za-z/]+":null,?'


@cache
def groups() -> tuple[str, ...]:
    """The groups an agreement can name, in the order of the element table."""
    return tuple(dict.fromkeys(f"{leaf.group}@{VERSION}" for leaf in _leaves()))


def blobs(lot: Lot) -> pl.DataFrame:
    """The blobs of every declaration in the lot (`SCHEMA`), ordered by d, item and group.

    Where a group has nothing declared at a level, it has no blob there.
    """
    parts = [rows for name, frame in lot.frames.items() if frame.height for rows in _rows(frame, name)]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    items = lot["goods_items"]
    position = pl.lit(items["n"]).sort_by(pl.lit(items["i"]))
    placed, member, whole = _texts()
    members = collected(pl.concat(parts)).lazy()  # on its own, since a plan of many branches is slow to plan further
    return collected(
        members.filter(pl.col("text") != "")
        .select(_place(position), _order(), pl.col("text"))
        .sort("place", "order")
        .with_columns(placed)
        # an array opens with its first row and closes with its last, so one join makes the whole object
        .select("place", member)
        .group_by("place", maintain_order=True)
        .agg("text")
        .select(whole)
    )


# `place` packs (d, item, group) and `order` (class, m, n) into one integer each, so that sorting compares two
_GROUP: Final = 1 << 8
_ITEM: Final = 1 << 24
_ROW: Final = 1 << 24


def _place(position: pl.Expr) -> pl.Expr:
    item = position.gather(pl.col("i")).fill_null(0)
    return ((pl.col("d").cast(pl.UInt64) * _ITEM + item) * _GROUP + pl.col("group")).alias("place")


def _order() -> pl.Expr:
    m = pl.when(pl.col("at").is_in(_nested())).then(pl.col("m").fill_null(1)).otherwise(0)
    return ((pl.col("at").cast(pl.UInt64) * _ROW + m) * _ROW + pl.col("n").fill_null(1)).alias("order")


@cache
def _texts() -> tuple[list[pl.Expr], pl.Expr, list[pl.Expr]]:
    """Where arrays open, the text of a member with what opens and closes the array it stands in, and of an object."""
    place, order, at, opens = (pl.col(name) for name in ("place", "order", "at", "opens"))
    array = order // _ROW
    placed = [
        (order // (_ROW * _ROW)).alias("at"),
        (place.ne_missing(place.shift()) | array.ne_missing(array.shift())).alias("opens"),
    ]
    before, after = (pl.lit(names).gather(at) for names in _openings())
    member = pl.concat_str(
        pl.when(opens).then(before),
        pl.when(opens).then(pl.concat_str(array % _ROW, after)),
        "text",
        pl.when(opens.shift(-1, fill_value=True) & (at != 0)).then(pl.lit("]")),
        ignore_nulls=True,
    )
    whole = [
        (place // (_ITEM * _GROUP)).cast(pl.UInt32).alias("d"),
        pl.lit(pl.Series(groups())).gather(place % _GROUP).alias("group"),
        (place // _GROUP % _ITEM).cast(pl.UInt32).alias("item"),
        pl.concat_str(pl.lit("{"), pl.col("text").list.join(","), pl.lit("}")).alias("text"),
    ]
    return placed, member.alias("text"), whole


@cache
def _openings() -> tuple[pl.Series, pl.Series]:
    """By the number of a class what stands before and, if it stands in one of several, behind the position of that."""
    before: list[str] = [""] * (max(_paths()) + 1)
    after: list[str | None] = [None] * len(before)
    for number, path in _paths().items():
        before[number] = f'"{path}":['
        if number in _nested():
            parent, last = path.rsplit("/", 1)
            before[number], after[number] = f'"{parent}[', f']/{last}":['
    return pl.Series(before), pl.Series(after, dtype=pl.String)


def _rows(frame: pl.DataFrame, name: str) -> Iterator[pl.LazyFrame]:
    """What a frame adds to objects: (d, i, group, at, m, n, text), each text a member or an element of an array."""
    nulls = dict(zip(frame.columns, frame.null_count().row(0), strict=True))
    for rank, group in enumerate(groups()):
        if group in _columns(name):
            leaves = _columns(name)[group]
            declared = tuple(leaf.column for leaf in leaves if nulls[leaf.column] < frame.height)
            if declared or name not in _ROOTS:
                text = _object(name, group, declared, gaps=any(nulls[column] for column in declared))
                yield frame.lazy().select(*_keys(name, rank), text)


@cache
def _keys(name: str, rank: int) -> list[pl.Expr]:
    """The keys; a row that does not say which class it is counts as the first of its frame."""
    nothing, rows = pl.lit(None, pl.UInt32), name not in _ROOTS
    return [
        pl.col("d"),
        (nothing if name == "declarations" else pl.col("i")).alias("i"),
        pl.lit(rank, pl.UInt8).alias("group"),
        (pl.col("at").fill_null(_first(name)) if rows else pl.lit(0, pl.UInt16)).alias("at"),
        (pl.col("m") if rows else nothing).alias("m"),
        (pl.col("n") if rows else nothing).alias("n"),
    ]


@lru_cache(maxsize=1024)
def _object(frame: str, group: str, declared: tuple[str, ...], *, gaps: bool) -> pl.Expr:
    """One JSON object a row, or in a root frame its members alone; with `gaps`, those that are null are left out."""
    if not declared:
        return pl.lit("{}").alias("text")
    members = [_member(leaf) for leaf in _columns(frame)[group] if leaf.column in declared]
    text = pl.struct(members).struct.json_encode()
    if gaps:
        # a quote inside a JSON text stands behind a backslash, so these two can match no declared text
        text = text.str.replace_all(_NULL_MEMBER, "").str.replace(_NULL_FIRST, "{")
    return (text.str.slice(1).str.head(-1) if frame in _ROOTS else text).alias("text")


@cache
def _member(leaf: Element) -> pl.Expr:
    """The value as it is written, under its name below the class whose rows it stands in."""
    value = pl.col(leaf.column)
    if leaf.kind == "datetime":
        value = value.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    elif leaf.kind in ("number", "amount", "measure"):
        # millionths; the division is exact, since six decimals are all there are
        value = (value.cast(pl.Decimal(38, 6)) / 1_000_000).cast(pl.String)
        value = value.str.strip_chars_end("0").str.strip_chars_end(".")
        if leaf.kind in SUFFIX:
            value += (pl.lit(" ") + pl.col(leaf.column + SUFFIX[leaf.kind])).fill_null("")
    below = container(leaf.path).path if leaf.frame not in _ROOTS else _root(leaf.path)
    return value.alias(leaf.path.removeprefix(below + "/"))


def _root(path: str) -> str:
    return GOODS_ITEM_PATH if path.startswith(GOODS_ITEM_PATH + "/") else "Declaration"


def _leaves() -> tuple[Element, ...]:
    return tuple(e for e in elements() if not e.is_class and e.frame and e.column)


@cache
def _columns(frame: str) -> Mapping[str, list[Element]]:
    """Group → one element for each column of the frame, in the order of the table."""
    found: dict[str, dict[str, Element]] = {}
    for leaf in _leaves():
        if leaf.frame == frame:
            found.setdefault(f"{leaf.group}@{VERSION}", {}).setdefault(leaf.column, leaf)
    return {group: list(columns.values()) for group, columns in found.items()}


@cache
def _first(frame: str) -> int:
    return next(e.at for e in elements() if e.is_class and e.frame == frame)


@cache
def _paths() -> Mapping[int, str]:
    """The number of each class that is rows → its path below the declaration or the goods item."""
    return {
        e.at: e.path.removeprefix(_root(e.path) + "/")
        for e in elements()
        if e.is_class and e.frame and e.frame not in _ROOTS
    }


@cache
def _nested() -> list[int]:
    """The classes among them that stand in one of several others."""
    above = {at: elements()[at].path.rsplit("/", 1)[0] for at in _paths()}
    return [at for at, path in above.items() if path not in (GOODS_ITEM_PATH, "Declaration") and element(path).repeats]
