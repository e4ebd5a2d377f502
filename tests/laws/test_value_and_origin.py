"""Laws of value and origin: no item depends on its company, shares sum to the whole, foreign value never helps."""

import datetime
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import schedule_files
from landsea.codes.edition import edition_of
from landsea.tariff import differential, origin, proof_of_origin, transaction_value, value_content
from landsea.tariff.comparable_value import ACCEPTED
from landsea.tariff.valuation import Evidence, value_law, values

DAYS = st.dates(datetime.date(2026, 4, 1), datetime.date(2026, 6, 30))
AMOUNTS = st.sampled_from([0, 1, 999_999, 10**6, 123_456_789, 10**9, 25 * 10**17, 9 * 10**21])
MAYBE = st.sampled_from([None, True, False])
PLACES = st.sampled_from(["CN", "VN", "TH", "US", None])
TERMS = st.sampled_from(["EXW", "FOB", "CIF", "DDP", "???", None])
GIVEN = {"price": AMOUNTS, "quantity": AMOUNTS, "weight": AMOUNTS, "transport": AMOUNTS, "incoterm": TERMS}
GIVEN |= {name: MAYBE for name, kind in transaction_value.GOODS.items() if kind == pl.Boolean}
GIVEN |= {"product": st.sampled_from("PQ"), "kind": st.just("K"), "origin": PLACES, "level": st.sampled_from("WR")}
GIVEN |= {"exported_on": DAYS, "imported_on": DAYS, "restriction": st.sampled_from([None, "law", "other"])}


@cache
def law():
    return edition_of(schedule_files())


def frame(rows, schema):
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)


@st.composite
def rows_of(draw, schema, given, keys, least=0):
    """Rows of a schema: keys as chosen, what is given drawn and now and then unknown, the rest null."""
    count = draw(st.integers(least, 6))
    return [
        {**draw(keys), **{name: draw(st.one_of(st.none(), source)) for name, source in given.items()}}
        for _ in range(count)
    ]


