"""The treasury from the command line: a file of payments, overdue claims, statements, and what is owed."""

import pytest
from typer.testing import CliRunner

from collecting import claim, collecting_law, lodge, register
from databases import quiet
from landsea.cli.app import app
from landsea.node.settings import Settings
from lodged import PARTY


@pytest.fixture(scope="module")
def folder(tmp_path_factory, edition):
    """The folder of a node with a declaration to be paid, and what is due on it."""
    data = tmp_path_factory.mktemp("treasury")
    with quiet(Settings(data=data, administration="LA"), collecting_law(edition)) as node:
        number = lodge(node, "C-1")
        register(node, "DAN-1", 10**12, form="deferment")
        owes = lodge(node, "C-2", kind="IMB")
        return data, number, claim(node, number), owes


def run(folder, *words):
    result = CliRunner().invoke(app, [*words, "--data", str(folder)], env={"LANDSEA_ADMINISTRATION": "LA"})
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def test_a_file_of_payments_is_booked_once_and_what_pays_nothing_is_listed(folder, tmp_path):
    data, number, due, _ = folder
    file = tmp_path / "bank.csv"
    file.write_text(f"reference,amount,currency,about\nB1,{due},LAK,{number}\nB2,1,LAK,nobody\n")
    said = run(data, "payments", str(file))
    assert said.splitlines()[-1] == "1 lines booked, 0 booked before, 1 unmatched."
    assert "B2: unknown:" in said
    assert run(data, "payments", str(file)).splitlines()[-1] == "0 lines booked, 1 booked before, 1 unmatched."


def test_what_is_owed_and_overdue_is_listed_and_a_statement_is_written(folder):
    data, number, due, owes = folder
    assert run(data, "overdue") == "0 claims are overdue.\n"
    assert run(data, "owed") == "0 supplementary declarations are owed and overdue.\n"
    assert f"{owes} IMB of {PARTY} due 2" in run(data, "owed", "--all")
    assert f"{owes} IMB of {PARTY} due 2" in run(data, "owed", "--before", "2099-01-01")
    lines = run(data, "statement", PARTY).splitlines()
    assert lines[0] == "at,kind,reference,mrn,amount,balance"
    assert any(f",claim,{number}/" in line and f",-{due}," in line for line in lines)
