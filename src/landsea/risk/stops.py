"""The stop list: officers' entries that turn whatever carries their mark into a control, beside profiles and chance.

An entry names an operator, a container, a vehicle's plate, a UCR, an MRN, an establishment, or goods by the beginning
of their HS code and their origin (`870899/CN`, or `870899/*`). What of a lot carries which marks is said here; which
entries touch it, the node knows (`Known`, frame `stops`). To the trader the control that follows is an ordinary one:
same ground, same words as after a random draw. That it was a stop, officers read among the hits.
"""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from landsea.declaration.lot import Lot, collected
from landsea.errors import InputError

from .match import HITS

RIGHT: Final = "right"
"""Kind of an entry that stands for a right of others (`risk.rights`)."""
KINDS: Final = ("operator", "container", "plate", "ucr", "mrn", "establishment", "goods")
MARKS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "item": pl.UInt32(),  # position of the goods item; null where the mark stands at the header
    "kind": pl.String(),
    "value": pl.String(),  # as `marked` writes it
}
STOPS: Final[dict[str, pl.DataType]] = {**MARKS, "stop": pl.String(), "control": pl.UInt8()}
"""Entries in force that touch declarations of a lot."""
_OF_HEADER: Final = ("border_means_id", "arrival_means_id", "departure_means_id", "ucr", "trader_ucr", "mrn")
_OF_ITEM: Final = ("ucr", "trader_ucr")
_BY_ID: Final = ("parties", "equipment", "documents")
_KINDS_OF: Final = pl.DataFrame(
    [
        *((means, "plate") for means in _OF_HEADER[:3]),
        *(("ucr", "ucr"), ("trader_ucr", "ucr"), ("mrn", "mrn"), ("equipment", "container")),
        *(("parties", "operator"), ("parties", "establishment"), ("documents", "mrn"), ("documents", "establishment")),
    ],
    schema=("of", "kind"),
    orient="row",
).lazy()
"""Where a value stands → the kinds of marks it may be."""
_LENGTHS: Final = (2, 4, 6, 8, 10)
_GOODS: Final = re.compile(r"(?:[0-9]{2}){1,5}/(?:[A-Z]{2}|\*)")


def _plain(value: pl.Expr) -> pl.Expr:
    """Letters and digits only, however they were typed: `粤b-12 345` and `粤Ｂ12345` are one plate."""
    return value.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")


def marked(kind: str, value: str) -> str:
    """The value as it is compared. Raises InputError for an unknown kind, or a value that is none of this kind."""
    if kind not in KINDS:
        raise InputError(f"a stop is set on one of {', '.join(KINDS)}, not on {kind[:40]!r}")
    if kind == "goods":
        code, _, origin = value.upper().replace(" ", "").replace(".", "").partition("/")
        written = f"{code}/{origin or '*'}"
        if not _GOODS.fullmatch(written):
            raise InputError("goods are written as the first 2, 4, 6, 8 or 10 digits of their code, / and origin or *")
        return written
    plain: str = pl.select(_plain(pl.lit(value, pl.String))).item()
    if len(plain) < 2:
        raise InputError(f"{value[:40]!r} would stop almost everything; at least two letters or digits are needed")
    return plain


def marks(lot: Lot) -> pl.DataFrame:
    """Every mark that declarations of the lot carry (`MARKS`), each once."""
    header = lot["declarations"].lazy().filter(pl.col("message") == "declaration")
    items = lot["goods_items"].lazy()
    position = items.select("i", item="n")
    parts = [
        _by_column(header.with_columns(item=pl.lit(None, pl.UInt32)), _OF_HEADER),
        _by_column(items.rename({"n": "item"}), _OF_ITEM),
        *(
            lot[name]
            .lazy()
            .join(position, on="i", how="left")
            .select("d", "item", pl.lit(name).alias("of"), value="id")
            for name in _BY_ID
        ),
    ]
    named = pl.concat(parts).with_columns(_plain(pl.col("value"))).filter(pl.col("value").str.len_chars() > 1)
    named = named.join(_KINDS_OF, on="of").select(*MARKS)
    found = pl.concat([named, _goods(items)]).join(header.select("d"), on="d", how="semi")
    return collected(found.unique())


def _by_column(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    return rows.unpivot(columns, index=["d", "item"], variable_name="of", value_name="value")


def _goods(items: pl.LazyFrame) -> pl.LazyFrame:
    """Every beginning of every code, with its origin and with any."""
    code, origin = pl.col("commodity_code").str.replace_all(r"[^0-9]", ""), pl.col("origin").str.to_uppercase()
    beginnings = pl.concat_list(pl.when(code.str.len_chars() >= n).then(code.str.head(n)) for n in _LENGTHS)
    laid = items.select("d", item="n", code=beginnings, origin=pl.concat_list(pl.lit("*"), origin))
    value = pl.concat_str("code", pl.lit("/"), "origin").alias("value")
    each = laid.explode("code").explode("origin").select("d", "item", pl.lit("goods").alias("kind"), value)
    return each.drop_nulls("value")


_LIST: Final = pl.when(pl.col("kind") == RIGHT).then(pl.lit("right/")).otherwise(pl.lit("stop/"))


def stopped(entries: pl.DataFrame) -> pl.DataFrame:
    """The hits (`risk.match.HITS`) of the entries that touch a lot (`STOPS`)."""
    met = entries.select(
        "d",
        "item",
        pl.concat_str(_LIST, "stop").alias("profile"),
        "control",
        pl.concat_str("kind", pl.lit("="), "value").alias("values"),
    )
    return met.select(pl.col(name).cast(dtype) for name, dtype in HITS.items()).unique()
