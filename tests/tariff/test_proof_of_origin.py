"""Proof of origin: each condition of the schemes, met and not met."""

import pytest
from text_cases import cases

from landsea.tariff.proof_of_origin import FIRST_PROOFS, PROOFS, REGISTER, ROUTES, proof_steps, prove

USUAL = {
    "d": 0,
    "scheme": "ACFTA",
    "kind": "certificate",
    "number": "E1",
    "issuing": "VN",
    "exporting": "VN",
    "importing": "CN",
    "origin": "VN",
}


@pytest.mark.parametrize("case", cases("proof_of_origin", ["proof", "route", "registered", "first"]))
def test_a_proof_is_good_or_not_as_the_text_says(case, edition):
    proofs = case.rows("proof", PROOFS, **USUAL)
    proofs = proofs.with_columns(i=proofs["d"].cum_count().cast(PROOFS["i"]) - 1)
    routes = case.rows("route", ROUTES, d=0, i=0)
    register = case.rows("registered", REGISTER)
    ledger = case.rows("first", FIRST_PROOFS, scheme="ACFTA")
    proved = prove(proofs, routes, register, ledger, edition)
    told = ["good" if good else f"not good: {why}" for good, why in proved.proofs.select("good", "why").iter_rows()]
    steps = [line for line in case.expected if line.startswith("- ")]
    assert told == [line for line in case.expected if not line.startswith("- ")]
    assert not steps or ["- " + line for line in proof_steps(proved.steps)] == steps
