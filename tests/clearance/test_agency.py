"""Agencies: who has a say in which goods, what it asks, what it may see; and where each ask stands."""

import pathlib

import polars as pl
import pytest

from clearance.told_lots import WORDS, instant, lot_told
from landsea.clearance import agency as agencies
from landsea.clearance.agency import ASKED, KINDS, asked, asked_counts, shown, shown_to_agency, verify
from landsea.clearance.hearing import ANSWERS, has_say, heard
from landsea.codes.document import document_types
from landsea.codes.edition import Edition
from landsea.declaration.lot import concat, lot_of
from landsea.dossier.group import BODY, groups
from landsea.errors import BuildFault
from landsea.units import decimal_text
from tariff.text_cases import cases

ADMINISTRATIONS = ("CN", "LA", "TH", "VN")


def answers_told(case):
    """The answers of a case; an item is named by its number."""
    rows = [
        {"d": 0, "i": int(said["item"]) - 1 if "item" in said else None}
        | {name: said.get(name) for name in ("agency", "rule", "answer", "laboratory")}
        | {"at": instant(said["at"])}
        for said in case.settings("answer")
    ]
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def written(ask, hearing):
    """One ask as the cases write it."""
    paper = "no paper" if ask["wanted"] is None else ask["wanted"] + (" declared" if ask["satisfied"] else " missing")
    fee = "" if ask["fee"] is None else f", {decimal_text(ask['fee'])} {ask['fee_currency']}"
    if ask["fee"] is None and ask["fee_currency"]:
        fee = f", a fee in {ask['fee_currency']} to be reckoned"
    return f"item {ask['i'] + 1} {ask['rule']} {ask['agency']} {ask['action']}, {paper}{fee}: {hearing}"


@pytest.mark.parametrize("case", cases("agency", [*WORDS, "answer"]))
def test_every_agency_with_a_say_asks_and_is_heard_as_the_text_says(case, edition):
    done = heard(asked(lot_told(case.situation), edition), answers_told(case), edition)
    told = [written(ask, ask["hearing"]) for ask in done.asks.iter_rows(named=True)]
    lost = done.unheard.select("answer", "agency", "why").iter_rows()
    told += [f"unheard: {word} of {name}, {why}" for word, name, why in lost]
    waiting = has_say(done.asks).filter("waits")["condition"].to_list()
    assert [*told, "release waits for " + (", ".join(waiting) or "no agency")] == case.expected


def test_the_shipped_law_on_agencies_holds_together(edition):
    verify(edition)
    listed = edition.table("agencies")
    assert set(listed["issuer"]) == set(ADMINISTRATIONS)
    assert set(listed["kind"]) <= set(KINDS)
    kind = dict(listed.select("agency", "kind").iter_rows())
    assert kind["cn-quarantine"] == "customs department"
    assert kind["la-agriculture"] == kind["vn-agriculture"] == "ministry"


@pytest.mark.parametrize("issuer", ADMINISTRATIONS)
def test_each_administration_has_rules_on_the_kinds_of_goods_agencies_care_for(edition, issuer):
    rules = edition.table("agency_rules").filter(pl.col("issuer") == issuer)
    for goods in ("0810600000", "0201100000", "0402100000", "3004900000", "8703230000", "0602900000", "0507100000"):
        assert any(goods.startswith(code) for code in rules["code"]), goods
    assert any(code.startswith(("28", "29")) for code in rules["code"])
    assert {"8517", "3915"} <= set(rules["code"])


def test_documents_under_n_are_of_the_shared_list(edition):
    rules = edition.table("agency_rules")
    wanted = {paper for text in rules["wanted"].drop_nulls() for paper in text.split()} | set(rules["document"]) - {
        None
    }
    assert {paper[1:] for paper in wanted if paper[0] == "N"} <= document_types()
    assert {paper[0] for paper in wanted} <= {"N", "1"}


def test_an_agency_sees_its_groups_and_no_others(edition):
    assert shown_to_agency("cn-quarantine", edition) == {"goods@1", "documents@1", "transport@1"}
    assert shown_to_agency("cn-medicine", edition) == {"goods@1", "documents@1", "parties@1"}
    assert shown_to_agency("nobody", edition) == frozenset()
    for agency in edition.table("agencies")["agency"]:
        allowed = shown_to_agency(agency, edition)
        assert allowed < set(groups())
        assert not allowed & {"valuation@1", "duty@1", BODY}


def test_an_agency_no_table_speaks_of_sees_nothing(edition):
    without = Edition("none", {k: v for k, v in edition.tables.items() if k != "agency_groups"}, edition.documents)
    assert shown_to_agency("cn-quarantine", without) == frozenset()
    asks = asked(lot_told([("declaration", {}), ("item", {"code": "02011000"})]), without)
    assert asks.height == 1
    assert shown(asks, without).is_empty()


