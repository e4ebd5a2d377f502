"""Valuation: the customs value by the first of the Agreement's six methods that gives one, with every step told.

WTO Valuation Agreement (Agreement on Implementation of Article VII of GATT 1994), General Introductory Commentary and
Articles 1 to 8. The order is the law: transaction value; identical goods; similar goods; deductive and computed value,
the importer may ask for these two to change places (Article 4); reasonable means. What methods 2 to 6 need to know
comes as evidence: frames that the node gathers from its own records and the parties' papers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.errors import BuildFault
from landsea.tariff.comparable_value import ACCEPTED, PRICE_LISTS, comparable_values
from landsea.tariff.computed_value import COSTS, OTHERS, computed_values, reasonable_values
from landsea.tariff.deductive_value import RESALE, SALES, deductive_values
from landsea.tariff.ground import KEYS, STEPS, numbered, shaped, told
from landsea.tariff.transaction_value import CHARGES, GOODS, TESTS, ValueLaw, transaction_values
from landsea.units import micro

VALUES: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "method": pl.UInt8(),  # 1 to 6; null where none gives a value
    "value": pl.Int128(),  # millionths of the administration's currency, not rounded to its places
}
_Rung = tuple[int, pl.DataFrame, Callable[[pl.DataFrame], tuple[pl.DataFrame, list[pl.DataFrame]]]]
_SENTENCES: Final = {
    "price": "the price paid or payable is {amount}",
    "added": "{detail} of {amount} is added",
    "taken out": "{detail} of {amount}, shown apart, is taken out",
    "relation harmless": "the relation of the parties did not influence the price",
    "no sale": "the transaction value is not used: there is no sale for export",
    "no price": "the transaction value is not used: the price is not known",
    "restricted": "the transaction value is not used: the buyer's disposal or use of the goods is restricted",
    "conditioned": "the transaction value is not used: a condition is set whose value is not known",
    "proceeds": "the transaction value is not used: later proceeds that go to the seller are not known",
    "related": "the transaction value is not used: the parties are related, no test value is close",
    "unquantified": "the transaction value is not used: an addition is not quantified",
    "terms unknown": "the transaction value is not used: what transport the price contains is not told",
    "freight unknown": "the transaction value is not used: freight is not in the price and not stated",
    "too large": "the transaction value is not used: it lies beyond what is reckoned exactly",
    "comparable": "goods valued at {amount} a unit are comparable: {detail}",
    "adjusted": "by the seller's price list for level and quantity that is {amount} a unit",
    "transport adjusted": "with the transport of these goods it is {amount} a unit",
    "lowest": "of several values the lowest is taken: {amount} a unit",
    "resale price": "most of them, {detail}, are sold here at {amount} a unit",
    "within ninety days": "none were sold about the time of importation; the first sales after it are of {detail}",
    "further processed": "further processing added {amount} a unit",
    "margin out": "less commission, or profit and general expenses, of {amount} a unit",
    "costs out": "less costs after arrival of {amount} a unit",
    "duties out": "less duties and taxes of {amount} % of the value",
    "cost": "{detail} of {amount} a unit",
    "prohibited": "the basis is prohibited: {detail}",
    "flexible": "by reasonable means, {detail}: {amount} a unit",
    "method 1": "the transaction value is {amount}",
    "method 2": "the value of identical goods is {amount}",
    "method 3": "the value of similar goods is {amount}",
    "method 4": "the deductive value is {amount}",
    "method 5": "the computed value is {amount}",
    "method 6": "the value by reasonable means is {amount}",
}


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known beside the goods themselves; each frame has the columns of the schema named, or is absent."""

    charges: pl.DataFrame | None = None  # transaction_value.CHARGES
    tests: pl.DataFrame | None = None  # transaction_value.TESTS
    accepted: pl.DataFrame | None = None  # comparable_value.ACCEPTED
    price_lists: pl.DataFrame | None = None  # comparable_value.PRICE_LISTS
    sales: pl.DataFrame | None = None  # deductive_value.SALES
    resale: pl.DataFrame | None = None  # deductive_value.RESALE
    costs: pl.DataFrame | None = None  # computed_value.COSTS
    others: pl.DataFrame | None = None  # computed_value.OTHERS


class Valued(NamedTuple):
    """The value of every item (`VALUES`) and how it came about (`ground.STEPS`)."""

    values: pl.DataFrame
    steps: pl.DataFrame


def value_law(edition: Edition, administration: str) -> ValueLaw:
    """How the administration values goods, as its document says under `valuation`; BuildFault where it cannot.

    Keys, all optional: basis (CIF), about_days (45), alike_percent (10), close_percent (5), usual_insurance_percent,
    declared (`accepted`: a value declared by methods 2 to 6 stands until an audit finds another).
    """
    stated = edition.documents.get(f"{administration}/administration", {}).get("valuation", {})
    basis = stated.get("basis", "CIF")
    if basis not in ("CIF", "FOB"):
        raise BuildFault(f"{administration}/administration.toml: valuation basis {basis!r} is neither CIF nor FOB")
    insurance = stated.get("usual_insurance_percent")
    return ValueLaw(
        basis=basis,
        about_days=int(stated.get("about_days", 45)),
        alike=micro(str(stated.get("alike_percent", 10))),
        close=micro(str(stated.get("close_percent", 5))),
        usual_insurance=None if insurance is None else micro(str(insurance)),
        elements=edition.table("value_elements").select("element", "treatment", "article"),
        contents=edition.table("incoterm_contents").select("incoterm", "element"),
        bases=edition.table("value_bases").select("basis", "allowed", "article"),
        accepts=stated.get("declared") == "accepted",
    )


def values(goods: pl.DataFrame, evidence: Evidence, law: ValueLaw) -> Valued:
    """The customs value of every item (`goods`: transaction_value.GOODS, one row per d and i), and the steps to it."""
    every = shaped(goods, GOODS)
    accepted, lists = shaped(evidence.accepted, ACCEPTED), shaped(evidence.price_lists, PRICE_LISTS)
    charges, tests = shaped(evidence.charges, CHARGES), shaped(evidence.tests, TESTS)
    sales, resale = shaped(evidence.sales, SALES), shaped(evidence.resale, RESALE)
    costs, others = shaped(evidence.costs, COSTS), shaped(evidence.others, OTHERS)
    ladder: tuple[_Rung, ...] = (
        (1, every, lambda left: transaction_values(left, charges, tests, law)),
        (2, every, lambda left: comparable_values(left, "product", accepted, lists, law)),
        (3, every, lambda left: comparable_values(left, "kind", accepted, lists, law)),
        (5, every.filter("reverse"), lambda left: computed_values(left, costs, law)),
        (4, every, lambda left: deductive_values(left, sales, resale, law)),
        (5, every, lambda left: computed_values(left, costs, law)),
        (6, every, lambda left: reasonable_values(left, others, law)),
    )
    found, steps = pl.DataFrame(schema=VALUES), []
    for method, open_to, rung in ladder:
        left = open_to.join(found, on=KEYS, how="anti", maintain_order="left")
        if left.height:
            valued, taken = rung(left)
            found = pl.concat([found, shaped(valued.with_columns(method=pl.lit(method)), VALUES)])
            steps += taken
    return Valued(every.select(KEYS).join(found, on=KEYS, how="left", maintain_order="left"), numbered(steps))


def value_steps(steps: pl.DataFrame) -> list[str]:
    """The steps of valuation as sentences, each with its article of the Agreement."""
    return told(shaped(steps, STEPS), _SENTENCES)