def goods_in(declarations, **given):
    """Goods of so many declarations, two items each."""
    return st.lists(st.fixed_dictionaries(given), min_size=2 * declarations, max_size=2 * declarations).map(
        lambda rows: [{"d": n // 2, "i": n} | row for n, row in enumerate(rows)]
    )


ITEM = st.integers(0, 5).map(lambda i: {"d": i // 2, "i": i})
HEADER = st.integers(0, 2).map(lambda d: {"d": d, "i": None})
CHARGED = {
    "element": st.sampled_from(["freight", "insurance", "royalty", "on-carriage", "assist-tools", "buying-commission"]),
    "amount": AMOUNTS,
    "included": MAYBE,
    "distinguished": MAYBE,
    "by_weight": MAYBE,
    "spread_over": st.sampled_from([1, 10**6, 10**9]),
}
SOLD = {name: GIVEN[name] for name in ("product", "kind", "origin", "level", "quantity", "exported_on")}
SOLD |= {"unit_value": AMOUNTS, "designed_here": MAYBE}


SOME = settings(max_examples=25)


def alone(rows, d):
    return rows.filter(pl.col("d") == d)


@SOME
@given(
    goods_in(3, **GIVEN),
    rows_of(transaction_value.CHARGES, CHARGED, st.one_of(ITEM, HEADER)),
    rows_of(ACCEPTED, SOLD, st.just({})),
)
def test_the_value_of_goods_does_not_depend_on_other_declarations(goods, charges, accepted):
    goods, charges = frame(goods, transaction_value.GOODS), frame(charges, transaction_value.CHARGES)
    sales, rules = frame(accepted, ACCEPTED), value_law(law(), "CN")
    together = values(goods, Evidence(charges=charges, accepted=sales), rules)
    for d in range(3):
        by_itself = values(alone(goods, d), Evidence(charges=alone(charges, d), accepted=sales), rules)
        assert alone(together.values, d).equals(by_itself.values)
        assert alone(together.steps, d).equals(by_itself.steps)


@given(st.lists(st.integers(0, 10**16), min_size=1, max_size=8), st.integers(0, 10**18))
def test_what_is_charged_for_all_items_falls_on_them_to_the_last_millionth(prices, freight):
    goods = [{"d": 0, "i": i, "price": price, "incoterm": "FOB"} for i, price in enumerate(prices)]
    charges = [{"d": 0, "i": None, "element": "freight", "amount": freight}]
    evidence = Evidence(charges=frame(charges, transaction_value.CHARGES))
    valued = values(frame(goods, transaction_value.GOODS), evidence, value_law(law(), "XA")).values
    assert sum(valued["value"]) == sum(prices) + freight


MADE = {
    "scheme": st.sampled_from(["RCEP", "ATIGA", "APTA", "?", None]),
    "party": PLACES,
    "on": DAYS,
    "hs6": st.sampled_from(["850440", "620342"]),
    "fob": AMOUNTS,
    "weight": AMOUNTS,
    "labour": AMOUNTS,
    "wholly_obtained": MAYBE,
    "rule": st.sampled_from(["CTH", "CC or RVC40", "RVC35 and CTSH", "WO", None]),
}
USED = {
    "hs6": st.sampled_from(["850490", "853400", "580421"]),
    "value": AMOUNTS,
    "weight": AMOUNTS,
    "origin": PLACES,
    "originating": MAYBE,
    "content": st.sampled_from([0, 19 * 10**6, 20 * 10**6, 10**8]),
    "role": st.sampled_from([None, "retail-packing", "transport-packing", "accessory", "indirect"]),
}
DONE = {"process": st.sampled_from(["sifting", "packaging", "knitting"])}


@SOME
@given(
    goods_in(3, **MADE),
    rows_of(value_content.MATERIALS, USED, ITEM),
    rows_of(origin.PROCESSES, DONE, ITEM),
)
def test_the_origin_of_a_good_does_not_depend_on_other_declarations(goods, materials, done):
    goods, done = frame(goods, origin.GOODS), frame(done, origin.PROCESSES)
    materials = frame([{**row, "m": m} for m, row in enumerate(materials)], value_content.MATERIALS)
    together = origin.judge(goods, materials, done, law())
    for d in range(3):
        by_itself = origin.judge(alone(goods, d), alone(materials, d), alone(done, d), law())
        assert alone(together.outcomes, d).equals(by_itself.outcomes)
        assert alone(together.steps, d).equals(by_itself.steps)


@given(st.integers(1, 10**21), st.integers(0, 10**21), st.integers(0, 10**21))
def test_more_foreign_value_never_makes_a_good_originate(fob, value, more):
    def judged(foreign):
        good = {"d": 0, "i": 0, "scheme": "RCEP", "party": "VN", "on": datetime.date(2026, 5, 1), "hs6": "850440"}
        material = {"d": 0, "i": 0, "m": 0, "hs6": "850490", "value": foreign, "origin": "US"}
        goods = frame([good | {"fob": fob, "rule": "RVC40"}], origin.GOODS)
        outcome = origin.judge(goods, frame([material], value_content.MATERIALS), None, law()).outcomes
        return outcome["qualifies"][0], outcome["build_down"][0]

    (some, down), (others, lower) = judged(value), judged(value + more)
    assert some or not others
    assert down >= lower
    assert some == (10 * (fob - value) >= 4 * fob)


@SOME
@given(
    goods_in(3, party=PLACES, fob=AMOUNTS, criterion=st.sampled_from(["PE", "CTH"]), appendix=MAYBE),
    rows_of(differential.CONTRIBUTIONS, {"origin": PLACES, "originating": MAYBE, "value": AMOUNTS}, ITEM),
)
def test_the_country_of_origin_does_not_depend_on_other_declarations(goods, materials):
    goods, materials = frame(goods, differential.GOODS), frame(materials, differential.CONTRIBUTIONS)
    together = differential.countries_of_origin(goods, materials)
    for d in range(3):
        by_itself = differential.countries_of_origin(alone(goods, d), alone(materials, d))
        assert alone(together.countries, d).equals(by_itself.countries)


KINDS = st.sampled_from(["certificate", "approved-exporter", "back-to-back", "waiver", "?"])
PAPERS = {"scheme": st.sampled_from(["RCEP", "ACFTA", "?"]), "kind": KINDS, "quantity": AMOUNTS, "value": AMOUNTS}
PAPERS |= dict.fromkeys(("issuing", "exporting", "importing", "origin", "first_country"), PLACES)
PAPERS |= dict.fromkeys(("issued_on", "exported_on", "presented_on"), DAYS)
PAPERS |= {"retrospective": MAYBE, "first_proof": st.just("T1"), "exporter": st.just("E")}


@SOME
@given(
    goods_in(3, **{name: st.one_of(st.none(), source) for name, source in PAPERS.items()}),
    rows_of(proof_of_origin.ROUTES, {"country": PLACES, "under_control": MAYBE, "non_manipulation": MAYBE}, ITEM),
)
def test_a_proof_does_not_depend_on_other_declarations(papers, legs):
    papers, legs = frame(papers, proof_of_origin.PROOFS), frame(legs, proof_of_origin.ROUTES)
    first = {"scheme": "ACFTA", "first_proof": "T1", "first_country": "TH", "first_quantity": 10**9, "drawn": 10**6}
    ledger = frame([first | {"first_issued_on": datetime.date(2026, 3, 1)}], proof_of_origin.FIRST_PROOFS)
    together = proof_of_origin.prove(papers, legs, None, ledger, law())
    for d in range(3):
        by_itself = proof_of_origin.prove(alone(papers, d), alone(legs, d), None, ledger, law())
        assert alone(together.proofs, d).equals(by_itself.proofs)
        assert alone(together.steps, d).equals(by_itself.steps)
