"""Where each element of the table stands in a message: the element table compiled once, for readers and writers.

A `Place` is one class or leaf with its children by qualified name, so that a reader walks a message by dictionary
look-ups alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from landsea.declaration.element import GOODS_ITEM_PATH, Element, children, element

DEC = "urn:wco:datamodel:WCO:DEC-DMS:2"
DEC_TYPES = "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"
METADATA = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
RES = "urn:wco:datamodel:WCO:RES-DMS:2"
RES_TYPES = "urn:wco:datamodel:WCO:Response_DS:DMS:2"

PREFIXES: Mapping[str, str] = {"": "", DEC: "", DEC_TYPES: "ds", METADATA: "md", RES: "", RES_TYPES: "ds"}
"""The prefix a namespace is declared with where the sender declared none."""

DATE_TIME_STRING = f"{{{DEC_TYPES}}}DateTimeString"
METADATA_LEAVES = (
    "WCODataModelVersionCode",
    "WCOTypeName",
    "ResponsibleCountryCode",
    "ResponsibleAgencyName",
    "AgencyAssignedCustomizationCode",
    "AgencyAssignedCustomizationVersionCode",
)

_CODE_LIST = ("listID", "listAgencyID", "listAgencyName", "listName", "listVersionID", "listURI", "listSchemeURI")
_SCHEME = ("ID", "Name", "AgencyID", "AgencyName", "VersionID", "DataURI", "URI")
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "class": frozenset(),
    "code": frozenset({*_CODE_LIST, "name", "languageID"}),
    "identifier": frozenset("scheme" + part for part in _SCHEME),
    "text": frozenset({"languageID"}),
    "count": frozenset({"unitCode"}),
    "number": frozenset(),
    "measure": frozenset({"unitCode"}),
    "amount": frozenset({"currencyID"}),
    "datetime": frozenset(),
}
"""Attributes of each kind of element (UN/CEFACT unqualified data types, release 6)."""


@dataclass(slots=True, eq=False)
class Place:
    """One element of the table as it stands in a message. `children` is None for a leaf."""

    element: Element
    tag: str
    at: int
    kind: str
    most: int
    frame: str
    role: str
    column: str
    attributes: frozenset[str]
    is_item: bool
    repeats: bool
    plain: bool  # a text whose format restricts only its length
    length: int  # longest text or, for numbers, most digits
    decimals: int
    accepts: Callable[[str], object]  # whether a stripped text fits the format, where it is no number
    children: dict[str, "Place"] | None
    required: tuple["Place", ...] = ()
    parts: tuple["Place", ...] = field(default=())  # the children in schema order

    @property
    def name(self) -> str:
        """The XML and JSON name."""
        return self.element.name


def _accepts(fmt: str) -> Callable[[str], object]:
    letters, dots, size = (fmt.rstrip("0123456789,."), ".." in fmt, fmt.lstrip("an.").partition(",")[0])
    characters = {"a": "[A-Za-z]", "n": "[0-9]", "an": "."}[letters]
    return re.compile(f"{characters}{{{'1,' if dots else ''}{size}}}", re.DOTALL).fullmatch


def _place(entry: Element) -> Place:
    parts = tuple(_place(child) for child in children(entry.path)) if entry.is_class else ()
    size, _, decimals = entry.format.lstrip("an.").partition(",")
    textual = entry.kind in ("code", "identifier", "text")
    return Place(
        element=entry,
        tag=f"{{{DEC}}}{entry.name}",
        at=entry.at,
        kind=entry.kind,
        most=1 << 60 if entry.most is None else entry.most,
        frame=entry.frame if entry.is_class else "",
        role=entry.role,
        column="" if entry.is_class else entry.column,
        attributes=ATTRIBUTES[entry.kind],
        is_item=entry.path == GOODS_ITEM_PATH,
        repeats=entry.repeats,
        plain=textual and entry.format.startswith("an.."),
        length=int(size or 0),
        decimals=int(decimals or 0),
        accepts=_accepts(entry.format) if textual else bool,
        children={part.tag: part for part in parts} if entry.is_class else None,
        required=tuple(part for part in parts if part.element.least and part.column),
        parts=parts,
    )


@cache
def declaration() -> Place:
    """The place of `Declaration`, with everything below it."""
    return _place(element("Declaration"))


@cache
def place_at(path: str) -> Place:
    """The place of the element at this full path. Raises KeyError for a path the table does not know."""
    found = declaration()
    for name in path.split("/")[1:]:
        if found.children is None:
            raise KeyError(path)
        found = found.children[f"{{{DEC}}}{name}"]
    return found
