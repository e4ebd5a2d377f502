"""`landsea relay` as an operator runs it."""

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from test_commands import LANDSEA, landsea, refused

from landsea.cli import relay as command
from sad import ASSESSED, sad

BEFORE = {"Identification__Registration__Date": "19/11/2024", "Identification__Assessment__Date": "20/11/2024"}
"""Days that have come, whatever the clock of the machine says."""


@pytest.fixture
def folder(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    for n, boxes in enumerate(({}, ASSESSED)):
        (drop / f"{n}.xml").write_bytes(sad("1", **boxes, **BEFORE))
    (drop / "2.xml").write_text("<Awmds/>")
    return drop


ENVIRONMENT = {"LANDSEA_ADMINISTRATION": "LA", "LANDSEA_AUTHORITY_MODE": "relays"}


def test_what_lies_in_the_folder_is_relayed_once_and_told_in_one_sentence(folder, tmp_path):
    node = ("relay", folder, "--once", "--data", tmp_path / "node")
    run = landsea(*node, **ENVIRONMENT)
    assert (run.returncode, run.stderr.splitlines()[-1]) == (1, f"Look at {folder / 'report.tsv'}.")
    told = "2 declarations recorded, 0 known before, 0 declined, 0 doubtful; 2 files done, 1 refused, "
    assert run.stdout == told + "0 still being written.\n"
    again = landsea(*node, **ENVIRONMENT)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("0 declarations recorded")


def test_what_cannot_be_right_is_told_by_the_exit_code_too(folder, tmp_path):
    for file in folder.iterdir():
        file.unlink()
    (folder / "a.xml").write_bytes(sad("1", **BEFORE, Selectivity__Lane="Purple"))
    run = landsea("relay", folder, "--once", "--data", tmp_path / "node", **ENVIRONMENT)
    assert (run.returncode, "1 doubtful" in run.stdout) == (1, True)
    assert "Purple" in (folder / "report.tsv").read_text()


def test_a_watching_relay_takes_what_is_dropped_and_ends_when_told(folder, tmp_path):
    environment = {**os.environ, **ENVIRONMENT}
    run = [*LANDSEA, "relay", str(folder), "--data", str(tmp_path / "node")]
    with subprocess.Popen(run, env=environment, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until and len(list((folder / "done").glob("?.xml"))) < 2:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    passes = [json.loads(line) for line in said.splitlines() if '"relay pass"' in line]
    assert sum(one["declarations"] for one in passes) == 2
    assert sum(one["refused"] for one in passes) == 1
    assert len(said.splitlines()) <= 1 + len(passes) + 1, "a line a pass, and none a declaration"


def test_a_relay_with_nothing_to_do_says_that_it_is_there(tmp_path, monkeypatch):
    told, stop, looks = [], threading.Event(), []

    class Watched:
        def waiting(self):
            return ["a.xml.part"]

        def once(self, _stop):
            looks.append(1)
            if len(looks) == 3:
                stop.set()
            return Counter()

    monkeypatch.setattr(command, "HEARTBEAT", 0.0)
    monkeypatch.setattr(command, "EVERY", 0.0)
    command._watch(Watched(), stop, SimpleNamespace(tell=lambda event, **what: told.append((event, what))))
    assert told[:3] == [("relay alive", {"waiting": 1})] * 3


def test_a_folder_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    run = landsea("relay", tmp_path / "file", "--once", "--data", tmp_path / "node", **ENVIRONMENT)
    assert refused(run, "cannot be used as a drop folder")
