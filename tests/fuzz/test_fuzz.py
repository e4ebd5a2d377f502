"""A short run of every fuzz target, the same each time; longer ones: see `targets.py`."""

import importlib.util
import pathlib
import subprocess
import sys

import pytest

from conftest import ROOT
from sheets import workbook

HERE = pathlib.Path(__file__).parent
SEEDS = {
    "xml": [path.read_bytes() for path in sorted((ROOT / "tests/cases/messages").glob("*.xml"))],
    "json": [(ROOT / "tests/cases/messages/twin.json").read_bytes(), b'[{"Declaration":{}},{}]', b"{}\n{}\n"],
    "sheet": [workbook([["HS", "MFN"], ["081060", "5"]]), b"HS,MFN\n081060,5\n"],
    "amendment": [path.read_bytes() for path in sorted((ROOT / "demonstration").glob("*amendment*.xml"))],
}


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="needs atheris, which has no build for this Python"
)
@pytest.mark.parametrize("target", SEEDS)
def test_a_reader_survives_what_a_fuzzer_makes_up(target, tmp_path):
    for number, seed in enumerate(SEEDS[target]):
        (tmp_path / f"seed-{number}").write_bytes(seed)
    options = ["-runs=400", "-seed=1", "-max_len=4096", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, str(HERE / "targets.py"), target, *options, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done 400 runs" in done.stderr
