"""`landsea offers`: the regimes beside each other, as a table to read."""

import pytest
from typer.testing import CliRunner

from landsea.cli.app import app
from landsea.errors import InputError

ASKED = ["offers", "081060", "10000", "CNY", "--origin", "TH", "--admin", "CN", "--on", "2026-06-01"]


def test_the_offers_are_shown_the_best_first():
    said = CliRunner().invoke(app, [*ASKED, "--proof", "acfta"], env={"COLUMNS": "200"}).stdout.splitlines()
    assert said[1].split("  ")[0] == "*"
    assert "ASEAN-China Free Trade Area charges 900 CNY at Free" in said[1]
    assert any("but there is no proof of origin" in line for line in said[2:])


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (["offers", "0810.60", *ASKED[2:]], "no commodity code"),
        (["offers", "081060", "1e4", *ASKED[3:]], "plain decimal"),
    ],
)
def test_what_is_no_code_or_amount_is_refused(asked, complaint):
    assert complaint in str(CliRunner().invoke(app, asked).exception)
    assert isinstance(CliRunner().invoke(app, asked).exception, InputError)
