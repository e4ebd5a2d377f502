"""`landsea relay` as an operator runs it."""

import os
import signal
import subprocess
import time

import pytest
from test_commands import LANDSEA, landsea, refused

from sad import ASSESSED, sad


@pytest.fixture
def folder(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    for n, boxes in enumerate(({}, ASSESSED)):
        (drop / f"{n}.xml").write_bytes(sad("1", **boxes))
    (drop / "2.xml").write_text("<Awmds/>")
    return drop


ENVIRONMENT = {"LANDSEA_ADMINISTRATION": "LA", "LANDSEA_AUTHORITY_MODE": "relays"}


def test_what_lies_in_the_folder_is_relayed_once_and_told_in_one_sentence(folder, tmp_path):
    node = ("relay", folder, "--once", "--data", tmp_path / "node")
    run = landsea(*node, **ENVIRONMENT)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "2 declarations recorded, 0 known before; 2 files done, 1 refused, 0 still being written.\n"
    again = landsea(*node, **ENVIRONMENT)
    assert again.stdout.startswith("0 declarations recorded")


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
    assert "2 declarations recorded" in said


def test_a_folder_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    run = landsea("relay", tmp_path / "file", "--once", "--data", tmp_path / "node", **ENVIRONMENT)
    assert refused(run, "cannot be used as a drop folder")
