"""`landsea explain`: the way to each amount, told to who declares."""

from typer.testing import CliRunner

from landsea.cli.app import app
from lodged import declaration


def test_each_amount_of_a_file_is_told_from_the_invoice_on(tmp_path):
    file = tmp_path / "parts.xml"
    file.write_bytes(declaration("L1"))
    told = CliRunner().invoke(app, ["explain", str(file)]).stdout.splitlines()
    assert told[0].endswith("parts.xml")
    assert told[1].startswith("  item 1: invoice amount 18500 at the rate of exchange")
    assert any(line.startswith("  item 1, A00: ") and " rounded is " in line for line in told)
    assert told[-1].startswith("  item 1, B00: ")


def test_a_claim_that_is_dropped_is_told_with_its_ground(tmp_path):
    body = declaration("L1").replace(
        b"<GoodsMeasure>", b"<DutyTaxFee><DutyRegimeCode>302</DutyRegimeCode></DutyTaxFee><GoodsMeasure>"
    )
    body = body.replace(
        b"<Commodity>",
        b"<AdditionalDocument><CategoryCode>N</CategoryCode><ID>E-1</ID><TypeCode>861</TypeCode></AdditionalDocument>"
        b"<Commodity>",
    )
    file = tmp_path / "parts.xml"
    file.write_bytes(body)
    told = CliRunner().invoke(app, ["explain", str(file)]).stdout.splitlines()
    assert told[1] == ("  item 1: not so: it is presented after its issue and while it is valid (Annex 1, validity)")
