"""Mandates, standing and agencies on the command line."""

import json

import pytest
from typer.testing import CliRunner

from landsea.cli.app import app
from landsea.errors import InputError
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from lodged import PARTY, declaration, lodgement


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder of a node in Laos, where fresh grapes were declared without their certificate."""
    monkeypatch.setenv("LANDSEA_ADMINISTRATION", "LA")
    folder = tmp_path / "node"
    with Node(Settings(data=folder, administration="LA")) as node:
        node.lodge(lodgement(declaration("G-1").replace(b"87089900", b"08061000"))).result(60)
    return folder


def run(data, *words, said=""):
    return CliRunner().invoke(app, [*words, "--data", str(data)], input=said, catch_exceptions=False)


def test_a_mandate_on_paper_is_put_on_record_shown_and_taken_back(data):
    said = json.dumps({"reference": "P-1", "agent": "B", "representation": "indirect", "codes": ["08"]})
    told = run(data, "mandate", "give", PARTY, "-", said=said).stdout
    assert told.startswith(f"B may act for {PARTY}: mandate ")
    number = told.split()[-1]
    (one,) = map(json.loads, run(data, "mandate", "list", "B").stdout.splitlines())
    assert (one["mandate"], one["principal"], one["codes"], one["revoked_at"]) == (number, PARTY, "08", None)
    assert "in force no more" in run(data, "mandate", "revoke", PARTY, number).stdout
    assert json.loads(run(data, "mandate", "list", PARTY).stdout)["revoked_at"]
    with pytest.raises(InputError, match="no mandate"):
        run(data, "mandate", "revoke", "B", number)


def test_what_is_no_mandate_is_refused_in_one_sentence(data):
    with pytest.raises(InputError, match="representation"):
        run(data, "mandate", "give", PARTY, "-", said='{"reference": "P-1", "agent": "B", "representation": "both"}')


def test_grades_are_reckoned_and_one_operators_figures_shown(data):
    assert "operators have a grade" in run(data, "standing").stdout
    figures = run(data, "standing", PARTY).stdout.splitlines()
    assert figures[0].startswith(f"{PARTY}: ")
    assert run(data, "standing", "NOBODY").stdout == "NOBODY: not graded yet\n"


def test_what_agencies_asked_is_counted(data):
    told = run(data, "agencies").stdout
    assert told.startswith("la-agriculture: 1 documents for 1 declarations, 0 of them declared when lodged")
