"""Claims of preference in a declaration: kept on a good proof of origin, dropped without one, with the reason told."""

import datetime

import polars as pl
import pytest
from made_schedule import assessed, goods

from landsea.declaration.finding import findings_of
from landsea.declaration.lot import lot_of
from landsea.units import decimal_text

ON = datetime.date(2026, 6, 1)


def day(text):
    return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(), datetime.UTC)


def durian(papers, *, scheme="302", origin="TH", exporter=None, route=(), amount=1000, sent_from=None):
    """Durian for China, claiming a scheme with these papers (code, number, date, more)."""
    item = {"code": "081060", "amount": amount, "currency": "CNY", "origin": origin, "preference": scheme}
    lot = goods([[item | {"net_mass": 1000}]], administration="CN", on=ON)
    rows = [
        {"d": 0, "i": 0, "n": n, "role": "additional", "category": code[0], "type": code[1:], "id": number}
        | {
            "effective_at": day(issued) if issued else None,
            "name": more.get("name"),
            "exemption": more.get("exemption"),
        }
        for n, (code, number, issued, more) in enumerate(papers, 1)
    ]
    frames = {**lot.frames, "documents": pl.DataFrame(rows, schema=lot["documents"].schema | {}, strict=False)}
    frames["itinerary"] = {"d": [0] * len(route), "n": range(1, len(route) + 1), "country": list(route)}
    if exporter:
        frames["parties"] = {"d": [0], "n": [1], "role": ["Exporter"], "id": [exporter]}
    if sent_from:
        frames["declarations"] = lot["declarations"].with_columns(export_country=pl.lit(sent_from))
    return lot_of(frames)


def found(edition, *papers, **more):
    """The duty charged, the regime, and what was said of the proof."""
    stage = assessed(durian([(*paper, {})[:4] for paper in papers], **more), edition)
    (duty,) = stage.assessments.filter(tax="A00").select("amount", "regime").rows()
    said = [f.value for f in findings_of(stage.findings) if f.rule == "TRF-012"]
    return decimal_text(duty[0]), duty[1], said


GOOD = ("N861", "E-1", "2026-05-20")


def test_a_claim_on_a_good_certificate_is_kept(edition):
    assert found(edition, GOOD) == ("0", "302", [])


@pytest.mark.parametrize(
    ("papers", "more", "said"),
    [
        ([], {}, "ACFTA claim: there is a proof of origin"),
        ([("N380", "INV", "2026-05-20")], {}, "ACFTA claim: there is a proof of origin"),
        ([("N861", "E-1", None)], {}, "ACFTA certificate E-1: it is presented after its issue and while it is valid"),
        (
            [("N861", "E-1", "2025-05-31")],
            {},
            "ACFTA certificate E-1: it is presented after its issue and while it is valid",
        ),
        (
            [GOOD, ("N705", "BL", "2026-05-01")],
            {},
            "ACFTA certificate E-1: if issued after exportation it says so, and is not too late",
        ),
        (
            [GOOD],
            {"route": ["TH", "IN", "CN"]},
            "ACFTA certificate E-1: outside the parties the goods stayed under customs control, untouched",
        ),
        (
            [("N862", "D-1", "2026-05-20")],
            {"scheme": "322", "exporter": "TH9999"},
            "RCEP approved-exporter D-1: the exporter stood in the register on the day of issue",
        ),
        (
            [("N954", "B-1", "2026-05-20"), ("N861", "NEVER-ISSUED", "2026-05-01")],
            {"sent_from": "VN"},
            "ACFTA back-to-back B-1: the first proof is known",
        ),
        (
            [("N861", "", "2026-05-20", {"exemption": "W"})],
            {"amount": 9000},
            "ACFTA waiver: the value does not exceed what needs no proof",
        ),
    ],
)
def test_a_claim_without_a_good_proof_is_charged_at_the_general_rate_and_hears_why(edition, papers, more, said):
    duty, regime, told = found(edition, *papers, **more)
    assert (regime, told) == (None, [said])
    assert duty != "0"


@pytest.mark.parametrize(
    ("papers", "more"),
    [
        ([("N861", "E-1", "2026-05-20", {"name": "ISSUED RETROACTIVELY"}), ("N705", "BL", "2026-05-01")], {}),
        ([GOOD], {"route": ["TH", "LA", "CN"]}),
        ([GOOD, ("N761", "TBL", "2026-05-20")], {"route": ["TH", "IN", "CN"]}),
        ([("N862", "D-1", "2026-05-20")], {"scheme": "322", "exporter": "TH0105500000001"}),
        ([("N954", "B-1", "2026-05-20"), ("N861", "E-TH-2026-0001", "2026-03-02")], {"sent_from": "VN"}),
        ([("N861", "", None, {"exemption": "W"})], {"amount": 900}),
    ],
)
def test_each_kind_of_proof_is_known_by_its_papers(edition, papers, more):
    assert found(edition, *papers, **more)[1:] == (more.get("scheme", "302"), [])


def test_a_regime_that_is_no_scheme_and_an_export_need_no_proof_here(edition):
    item = {"code": "081060", "amount": 1000, "currency": "CNY", "origin": "TH", "preference": "302", "proof": "999"}
    stage = assessed(goods([[item]], administration="CN", kind="EXA", on=ON), edition)
    assert [f.rule for f in findings_of(stage.findings) if f.rule == "TRF-012"] == []
