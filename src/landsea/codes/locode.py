"""UN/LOCODE: the places of trade, edition 2023-1, as the package pyunlocode ships them.

Used are existence, name, subdivision and functions. Its coordinates are not: the package divides degrees and minutes by
100 (106.44 for 106°44') and writes 91, 91 where there are none. Nor is its database, which keeps 795 places that this
edition of the list no longer has; the list itself lies beside it and is read. A reference entry (`=`) is another name
for a place, not a code; an entry marked `X` goes with the next edition but is valid in this one.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution

import polars as pl

from landsea.errors import EnvironmentFault

from .membership import belongs

EDITION = "2023-1"

FUNCTIONS = {
    "1": "port",
    "2": "rail terminal",
    "3": "road terminal",
    "4": "airport",
    "5": "postal exchange office",
    "6": "multimodal",
    "7": "fixed transport",
    "8": "inland port",
    "B": "border crossing",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place of trade: its five-letter code, its name in the Latin script, its subdivision, what happens there."""

    code: str
    name: str
    subdivision: str
    functions: tuple[str, ...]


def is_place(code: pl.Expr) -> pl.Expr:
    """Whether each value is a UN/LOCODE; null where the value is null."""
    return belongs(code, locodes())


@cache
def locodes() -> frozenset[str]:
    """All codes, five characters each, without a space."""
    return frozenset(_places()["code"])


def place(code: str) -> Place | None:
    """The place of that code; None where there is none."""
    at = _places()["code"].search_sorted(code)
    if at >= _places().height or _places()["code"][at] != code:
        return None
    _, name, subdivision, functions = _places().row(at)
    return Place(code, name, subdivision or "", tuple(FUNCTIONS[f] for f in functions or "" if f in FUNCTIONS))


@cache
def _places() -> pl.DataFrame:
    package = distribution("pyunlocode")
    lists = [file for file in package.files or () if f"{EDITION} UNLOCODE CodeList" in file.name]
    if not lists:
        raise EnvironmentFault(f"the installed pyunlocode {package.version} has no list {EDITION}; install 0.1.0")
    columns = ["mark", "country", "location", "name", "ascii", "subdivision", "functions", *"abcde"]
    parts = [
        pl.read_csv(str(file.locate()), has_header=False, new_columns=columns, infer_schema=False, encoding="latin1")
        for file in lists
    ]
    return (
        pl.concat(parts)
        .filter(pl.col("location").is_not_null() & (pl.col("mark").fill_null("") != "="))
        .select(pl.concat_str("country", "location").alias("code"), "name", "subdivision", "functions")
        .unique("code", keep="last", maintain_order=True)
        .sort("code")
    )
