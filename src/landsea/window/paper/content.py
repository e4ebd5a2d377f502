"""The content of papers: what is printed of a decision, as data, the same whether as HTML or as PDF.

Theory. A paper exists where the declaration stands as `PAPERS` says, and nowhere else: a release note and a gate pass
once goods are released, an examination order once a control is ordered (before arrival none is: the declarant then
reads `registered`). It is a pure function of what the declarant was told and what they declared, so it can say no more
than these: the order names the control, its legal ground and what to do, never why these goods. A gate pass goes into
the hands of carriers and says nothing of parties, values and duties. A declaration that another system decides stands
in no state of ours, and the release of nothing can be printed for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from landsea.clearance.state import CONTROLLED, State
from landsea.codes.administration import coinage, law_of
from landsea.node.paper import Basis

from .title import moment, titles

if TYPE_CHECKING:
    from landsea.node.assemble import Node


class Row(NamedTuple):
    """When there is a paper of a kind, for whom, and the letter behind its number."""

    states: tuple[State, ...]
    roles: frozenset[str]
    letter: str
    sentence: str
    blanks: tuple[str, ...] = ()


_RELEASED: Final = (State.RELEASED, State.CLEARED)
_LEAVE: Final = ("Left at (date, time)", "Vehicle, driver", "Gate officer, signature")
_FOUND: Final = ("Examined at (date, time)", "Seals found / put on", "Found", "Officer, signature")
PAPERS: Final[Mapping[str, Row]] = {
    "release-note": Row(
        _RELEASED, frozenset({"trader", "officer"}), "R", "Customs has released these goods to the declarant."
    ),
    "examination-order": Row(
        CONTROLLED, frozenset({"trader", "officer"}), "E", "Customs controls these goods before release.", _FOUND
    ),
    "gate-pass": Row(
        _RELEASED,
        frozenset({"trader", "officer", "carrier"}),
        "G",
        "These goods may leave the controlled area.",
        _LEAVE,
    ),
}
CONTROLS: Final = {
    "documents": "Check of documents",
    "scan": "Scan of the load",
    "physical": "Physical examination of the goods",
    "sample": "Physical examination with samples",
}
LINES: Final = 500
"""Goods items on one paper; what is beyond is counted."""


class Absent(Exception):
    """There is no such paper; the message says why, in one sentence."""


class Issuer(NamedTuple):
    """Who prints: the law of the administration, its code, the log's name, and where the node is found, if anywhere."""

    law: Mapping[str, Any]
    country: str
    log: str
    address: str


