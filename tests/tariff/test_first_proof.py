"""First proofs as stocks: what back-to-back proofs of a lot find left on them, and what they draw."""

import datetime

import polars as pl
import pytest
from made_schedule import goods

from landsea.declaration.finding import findings_of, no_findings
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Checked, Known
from landsea.errors import BuildFault
from landsea.tariff import assess
from landsea.tariff.claim import BALANCES, RETURNED
from landsea.tariff.first_proof import with_balances
from landsea.tariff.proof_of_origin import FIRST_PROOFS
from landsea.units import micro

ON = datetime.date(2026, 6, 1)
STOCK = "ACFTA proof E-TH-2026-0001"  # for 40000 kilograms


def durian(*masses):
    """A declaration of durian for China, each item on a back-to-back proof of Viet Nam and the same first proof."""
    item = {"code": "081060", "amount": 1000, "currency": "CNY", "origin": "TH", "preference": "302"}
    lot = goods([[item | {"net_mass": mass} for mass in masses]], administration="CN", on=ON)
    papers = [
        {"d": 0, "i": i, "n": n, "role": "additional", "category": "N", "type": code, "id": number}
        | {"effective_at": datetime.datetime.fromisoformat(f"{issued}T00:00:00+00:00")}
        for i in range(len(masses))
        for n, (code, number, issued) in enumerate(
            [("954", f"B-{i}", "2026-05-20"), ("861", "E-TH-2026-0001", "2026-03-02")], 1
        )
    ]
    documents = pl.DataFrame(papers, schema=lot["documents"].schema | {}, strict=False)
    declarations = lot["declarations"].with_columns(export_country=pl.lit("VN"))
    return lot_of({**lot.frames, "documents": documents, "declarations": declarations})


def found(edition, lot, drawn=0, returned=0):
    """What each item draws, and of how much; and how many were refused."""
    known = {
        "stocks": pl.DataFrame([("TH", STOCK, drawn * 10**6)], schema=BALANCES, orient="row"),
        "returned": pl.DataFrame([(0, "TH", STOCK, returned * 10**6)], schema=RETURNED, orient="row"),
    }
    stage = assess(Checked(lot, no_findings()), Known(0, known), edition)
    rows = stage.proofs.select("before", "wanted", "granted", "opening").iter_rows()
    refused = [f.rule for f in findings_of(stage.findings) if f.rule == "TRF-012"]
    return [tuple(value // 10**6 for value in row[:3]) for row in rows], len(refused)


def test_items_of_one_declaration_draw_one_after_the_other(edition):
    assert found(edition, durian(10_000, 20_000)) == ([(40_000, 10_000, 10_000), (30_000, 20_000, 20_000)], 0)


def test_a_proof_for_which_too_little_is_left_draws_nothing_at_all(edition):
    assert found(edition, durian(10_000, 20_000), drawn=15_000) == (
        [(25_000, 10_000, 10_000), (15_000, 20_000, 0)],
        1,
    )


@pytest.mark.parametrize(("mass", "refused"), [(25_000, 0), (25_001, 1)])
def test_what_the_version_before_drew_is_there_again(edition, mass, refused):
    ((before, _, _),), said = found(edition, durian(mass), drawn=40_000, returned=25_000)
    assert (before, said) == (25_000, refused)


def test_an_ordinary_certificate_draws_on_nothing(edition):
    lot = durian(10)
    plain = lot["documents"].filter(pl.col("type") != "954")
    assert found(edition, lot.with_frames(documents=plain, declarations=lot["declarations"]))[0] == []


def test_a_first_proof_for_more_than_can_be_counted_is_a_fault_of_the_ledger():
    row = {"scheme": "RCEP", "first_proof": "HUGE", "first_country": "VN", "first_quantity": micro("9300000000000")}
    with pytest.raises(BuildFault, match="HUGE"):
        with_balances(pl.DataFrame([row], schema=FIRST_PROOFS), Known())
