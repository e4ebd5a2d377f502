"""The desk on the command line: manifests in, the queue and the study out."""

import json

import pytest
from typer.testing import CliRunner

from landsea.clearance.cargo_report import COLUMNS
from landsea.cli.app import app
from landsea.cli.scratch import standing_node, stated
from landsea.node.access import ROLES
from landsea.node.assemble import Node
from landsea.node.settings import Settings
from lodged import declaration, lodgement, mrn

HEAD = "CR-1,,2,X9571,,LAVTE,2026-11-22T08:00:00+07:00"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder of a node in Laos with a declaration that waits for its goods."""
    assert ROLES
    monkeypatch.setenv("LANDSEA_ADMINISTRATION", "LA")
    folder = tmp_path / "node"
    with Node(Settings(data=folder, administration="LA")) as node:
        node.number = mrn(node.lodge(lodgement(declaration("L1"))).result(60))
    return folder


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def manifest(folder, packages):
    file = folder.parent / "manifest.csv"
    rows = [",".join(COLUMNS), f"{HEAD},,,,CSQU3054383,{packages},1200,Parts,,", f"{HEAD},W2,,,,3,,,,"]
    file.write_text("\n".join(rows), "utf-8")
    return file


def test_a_manifest_is_lodged_and_each_line_told_against_what_is_declared(data):
    told = run("cargo", manifest(data, 22), "--carrier", "rail", "--data", data).stdout.splitlines()
    assert told[0] == "CR-1 version 1: 2 lines"
    assert " ".join(told[1].split()) == "1 differs container CSQU3054383; packages reported 22, declared 20"
    assert told[2].split() == ["2", "not-declared", "waybill", "W2"]
    assert "as before" in run("cargo", manifest(data, 22), "--carrier", "rail", "--data", data).stdout


def test_the_queue_says_what_to_do_in_local_time(data):
    run("cargo", manifest(data, 22), "--carrier", "rail", "--data", data)
    with standing_node(stated(None, data)) as node:
        node.arriving.arrive("rail", "A", [("cargo-report", "CR-1")])
    shown = run("queue", "--data", data).stdout
    assert "documents:" in shown or "Examine" in shown
    assert "Asia/Vientiane" in shown
    page = json.loads(run("queue", "--format", "json", "--data", data).stdout)
    assert page["entries"][0]["task"] in ("documents", "examine")
    assert page["entries"][0]["clock"]["due_local"].endswith("+07:00")


def test_an_empty_desk_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSEA_ADMINISTRATION", "LA")
    with Node(Settings(data=tmp_path / "node", administration="LA")):
        pass
    assert run("queue", "--data", tmp_path / "node").stdout == "Nothing waits for an officer.\n"
    assert "0 import declarations" in run("measure", "--data", tmp_path / "node").stdout


def test_a_study_is_told_by_groups_as_a_table_and_as_json(data):
    with standing_node(stated(None, data)) as node:
        node.arriving.arrive("rail", "A", [("container", "CSQU3054383")])
    shown = run("measure", "--by", "mode,chapter", "--data", data).stdout
    assert "rail" in shown
    told = json.loads(run("measure", "--by", "mode", "--format", "json", "--data", data).stdout)
    assert (told["declarations"], told["unit"]) == (1, "second")
    assert {one["group"]["mode"] for one in told["figures"]} == {"rail"}


def test_a_study_by_something_unknown_is_refused(data):
    with pytest.raises(Exception, match="not told apart by colour"):
        run("measure", "--by", "colour", "--data", data)