def issuer_of(node: "Node") -> Issuer:
    """Who prints the papers of this node."""
    settings = node.settings
    law = law_of(node.edition, settings.administration)
    return Issuer(law, settings.administration, settings.log_origin, settings.public_address.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a paper, in the order in which it stands there."""

    kind: str
    authority: str
    illustrative: bool
    titles: tuple[str, ...]
    number: str
    mrn: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    heading: tuple[str, ...]
    goods: tuple[tuple[str, ...], ...]
    more: str
    sums: tuple[tuple[str, str], ...]
    blanks: tuple[str, ...]
    mark: str
    link: str
    at: str  # instant of the decision in UTC

    def texts(self) -> Iterator[str]:
        """Every text on it that is not ours: what a font may lack."""
        yield self.authority
        yield from self.titles
        for row in (*self.facts, *self.goods, *self.sums):
            yield from row


def absence(kind: str, told: Mapping[str, Any]) -> str | None:
    """Why there is no paper of this kind where this was told; None where there is one."""
    if kind != "examination-order" and told.get("supplementary"):
        return "its goods were released on the declaration it supplements"
    if told["state"] in PAPERS[kind].states and (kind != "examination-order" or told["control"] in CONTROLS):
        return None
    if kind == "examination-order":
        return f"no control is ordered; the declaration is {told['state']}"
    return f"the goods are not released; the declaration is {told['state']}"


def paper(kind: str, basis: Basis, issuer: Issuer) -> Paper:
    """The paper of this kind (of `PAPERS`). Raises Absent where the declaration does not stand so that there is one."""
    if reason := absence(kind, basis.told):
        raise Absent(reason)
    row, law, gate = PAPERS[kind], issuer.law, kind == "gate-pass"
    goods = tuple(_goods(basis.lodged, values=not gate))
    rest = len(goods) - LINES
    return Paper(
        kind=kind,
        authority=str(law.get("name", issuer.country)),
        illustrative=bool(law.get("illustrative")),
        titles=titles(kind, law.get("languages", ())),
        number=number(kind, issuer.country, basis.leaf),
        mrn=basis.mrn,
        sentence=row.sentence,
        facts=tuple((name, said) for name, said in _facts(kind, basis, law) if said),
        heading=("No.", "Goods", "Code", *(() if gate else ("Origin",)), "Packages", "Gross mass"),
        goods=goods[:LINES],
        more=f"{rest} more goods items stand in the declaration." if rest > 0 else "",
        sums=() if kind != "release-note" else tuple(_sums(basis.duties, coinage(law).places)),
        blanks=row.blanks,
        mark=fours(basis.mark(kind)),
        link=f"{issuer.address}/v1/proof/{basis.record}" if issuer.address else f"landsea:{issuer.log}/{basis.record}",
        at=basis.at.isoformat(),
    )


def number(kind: str, country: str, leaf: int) -> str:
    """The number of a paper: the administration, the entry of the log it leads to, and the letter of its kind."""
    return f"{country}-{leaf:010}-{PAPERS[kind].letter}"


def fours(mark: str) -> str:
    """The mark as people compare it, in groups of four."""
    return " ".join(mark[at : at + 4] for at in range(0, len(mark), 4)).upper()


def _facts(kind: str, basis: Basis, law: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    told, lodged = basis.told, basis.lodged
    header, parties, transport = (lodged.get((group, 0), {}) for group in ("header@1", "parties@1", "transport@1"))
    zone, languages = law.get("timezone", "UTC"), law.get("languages", ())
    decided = "Ordered" if kind == "examination-order" else "Released"
    yield decided, moment(basis.at, zone, languages)
    if kind == "examination-order":
        yield "Control", CONTROLS[told["control"]]
        yield "Legal ground", told["law"] or ""
        yield "What to do", told["action"] or ""
    if kind != "gate-pass":
        yield "Declarant's reference", header.get("FunctionalReferenceID", "")
        yield "Declarant", _party(parties, "Declarant")
        yield "Agent", _party(parties, "Agent")
        yield "Importer", _party(parties, "GoodsShipment/Importer") or _party(parties, "GoodsShipment/Consignee")
        yield "Exporter", _party(parties, "Exporter") or _party(parties, "GoodsShipment/Consignor")
    yield "Place of the goods", _joined(transport, _CONSIGNMENT + "GoodsLocation/", "Name", "ID")
    yield "Means of transport", _joined(transport, _CONSIGNMENT + "ArrivalTransportMeans/", "Name", "ID")
    yield "Containers, seals", _equipment(transport)
    yield "Packages", str(header.get("TotalPackageQuantity", ""))
    yield "Gross mass", _measure(header.get("TotalGrossMassMeasure", ""))
    if told["state"] == State.RELEASED and kind == "release-note":
        yield "Still open", "a security to be settled, or an audit; it does not hold the goods back"


_CONSIGNMENT: Final = "GoodsShipment/Consignment/"


def _party(parties: Mapping[str, Any], role: str) -> str:
    said = [", ".join(str(one[name]) for name in ("Name", "ID") if one.get(name)) for one in parties.get(role, ())]
    return "; ".join(one for one in said if one)


def _joined(group: Mapping[str, Any], below: str, *names: str) -> str:
    return ", ".join(str(group[below + name]) for name in names if group.get(below + name))


def _equipment(transport: Mapping[str, Any]) -> str:
    path = _CONSIGNMENT + "TransportEquipment"
    said = []
    for place, one in enumerate(transport.get(path, ()), start=1):
        seals = ", ".join(str(seal["ID"]) for seal in transport.get(f"{path}[{place}]/Seal", ()) if seal.get("ID"))
        said.append(str(one.get("ID", "")) + (f" (seal {seals})" if seals else ""))
    return "; ".join(one for one in said if one)


def _goods(lodged: Mapping[tuple[str, int], Mapping[str, Any]], *, values: bool) -> Iterator[tuple[str, ...]]:
    for (group, item), said in sorted(lodged.items()):
        if group == "goods@1" and item:
            codes = [one["ID"] for one in said.get("Commodity/Classification", ()) if one.get("ID")]
            origin = [one["CountryCode"] for one in said.get("Origin", ()) if one.get("CountryCode")]
            packed = [
                f"{one.get('QuantityQuantity', '')} {one.get('TypeCode', '')}".strip()
                for one in said.get("Packaging", ())
            ]
            mass = _measure(said.get("Commodity/GoodsMeasure/GrossMassMeasure", ""))
            own = (", ".join(origin),) if values else ()
            yield str(item), said.get("Commodity/Description", ""), "".join(codes[:1]), *own, ", ".join(packed), mass


def _measure(text: str) -> str:
    figure, _, unit = text.partition(" ")
    return f"{_spaced(Decimal(figure))} {_UNITS.get(unit, unit)}".strip() if figure else ""


_UNITS: Final = {"KGM": "kg", "TNE": "t", "GRM": "g"}


def _sums(duties: Sequence[Mapping[str, Any]], places: int) -> Iterator[tuple[str, str]]:
    """What is payable by tax, and in all, in each currency."""
    due = [one for one in duties if one["state"] == "payable" and one["amount"] is not None]
    for currency in sorted({one["currency"] for one in due}):
        own = [one for one in due if one["currency"] == currency]
        for tax in dict.fromkeys(one["tax"] for one in own):
            total = sum((Decimal(one["amount"]) for one in own if one["tax"] == tax), Decimal(0))
            yield f"Tax {tax}", f"{_spaced(total, places)} {currency}"
        yield (
            "Payable in all",
            f"{_spaced(sum((Decimal(one['amount']) for one in own), Decimal(0)), places)} {currency}",
        )


def _spaced(figure: Decimal, places: int | None = None) -> str:
    """The figure with a thin gap between thousands, which every language of the corridor reads alike."""
    return f"{figure:,f}".replace(",", "\u00a0") if places is None else f"{figure:,.{places}f}".replace(",", "\u00a0")
