"""Relief: who is relieved, of what, on what ground, and that no base is left wrong."""

import polars as pl
import pytest
from text_cases import cases

from landsea.codes.edition import Edition
from landsea.errors import BuildFault
from landsea.tariff.assess import SCHEMA
from landsea.tariff.relief import FACTS, relief_steps, relieve
from landsea.units import decimal_text


@pytest.mark.parametrize("case", cases("relief", ["facts", "assessed", "counted"]))
def test_taxes_are_relieved_as_the_text_says(case, edition):
    facts = case.rows("facts", FACTS, d=0, i=0, administration="CN", procedure="40")
    assessed = case.rows("assessed", SCHEMA, d=0, i=0, item=1, state="payable")
    counted = case.settings("counted")[0] if case.settings("counted") else {"places": "2", "rounding": "half-up"}
    done = relieve(assessed, facts, edition, int(counted["places"]), counted["rounding"])
    told = [
        f"{tax} {decimal_text(amount)} {state}"
        for tax, amount, state in done.assessments.select("tax", "amount", "state").iter_rows()
    ]
    assert told + relief_steps(done.steps) == case.expected


def odd(edition, **changed):
    tables = dict(edition.tables)
    for name, columns in changed.items():
        tables[name] = tables[name].with_columns(**{column: pl.lit(value) for column, value in columns.items()})
    return Edition(repr(changed), tables, edition.documents)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"reliefs": {"taxes": "A00"}}, "lifts a tax on which"),
        ({"reliefs": {"taxes": "A00+C00+B00+Z99"}}, "Z99"),
        ({"relief_conditions": {"relief": "nothing"}}, "no conditions"),
        ({"relief_conditions": {"column": "colour"}}, "colour"),
        ({"relief_conditions": {"relation": "near"}}, "near"),
        ({"relief_conditions": {"column": "unchanged", "relation": "is", "value": "perhaps"}}, "perhaps"),
        ({"relief_conditions": {"column": "months_here", "relation": "is", "value": "soon"}}, "soon"),
        ({"relief_conditions": {"column": "consignment_value", "relation": "is", "value": "1e3"}}, "1e3"),
    ],
)
def test_tables_that_do_not_hold_together_are_a_fault_of_the_build(edition, changed, complaint):
    facts, assessed = pl.DataFrame(schema=FACTS), pl.DataFrame(schema=SCHEMA)
    with pytest.raises(BuildFault, match=complaint):
        relieve(assessed, facts, odd(edition, **changed), 2, "half-up")
