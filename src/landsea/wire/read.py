"""Hop 1: bodies become rows. Whatever a body is, it gets one row of `declarations` and an answer.

Not everything that arrives is a declaration, and not every declaration can be read: `message` says which
(declaration, amendment, invalidation, presentation, not-a-declaration, unreadable), and a finding says why and where.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from lxml import etree

from landsea.codes.edition import Edition
from landsea.declaration.element import element
from landsea.declaration.stage import Document, Lodged, Lodgement
from landsea.errors import InputError

from . import wco_json, wco_xml
from .frames import findings_from, lot_from
from .limits import DEFAULT, Limits
from .mapping import DEC, METADATA, METADATA_LEAVES
from .projection import Projection, Row, Rows
from .rule import severities
from .sniff import Sniffed, Unreadable, sniff
from .value import zone

MESSAGES: Mapping[tuple[str, str], str] = {
    ("9", ""): "declaration",
    ("13", "COR"): "amendment",
    ("13", "INV"): "invalidation",
    ("13", "GPR"): "presentation",
    ("4", ""): "amendment",
    ("1", ""): "invalidation",
}
"""Function of the message (UN/EDIFACT 1225: 9 original, 13 request, 4 change, 1 cancellation) and, for a request, the
type that says for what; an empty type stands for any."""

_METADATA = f"{{{METADATA}}}MetaData"
_DECLARATION = f"{{{DEC}}}Declaration"
_FUNCTION, _TYPE = element("FunctionCode").at, element("TypeCode").at
_ITEMS = etree.XPath("count(d:GoodsShipment/d:GovernmentAgencyGoodsItem)", namespaces={"d": DEC})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the reading of every message of a lot has in common."""

    edition: Edition
    limits: Limits
    rows: Rows

    def one(self, d: int, lodgement: Lodgement) -> Document:
        """The document of one lodgement; its rows and findings are added to the lot's."""
        form, tree, declaration, fault = "other", None, None, None
        try:
            sniffed = sniff(lodgement.body, self.limits)
            form = sniffed.format
            tree = self._tree(sniffed)
            declaration = declaration_in(tree)
        except Unreadable as unreadable:
            fault = unreadable
        metadata = {} if tree is None else _metadata(tree)
        row = self._row(d, lodgement, metadata)
        local = _zones(self.edition).get(row["administration"] or "", UTC)
        graded = _graded(self.edition, row["message_profile"])
        projection = Projection(self.rows, local, graded, self.limits)
        projection.begin(row)
        if fault is not None:
            projection.finding(fault.rule, None, place=fault.place, value=fault.value)
            if fault.rule == "WIR-013":
                row["message"] = "not-a-declaration"
        elif (items := int(_ITEMS(declaration))) > self.limits.goods_items:
            projection.finding("WIR-015", None, value=f"{items} goods items, at most {self.limits.goods_items}")
        else:
            for name in metadata:
                if name not in METADATA_LEAVES:
                    projection.finding("WIR-020", None, place=f"MetaData/{name}")
            projection.read(declaration, row)
            row["message"] = _message(row, projection)
        accepted = row.get("accepted_at")
        instant = row["received_at"] if accepted is None else accepted
        row["applicable_on"] = (_EPOCH + timedelta(microseconds=instant)).astimezone(local).date()
        return Document(lodgement.body, form, tree)

    def _row(self, d: int, lodgement: Lodgement, metadata: Mapping[str, str]) -> Row:
        row: Row = {
            "d": d,
            "body": d,
            "message": "unreadable",
            "sender": lodgement.sender,
            "administration": lodgement.administration or metadata.get("ResponsibleCountryCode") or None,
            "message_profile": lodgement.message_profile or "landsea",
            "model_version": metadata.get("WCODataModelVersionCode") or None,
            "version": 1,
            "received_at": (lodgement.received_at - _EPOCH) // timedelta(microseconds=1),
        }
        self.rows.frames["declarations"].append(row)
        return row

    def _tree(self, sniffed: Sniffed) -> Any:
        if sniffed.format == "xml":
            return wco_xml.parse(sniffed.body, self.limits, sniffed.encoding)
        if sniffed.format == "json":
            return wco_json.parse(sniffed.body, self.limits)
        found = "a zip archive" if sniffed.format == "zip" else repr(sniffed.body[:16])[2:-1]
        raise Unreadable("WIR-004", "byte 1", found)


@lru_cache(maxsize=4)  # an edition is large; a node reads by one at a time
def _zones(edition: Edition) -> Mapping[str, tzinfo]:
    return {code: zone(stated.get("timezone", "UTC")) for code, stated in edition.named("administration").items()}


@lru_cache(maxsize=64)
def _graded(edition: Edition, profile: str) -> Mapping[str, int]:
    return severities(edition, profile)


def declaration_in(tree: Any) -> Any:
    """The `Declaration` element of a message: bare, in its envelope, or in an envelope that something wraps.

    A declaration without envelope inside something else is a report about declarations, not a lodgement. Raises
    Unreadable where there is not exactly one.
    """
    if tree.tag == _DECLARATION:
        return tree
    found = [e for envelope in tree.iter(_METADATA) for e in envelope.iterchildren(_DECLARATION)]
    if not found:
        raise Unreadable("WIR-013", "", tree.tag)
    if len(found) > 1:
        raise Unreadable("WIR-014", f"line {found[1].sourceline}", f"{len(found)} declarations")
    return found[0]


def _metadata(tree: Any) -> dict[str, str]:
    """The text elements of the envelope, by name."""
    envelope = next(tree.iter(_METADATA), None)
    if envelope is None:
        return {}
    start = len(METADATA) + 2
    return {child.tag[start:]: (child.text or "").strip() for child in envelope.iterchildren(f"{{{METADATA}}}*")}


def _message(row: Row, projection: Projection) -> str:
    function, kind = row.get("function") or "", row.get("type") or ""
    message = MESSAGES.get((function, kind)) or MESSAGES.get((function, ""))
    if message is None:
        if function == "13":
            projection.finding("WIR-040", _TYPE, value=kind)
        elif function:
            projection.finding("WIR-040", _FUNCTION, value=function)
        return "declaration"
    return message


def read(lodgements: Sequence[Lodgement], edition: Edition, limits: Limits = DEFAULT) -> Lodged:
    """One row of `declarations` and one document per lodgement, in the order given.

    Raises InputError only where an instant of receipt has no zone: that is the caller's fault, not the declarant's.
    """
    rows = Rows()
    reader = _Reader(edition, limits, rows)
    for k, lodgement in enumerate(lodgements):
        if lodgement.received_at.tzinfo is None:
            raise InputError(f"lodgement {k} was received at {lodgement.received_at} without a time zone; give UTC")
    documents = tuple(reader.one(d, lodgement) for d, lodgement in enumerate(lodgements))
    return Lodged(lot_from(rows), findings_from(rows), documents)
