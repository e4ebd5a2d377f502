"""Scope: on which goods items a row of a law table falls.

Tables that speak of goods say so in the same columns: `direction` (import, export; empty: both), `code` (a prefix of
the commodity code; `*` all goods), `origin` (a country, a group of `country_groups`, or `ERGA OMNES`), `procedure` (the
current ones, with blanks between; empty: any), `valid_from`, `valid_to`. A table's folder is its administration.

Rows on one *subject* stand in each other's way, so the nearest speaks: the longest code, then a country before a group
before all, then a named procedure, then the row listed first. Items that the table cannot tell apart are one *case*:
which rows fall is asked once per case, and a prefix is matched once per distinct code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.declaration.lot import Lot, collected
from landsea.errors import BuildFault
from landsea.units.validity import in_force

EVERYWHERE: Final = "ERGA OMNES"
_DIRECTIONS: Final = ("import", "export")
_GROUPED: Final = ("issuer", "group", "country")


@dataclass(frozen=True, slots=True, eq=False)
class _Limit:
    """Which rows of the table admit which values of a column of an item."""

    known: pl.Enum
    admits: pl.Series  # by value * rows + row; the last value stands for all that no row names

    @property
    def size(self) -> int:
        """How many values there are to tell apart."""
        return len(self.known.categories) + 1

    def value(self, column: str) -> pl.Expr:
        """The place of the item's value among those known."""
        place = pl.col(column).cast(self.known, strict=False).to_physical()
        return place.cast(pl.UInt64).fill_null(self.size - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A law table made ready: its rows in order, and what they fall on."""

    rows: pl.DataFrame
    places: pl.DataFrame  # pair (administration and direction), code (a prefix), law, rank, subject
    pairs: pl.Enum
    issuers: tuple[str, ...]
    prefixes: frozenset[str]
    lengths: tuple[int, ...]  # those the prefixes have
    origins: _Limit
    procedures: _Limit

    def of(self, column: str) -> pl.Expr:
        """What the row `law` says in a column of the table."""
        return pl.lit(self.rows[column]).gather("law")


class Reached(NamedTuple):
    """The items whose code has a prefix in the table.

    `items`: d, i, cell (administration, direction, code, origin and procedure as one number), on; in the order of the
    lot. `codes`: the texts that cells number.
    """

    items: pl.DataFrame
    codes: pl.Series


@lru_cache(maxsize=64)
def scope_of(edition: Edition, table: str, subject: tuple[str, ...]) -> Scope:
    """The scope of a table of the edition; rows equal in the columns `subject`, and the issuer, are on one subject.

    Raises BuildFault for an origin that is neither a country nor a group the issuer lists.
    """
    rows = edition.table(table)
    groups = edition.tables.get("country_groups", pl.DataFrame(schema=dict.fromkeys(_GROUPED, pl.String())))
    members = {key: frozenset(part["country"]) for key, part in groups.group_by(_GROUPED[:2])}
    countries = [_countries(row, members, table) for row in rows.iter_rows(named=True)]
    procedures = [None if text is None else frozenset(text.split()) for text in rows["procedure"]]
    near = pl.when(pl.col("origin") == EVERYWHERE).then(0).when(pl.col("origin").str.len_bytes() == 2).then(2)
    either = pl.col("direction").is_null()
    placed = rows.with_row_index("law").select(
        "law",
        code=pl.when(pl.col("code") == "*").then(pl.lit("")).otherwise("code"),
        direction=pl.when(either).then(pl.lit(list(_DIRECTIONS))).otherwise(pl.concat_list("direction")),
        near=near.otherwise(1),
        named=pl.col("procedure").is_not_null(),
        issuer="issuer",
        subject=pl.struct("issuer", *subject).rank("dense").cast(pl.UInt32),
    )
    ranked = placed.sort(pl.col("code").str.len_bytes(), "near", "named", -pl.col("law").cast(pl.Int64))
    places = ranked.with_row_index("rank").explode("direction")
    places = places.with_columns(pair=pl.concat_str("issuer", "direction", separator=" "))
    return Scope(
        rows,
        places.select("pair", "code", "law", "rank", "subject"),
        pl.Enum(places["pair"].unique().sort()),
        tuple(rows["issuer"].unique().sort()),
        frozenset(places["code"]),
        tuple(sorted(set(places["code"].str.len_bytes()))),
        _limit(countries),
        _limit(procedures),
    )


def _countries(row: dict[str, Any], members: dict[Any, frozenset[str]], table: str) -> frozenset[str] | None:
    """The countries whose goods a row falls on; None: all."""
    origin = row["origin"]
    if origin == EVERYWHERE:
        return None
    if (group := members.get((row["issuer"], origin))) is not None:
        return group
    if origin is None or len(origin) != 2:
        raise BuildFault(f"{row['issuer']}/{table}.csv: the origin {origin!r} is no country, nor in country_groups.csv")
    return frozenset({origin})


def _limit(admitted: Sequence[frozenset[str] | None]) -> _Limit:
    known = sorted(frozenset[str]().union(*(values for values in admitted if values is not None)))
    admits = [values is None or value in values for value, values in product((*known, None), admitted)]
    return _Limit(pl.Enum(known), pl.Series(admits, dtype=pl.Boolean))


def reached(lot: Lot, scope: Scope) -> Reached:
    """The goods items some row may fall on; none where the administration addressed has no such table."""
    items, header = lot["goods_items"], lot["declarations"]
    if not any(header["administration"].eq(issuer).any() for issuer in scope.issuers):
        return _NOTHING
    named = _named(items["commodity_code"], scope)
    if named.is_empty():
        return _NOTHING
    at = items["commodity_code"].cast(pl.Enum(named), strict=False).to_physical().rename("at")
    some = at.is_not_null()
    met = items.select("d", "i", "origin", "procedure").hstack([at]).filter(some)
    laid = met.hstack(header[["administration", "direction", "applicable_on"]][met["d"]].get_columns()).lazy()
    pair = pl.concat_str("administration", "direction", separator=" ").cast(scope.pairs, strict=False).to_physical()
    cell = pl.col("at").cast(pl.UInt64) * len(scope.pairs.categories) + pair.cast(pl.UInt64)
    for limit, column in ((scope.origins, "origin"), (scope.procedures, "procedure")):
        cell = cell * limit.size + limit.value(column)
    cells = laid.select("d", "i", cell=cell, on="applicable_on").filter(pl.col("cell").is_not_null())
    return Reached(collected(cells), named)


_FEW: Final = 200
"""Items up to which it is quicker to look at one code after another."""
_ITEMS: Final = {"d": pl.UInt32(), "i": pl.UInt32(), "cell": pl.UInt64(), "on": pl.Date()}
_NOTHING: Final = Reached(pl.DataFrame(schema=_ITEMS), pl.Series("commodity_code", [], pl.String))


def _named(codes: pl.Series, scope: Scope) -> pl.Series:
    """Each of these codes once that has a prefix in the table."""
    if len(codes) <= _FEW:
        some = dict.fromkeys(code for code in codes if code is not None)
        met = [code for code in some if any(code[:length] in scope.prefixes for length in scope.lengths)]
        return pl.Series(codes.name, met, dtype=pl.String)
    prefixes = scope.places["code"].unique().implode()
    starts = pl.any_horizontal(pl.col(codes.name).str.head(length).is_in(prefixes) for length in scope.lengths)
    return codes.unique().drop_nulls().to_frame().filter(starts).to_series()


def fallen(cases: pl.DataFrame, codes: pl.Series, scope: Scope) -> pl.DataFrame:
    """The cases (cell, on and what else tells them apart) with each row that falls on them: law, rank, subject."""
    rest, limits = pl.col("cell"), {"procedure": scope.procedures, "origin": scope.origins}
    parts = {}
    for name, size in [*((name, limit.size) for name, limit in limits.items()), ("pair", len(scope.pairs.categories))]:
        parts[name], rest = (rest % size).cast(pl.UInt32), rest // size
    told = cases.lazy().with_columns(**parts, whole=pl.lit(codes).gather(rest))
    places = scope.places.lazy().with_columns(pl.col("pair").cast(scope.pairs).to_physical().cast(pl.UInt32))
    met = [
        told.with_columns(code=pl.col("whole").str.head(length)).join(places, on=["pair", "code"])
        for length in scope.lengths
    ]
    # a prefix as long as the code itself is met at every greater length
    laws = pl.concat(met).unique([*cases.columns, "law"]).with_columns(scope.of("valid_from"), scope.of("valid_to"))
    admitted = [
        pl.lit(limit.admits).gather(pl.col(name) * scope.rows.height + pl.col("law")) for name, limit in limits.items()
    ]
    return collected(laws.filter(in_force(pl.col("on")), *admitted).select(*cases.columns, "law", "rank", "subject"))


def nearest(laws: pl.DataFrame, case: Sequence[str]) -> pl.DataFrame:
    """What fell, without the rows that stand behind a nearer one on the same subject; in the order of the table."""
    first = pl.col("rank") == pl.col("rank").max().over(*case, "subject")
    return laws.filter(first).sort(*case, "law")


def concerned(frame: pl.DataFrame, items: pl.DataFrame, lot: Lot) -> pl.Series:
    """Whether each row of a frame of the lot belongs to a declaration that has one of these items."""
    here = pl.repeat(value=False, n=len(lot), eager=True).scatter(items["d"].unique(), values=True)
    return here[frame["d"]]
