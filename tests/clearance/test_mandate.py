"""Mandates: who may act for whom, and who answers for the declaration."""

import datetime

import polars as pl
import pytest

from clearance.told_lots import WORDS, instant, lot_told
from landsea.clearance.mandate import MANDATES, represented
from landsea.codes.edition import Edition
from landsea.declaration.finding import findings_of
from landsea.declaration.lot import concat, lot_of
from landsea.errors import BuildFault
from tariff.text_cases import cases

USUAL = {"mandate": "M1", "administration": "CN", "principal": "P", "agent": "B", "representation": "direct"}
GIVEN = "2026-01-01T00:00:00"


def mandates(*told):
    """Mandates, each from P to B for direct representation unless it says otherwise."""
    rows = [
        {name: said.get(name) for name in MANDATES}
        | {name: said.get(name, value) for name, value in USUAL.items()}
        | {"given_at": instant(said.get("given_at", GIVEN))}
        | {name: instant(said[name]) for name in ("ends_at", "revoked_at") if name in said}
        for said in told
    ]
    return pl.DataFrame(rows, schema=MANDATES, orient="row")


@pytest.mark.parametrize("case", cases("mandate", [*WORDS, "mandate"]))
def test_who_acts_and_who_answers_is_as_the_text_says(case, edition):
    done = represented(lot_told(case.situation), mandates(*case.settings("mandate")), edition)
    told = [
        f"{row['acting'] or 'nobody'} {row['representation'] or 'acts'}"
        + ("" if row["representation"] == "self" else f" for {row['principal'] or 'one unnamed'}")
        + (f" under {row['mandate']}" if row["mandate"] else "")
        + f": {' and '.join(row['liable']) or 'nobody'} answers"
        for row in done.declarations.iter_rows(named=True)
    ]
    found = done.findings.select("rule", "value").iter_rows()
    assert told + [f"{rule} {value}" for rule, value in found] == case.expected


def declared(at, **said):
    return lot_told([("declaration", {"declarant": "B", "importer": "P", "at": at} | said), ("item", {"code": "0810"})])


def test_a_revocation_takes_effect_from_its_instant_to_the_microsecond(edition):
    given = mandates({"revoked_at": "2026-06-15T10:00:00"})
    before = declared("2026-06-15T09:59:59.999999")
    assert represented(before, given, edition).declarations["representation"].to_list() == ["direct"]
    for at in ("2026-06-15T10:00:00", "2026-06-15T10:00:00.000001"):
        done = represented(declared(at), given, edition)
        assert done.declarations["liable"].to_list() == [["B"]]
        assert done.findings["rule"].to_list() == ["CLR-202"]


def test_a_declared_acceptance_does_not_reach_back_before_a_revocation(edition):
    lot = declared("2026-06-15T12:00:00")
    early = pl.lit(datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)).alias("accepted_at")
    lot = lot.with_frames(declarations=lot["declarations"].with_columns(early))
    done = represented(lot, mandates({"revoked_at": "2026-06-15T10:00:00"}), edition)
    assert done.findings["rule"].to_list() == ["CLR-202"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"declarant": "B", "importer": "P"}, "Declaration/Declarant/ID"),
        ({"declarant": "P", "importer": "P", "agent": "B"}, "Declaration/Agent/ID"),
    ],
)
def test_a_finding_points_at_who_acts(edition, said, place):
    lot = lot_told([("declaration", said)])
    assert [f.where for f in findings_of(represented(lot, mandates(), edition).findings)] == [place]


def test_each_declaration_of_a_lot_is_represented_as_alone(edition):
    lots = [
        declared("2026-06-01T00:00:00"),
        declared("2026-06-01T00:00:00", importer="Q"),
        declared("2026-06-20T00:00:00"),
        declared("2026-06-01T00:00:00", declarant="CN-BRK-001"),
    ]
    given = mandates({"revoked_at": "2026-06-15T10:00:00"})
    together = represented(concat(lots), given, edition)
    for d, lot in enumerate(lots):
        alone = represented(lot, given, edition)
        for whole, one in zip(together, alone, strict=True):
            assert whole.filter(pl.col("d") == d).drop("d").rows() == one.drop("d").rows()


def test_without_mandates_or_brokers_everybody_acts_for_himself(edition):
    bare = Edition("bare", {}, {})
    done = represented(declared("2026-06-01T00:00:00", declarant="CN-BRK-001"), mandates(), bare)
    assert done.findings["rule"].to_list() == ["CLR-201"]
    assert represented(lot_of({}), mandates(), bare).declarations.is_empty()


@pytest.mark.parametrize("kind", [None, "joint"])
def test_a_mandate_is_for_direct_or_indirect_representation(edition, kind):
    odd = mandates({}).with_columns(representation=pl.lit(kind, dtype=pl.String))
    with pytest.raises(BuildFault, match="M1 is neither"):
        represented(declared("2026-06-01T00:00:00"), odd, edition)