def test_an_agency_sees_the_header_and_the_items_it_is_asked_about(edition):
    told = [("declaration", {}), ("item", {"code": "73181500"}), ("item", {"code": "30049000"}), ("declaration", {})]
    rows = shown(asked(lot_told(told), edition), edition)
    assert rows.filter(pl.col("agency") != "cn-medicine").is_empty()
    assert set(rows.select("d", "i").iter_rows()) == {(0, None), (0, 1)}
    assert rows.height == 2 * len(shown_to_agency("cn-medicine", edition))


def test_documents_asked_are_counted_for_each_consignment_and_agency(edition):
    told = [
        ("declaration", {}),
        *[("item", {"code": code}) for code in ("06029000", "06031100", "08106000", "85171300", "87032300")],
        ("document", {"type": "N851", "id": "P1", "item": "1"}),
        ("declaration", {"administration": "LA"}),
        ("item", {"code": "08106000", "origin": "TH"}),
    ]
    counted = {
        (row["d"], row["agency"]): row for row in asked_counts(asked(lot_told(told), edition)).iter_rows(named=True)
    }
    quarantine = counted[0, "cn-quarantine"]
    assert (quarantine["documents"], quarantine["declared"], quarantine["examinations"]) == (1, 0, 3)
    assert (counted[0, "cn-food"]["documents"], counted[0, "cn-food"]["examinations"]) == (1, 1)
    assert (counted[0, "cn-radio"]["documents"], counted[0, "cn-radio"]["standing"]) == (0, 1)
    assert counted[1, "la-agriculture"]["documents"] == 0


def test_a_document_declared_for_every_item_it_is_asked_for_is_counted_as_declared(edition):
    told = [("declaration", {}), ("item", {"code": "02011000"}), ("item", {"code": "02013000"})]
    asks = asked(lot_told([*told, ("document", {"type": "N853", "id": "V1"})]), edition)
    assert asked_counts(asks).row(0) == (0, "cn-quarantine", 1, 1, 0, 0)


def test_where_no_rule_has_a_fee_nothing_is_owed(edition):
    lot = lot_told([("declaration", {"administration": "LA"}), ("item", {"code": "06029000"})])
    dear, free = asked(lot, edition), asked(lot, odd(edition, "agency_rules", fee=None))
    assert dear["fee"].null_count() == 0
    assert free.equals(dear.with_columns(pl.lit(None, ASKED[name]).alias(name) for name in ("fee", "fee_currency")))


def test_who_asks_nothing_is_asked_nothing(edition):
    assert asked(lot_of({}), edition).equals(pl.DataFrame(schema=ASKED))
    bare = Edition("bare", {"rules": edition.table("rules")}, {})
    assert asked(lot_told([("declaration", {}), ("item", {"code": "02011000"})]), bare).is_empty()


def test_many_declarations_are_asked_as_each_alone(edition):
    codes = ("08106000", "73181500", "02011000", "30049000")
    one = [
        lot_told([("declaration", {"administration": a}), ("item", {"code": c})])
        for a in ADMINISTRATIONS
        for c in codes
    ]
    rules = [asked(lot, edition)["rule"].to_list() for lot in one]
    assert asked(concat(one), edition)["rule"].to_list() == [rule for some in rules for rule in some]


def odd(edition, table, **changed):
    tables = dict(edition.tables)
    tables[table] = tables[table].with_columns(**{name: pl.lit(value) for name, value in changed.items()})
    return Edition(f"{table} {changed!r}", tables, edition.documents)


@pytest.mark.parametrize(
    ("table", "changed", "complaint"),
    [
        ("agency_rules", {"agency": "nobody"}, "nobody"),
        ("agency_rules", {"action": "look"}, "look"),
        ("agency_rules", {"per": "year"}, "year"),
        ("agency_rules", {"action": "documents", "wanted": None}, "names none"),
        ("agency_rules", {"present": None, "document": "N851"}, "whether it is present"),
        ("agency_rules", {"origin": "ATLANTIS"}, "ATLANTIS"),
        ("agency_rules", {"origin": None}, "no country"),
        ("agency_rules", {"fee": "2 %"}, "a fee is an amount"),
        ("agency_rules", {"fee": "much"}, "much"),
        ("agencies", {"agency": "cn-food"}, "one id"),
        ("agency_groups", {"group": "lodged-body@1"}, "lodged-body@1"),
        ("agency_groups", {"group": "goods@9"}, "goods@9"),
        ("agency_groups", {"agency": "nobody"}, "nobody is not listed"),
    ],
)
def test_tables_that_do_not_hold_together_are_a_fault_of_the_build(edition, table, changed, complaint):
    with pytest.raises(BuildFault, match=complaint):
        verify(odd(edition, table, **changed))


def test_more_documents_than_can_be_told_apart_are_a_fault_of_the_build(edition):
    many = " ".join(f"1{n:03d}" for n in range(65))
    with pytest.raises(BuildFault, match="told apart"):
        verify(odd(edition, "agency_rules", wanted=many))


def test_the_module_names_no_party_and_no_amount_of_the_declaration():
    text = pathlib.Path(agencies.__file__).read_text("utf-8")
    for column in ("importer_id", "exporter_id", "declarant_id", "customs_value", "item_amount"):
        assert column not in text
