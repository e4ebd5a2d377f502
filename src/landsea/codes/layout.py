"""Layouts: how a national tariff sheet is laid out, as data; what is read by them is `tariff_sheet`.

A layout says where the code stands, which heading or privilege is which regime, and how days and rates are written.
Those known here lie beside this module; an operator's own is a file of the same form.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from landsea.errors import InputError

KNOWN: Final = ("vn", "th")
EVERYWHERE: Final = "ERGA OMNES"


@dataclass(frozen=True, slots=True)
class Regime:
    """What one regime of a sheet is in the table of measures."""

    name: str
    direction: str
    origin: str
    tax: str
    preference: str  # empty: it need not be claimed

    @property
    def title(self) -> str:
        """The regime as a reader calls it: tax, preference and direction where they are not the usual ones."""
        export = "export " if self.direction == "export" else ""
        return f"{export}{self.tax} {self.preference or 'general'} ({self.name})"


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field of fixed width stands, places from 1; a pattern finds it within."""

    first: int
    last: int
    pattern: re.Pattern[str] | None
    rightmost: bool

    def cut(self, line: str) -> tuple[str, int]:
        """What stands in the field, and the place after it; empty where the pattern finds nothing."""
        start, text = self.first - 1, line[self.first - 1 : self.last]
        if self.pattern is None:
            return text.strip(), start + len(text)
        found = [*self.pattern.finditer(text)]
        match = (found[-1] if self.rightmost else found[0]) if found else None
        return (match[0], start + match.end()) if match else ("", start)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of sheet is laid out. `regimes` and `passed` are keyed by `folded` names."""

    title: str
    administration: str
    shape: str
    encoding: str
    digits: int
    regimes: dict[str, Regime]
    passed: dict[str, str]
    stated: dict[str, Any]  # what only sheets of its shape need
    fields: dict[str, Field]


@cache
def known_layout(name: str) -> Layout:
    """The layout of that name shipped here. Raises InputError where there is none."""
    if name not in KNOWN:
        raise InputError(f"there is no layout {name!r}; there are {', '.join(KNOWN)}, or a file of your own")
    return layout_of(files(__package__).joinpath("layouts", f"{name}.toml").read_text("utf-8"), name)


def layout_of(text: str, where: str) -> Layout:
    """The layout that this TOML text states. Raises InputError, naming `where` and what is missing or wrong."""
    try:
        stated = tomllib.loads(text)
        regimes = {
            folded(heading): Regime(
                row["headings"][0],
                row.get("direction", "import"),
                row.get("origin", EVERYWHERE),
                row["tax"],
                row.get("preference", ""),
            )
            for row in stated["regimes"]
            for heading in row["headings"]
        }
        fields = {
            name: _field(row["span"], row.get("pattern"), rightmost=row.get("last", False))
            for name, row in stated.get("fields", {}).items()
        }
        layout = Layout(
            title=stated["title"],
            administration=stated["administration"],
            shape=stated["shape"],
            encoding=stated["encoding"],
            digits=stated["digits"],
            regimes=regimes,
            passed={folded(heading): why for heading, why in stated.get("passed", {}).items()},
            stated=stated,
            fields=fields,
        )
    except KeyError as missing:
        raise InputError(f"the layout {where} does not say {missing}") from missing
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise InputError(f"the layout {where}: {error}") from error
    _refuse_odd(layout, where)
    return layout


def _field(span: list[int], pattern: str | None, *, rightmost: bool) -> Field:
    first, last = span
    return Field(first, last, None if pattern is None else re.compile(pattern), rightmost)


def _refuse_odd(layout: Layout, where: str) -> None:
    needed = {"table": {"code"}, "lines": {"code", "regime", "percent", "validity"}}
    if layout.shape not in needed:
        raise InputError(f"the layout {where}: its shape is {layout.shape!r}, neither table nor lines")
    has = set(layout.stated if layout.shape == "table" else layout.fields)
    if missing := sorted(needed[layout.shape] - has):
        raise InputError(f"the layout {where} does not say {', '.join(missing)}")
    alike = [(r.direction, r.tax, r.preference) for r in set(layout.regimes.values())]
    if len(alike) > len(set(alike)):
        raise InputError(f"the layout {where}: two regimes are of the same direction, tax and preference")


@cache
def folded(heading: str) -> str:
    """The heading without accents, marks and case, so that its spellings are one."""
    plain = unicodedata.normalize("NFD", heading.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.casefold()))
