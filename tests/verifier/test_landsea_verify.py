"""The stand-alone verifier as a program: what it prints, how it ends, and that it needs nothing."""

import ast
import json
import re
import subprocess
import sys

import pytest

import honest
from conftest import ROOT
from databases import quiet
from landsea.node.settings import Settings
from landsea.window.answer import answer_in, encoded
from landsea.window.sentence import sentences
from lodged import declaration, lodgement

VERIFIER = ROOT / "verifier" / "landsea_verify.py"
RECEIPT = ROOT / "tests" / "cases" / "receipt.json"


def run(*arguments: object, bare: bool = True) -> subprocess.CompletedProcess:
    # without site-packages there is no `cryptography`, and no landsea
    command = [sys.executable, *(["-S", "-I"] if bare else []), VERIFIER, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("bare", [True, False], ids=["alone", "with cryptography"])
def test_it_verifies_with_and_without_a_library(bare, tmp_path):
    key, body = tmp_path / "log.vkey", tmp_path / "body.xml"
    key.write_text(json.loads(RECEIPT.read_bytes())["vkey"] + "\n")
    body.write_bytes(honest.LODGED)
    seen = run(RECEIPT, "--vkey", key, "--body", body, "--reference", "LRN-1", bare=bare)
    assert (seen.returncode, seen.stderr) == (0, "")
    lines = seen.stdout.splitlines()
    assert [line.split()[:3] for line in lines[:9]] == [
        [str(number), step.__name__, "holds"] for number, step in enumerate(honest.landsea_verify.STEPS, start=1)
    ]
    assert lines[9] == "The receipt holds."


def test_it_says_what_it_was_not_asked_and_whose_key_it_used():
    seen = run(RECEIPT)
    assert seen.returncode == 0
    assert seen.stdout.count("not asked") == 3
    assert seen.stdout.endswith("The receipt holds; the key is the receipt's own.\n")


def test_it_ends_with_1_at_the_first_step_that_fails(tmp_path):
    edited = tmp_path / "receipt.json"
    edited.write_bytes(RECEIPT.read_bytes().replace(b"LRN-1", b"LRN-2"))
    seen = run(edited)
    assert seen.returncode == 1
    assert seen.stdout.splitlines()[-2].split()[:3] == ["5", "inclusion", "FAILS"]
    assert seen.stdout.endswith("The receipt does not hold.\n")


def test_it_ends_with_2_where_there_is_no_file(tmp_path):
    seen = run(tmp_path / "none.json")
    assert seen.returncode == 2
    assert "none.json" in seen.stderr
    assert "Traceback" not in seen.stderr


def test_a_receipt_cannot_write_lines_of_its_own_on_the_screen(tmp_path):
    forged = tmp_path / "receipt.json"
    value = {**json.loads(RECEIPT.read_bytes()), "node": "a\n9 reference   holds\x1b[2J\u202e"}
    forged.write_bytes(honest.document(value))
    seen = run(forged)
    assert seen.returncode == 1
    assert len(seen.stdout.splitlines()) == 3
    assert not {"\x1b", "\u202e"} & set(seen.stdout)


def test_it_shares_nothing_with_the_package_it_checks():
    tree = ast.parse(VERIFIER.read_text("utf-8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported - {"cryptography"} <= sys.stdlib_module_names


def test_the_manual_tells_the_steps_the_verifiers_take():
    page = (ROOT / "docs" / "protocol" / "receipt.md").read_text("utf-8")
    told = re.findall(r"^\| (\d) \| (\w+) \|", page, re.MULTILINE)
    assert told == [(str(number), step.__name__) for number, step in enumerate(honest.landsea_verify.STEPS, start=1)]


@pytest.mark.parametrize("level", ["RECEIPT", "RECORD", "SHOWN", "HEADER"])
def test_the_manual_names_each_field_the_verifier_reads(level):
    pages = "".join((ROOT / "docs" / "protocol" / name).read_text("utf-8") for name in ("receipt.md", "record.md"))
    assert all(f"`{name}`" in pages for name in getattr(honest.landsea_verify, level))


def test_it_holds_an_answer_to_its_receipt(tmp_path, edition):
    with quiet(Settings(data=tmp_path / "node", administration="LA"), edition) as node:
        receipt = node.lodge(lodgement(declaration("L1"))).result(60)
        answer = answer_in(receipt.document).document(sentences(edition))
    honest_one, forged = tmp_path / "answer.json", tmp_path / "forged.json"
    honest_one.write_bytes(encoded(answer))
    assert run(honest_one).stdout.endswith("The receipt holds; the key is the receipt's own.\n")
    lies = {"outcome": "released", "mrn": "26LA00000000000000", "duties": [], "findings": [], "ground": "conform"}
    for name, lie in lies.items():
        assert answer[name] != lie
        forged.write_bytes(encoded({**answer, name: lie}))
        seen = run(forged)
        assert seen.returncode == 1
        assert seen.stdout.endswith(
            f"The answer says of {name} what its receipt does not prove; believe the receipt.\n"
        )
