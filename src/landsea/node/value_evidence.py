"""Evidence of value: what declarants and customs lodge for values by methods 2 to 6.

A declarant's evidence is a record under a reference of its own, for the declarations of the same party that cite it.
What customs lodges (usual margins, price lists, other bases) bears on the goods it names. The content is for officers
and for whoever lodged it. What of it bears on a lot, `value_known` finds.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from landsea.clearance.act import Name, Refused

from . import tables
from .acting import Acting
from .on_record import Stepped, step
from .value_known import EVIDENCE, LIST, LODGED

Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$(?!\n)")]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,12}$(?!\n)")]
Product = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class Sale(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A sale of the goods, or of like ones, in the country of importation (Article 5); prices in its currency."""

    kind: Code  # commodity code
    origin: Country
    sold_on: date
    unit_price: Amount
    quantity: Amount
    product: Product | None = None  # as the declaration describes it, where it is the very goods
    related: bool = False
    assisting: bool = False
    processed: bool = False


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What one unit of the goods cost to make, from the producer's accounts (Article 6)."""

    product: Product
    materials: Amount
    fabrication: Amount
    profit_and_general: Amount
    packing: Amount | None = None
    assists: Amount | None = None
    carriage: Amount | None = None


class Resale(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What is usual in reselling goods of a kind: margin and duties per cent, the rest for one unit (Article 5.1)."""

    kind: Code
    margin: Amount
    duties: Amount
    inland: Amount | None = None
    carriage: Amount | None = None
    processing: Amount | None = None


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A line of the seller's price list (Note to Article 2)."""

    product: Product
    from_quantity: Amount
    list_price: Amount
    level: Name | None = None


class Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A value for one unit on another basis (Article 7); table `value_bases` says which are allowed."""

    product: Product
    basis: Name
    unit_value: Amount


Sales = Annotated[tuple[Sale, ...], msgspec.Meta(max_length=1000)]
Costs = Annotated[tuple[Cost, ...], msgspec.Meta(max_length=1000)]
Resales = Annotated[tuple[Resale, ...], msgspec.Meta(max_length=1000)]
Prices = Annotated[tuple[Price, ...], msgspec.Meta(max_length=1000)]
Bases = Annotated[tuple[Basis, ...], msgspec.Meta(max_length=1000)]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What is lodged, under a reference of its own."""

    reference: Name
    sales: Sales = ()
    costs: Costs = ()
    resale: Resales = ()
    price_lists: Prices = ()
    others: Bases = ()


@dataclass(frozen=True, slots=True)
class ValueEvidence:
    """What keeps the evidence at a node of one administration."""

    acting: Acting

    def lodge(self, party: str, said: Evidence, *, customs: bool) -> Stepped:
        """The evidence is on record. Raises Refused for what is no evidence, or is customs' to say, OtherAct where
        something else was done under the reference."""
        if not any(getattr(said, name) for name in LODGED):
            raise Refused("content", "there is nothing in this evidence")
        if said.others and not customs:
            raise Refused("role-may-not", "a value on another basis is for customs to say")
        if customs and (said.sales or said.costs):
            raise Refused("content", "sales and costs are a declarant's evidence; customs lists what is usual")

        def change(connection: Connection, leaf: int, record: str) -> tuple[str, str]:
            products = {row.product for row in said.price_lists} | {row.product for row in said.others}
            named = products | {row.kind for row in said.resale}
            rows = [(goods, leaf) for goods in sorted(named)] if customs else []
            self.acting.ledger.store.insert(connection, tables.value_lists, rows)
            return record, "kept"

        return step(self.acting, LIST if customs else EVIDENCE, party, msgspec.to_builtins(said), change)
