"""The element table: the only list of fields.

`elements.tsv` lists every element of the WCO Data Model 3.6 goods declaration (DEC, the DMS subset) in schema order:
its path from `Declaration`, WCO id, format, cardinality, kind, field group, and the frame and column it fills in a lot.
API models, JSON schema, the XML mapping, the lot's frames and the groups of a record are all generated from it.

A row of kind `class` is a container. Where it names a frame, each occurrence becomes one row of that frame, and
`=role` in the column field sets the row's role. Leaves fill the frame of the nearest container above them.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["class", "code", "identifier", "text", "count", "number", "measure", "amount", "datetime"]

GOODS_ITEM_PATH = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"


@dataclass(frozen=True, slots=True)
class Element:
    """One data element or class of the goods declaration.

    `at` is its index in the table, the number findings refer to. `most` is None where it may repeat without limit.
    """

    at: int
    path: str
    wco_id: str
    format: str
    least: int
    most: int | None
    kind: Kind
    group: str
    frame: str
    column: str

    @property
    def name(self) -> str:
        """The XML and JSON name."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_class(self) -> bool:
        """Whether it contains other elements."""
        return self.kind == "class"

    @property
    def repeats(self) -> bool:
        """Whether more than one may stand beside another."""
        return self.most is None or self.most > 1

    @property
    def role(self) -> str:
        """The role its rows carry in their frame, such as Importer or previous; empty where the frame has none."""
        return self.column[1:] if self.is_class and self.column.startswith("=") else ""

    @property
    def length(self) -> int | None:
        """The longest text its WCO format admits (an..35 gives 35); None for classes and decimals."""
        if not self.format or "," in self.format:
            return None
        return int(self.format.lstrip("an."))


@cache
def elements() -> tuple[Element, ...]:
    """The whole table in schema order; `elements()[at].at == at`."""
    text = files(__package__).joinpath("elements.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return tuple(
        Element(at, path, wco, fmt, int(least), None if most == "*" else int(most), kind, group, frame, column)  # type: ignore[arg-type]
        for at, (path, wco, fmt, least, most, kind, group, frame, column) in enumerate(rows)
    )


@cache
def _by_path() -> dict[str, Element]:
    return {element.path: element for element in elements()}


def element(path: str) -> Element:
    """The element at `path`; `Declaration/` may be left out. Raises KeyError for an unknown path."""
    table = _by_path()
    return table[path] if path in table else table["Declaration/" + path]


def knows(path: str) -> bool:
    """Whether the table models this full path."""
    return path in _by_path()


@cache
def children(path: str) -> tuple[Element, ...]:
    """The elements directly under the class at `path`, in schema order."""
    depth = path.count("/") + 1
    return tuple(e for e in elements() if e.path.startswith(path + "/") and e.path.count("/") == depth)


@cache
def container(path: str) -> Element:
    """The nearest class at or above `path` whose occurrences are rows of a frame."""
    while not (path in _by_path() and _by_path()[path].is_class and _by_path()[path].frame):
        path = path.rsplit("/", 1)[0]
    return _by_path()[path]
