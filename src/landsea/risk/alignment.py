"""Frames laid beside one another by key, with a join only where the keys are not in the same order already."""

import polars as pl


def beside(rows: pl.DataFrame, other: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows, in their order, with the columns of the one row of `other` that has the same key; null where none has.

    `other` has a key at most once. Most frames of a lot have a row for each declaration or item in the lot's own order;
    laying them beside costs a tenth of a join.
    """
    if other.height == rows.height and other[key].equals(rows[key]):
        return pl.concat([rows, other.drop(key)], how="horizontal")
    if other.is_empty():
        return rows.with_columns(pl.lit(None, t).alias(c) for c, t in other.schema.items() if c != key)
    return rows.join(other, on=key, how="left", maintain_order="left")
