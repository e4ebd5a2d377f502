"""A node that is warm has loaded what it needs, and has promised nothing."""

import subprocess
import sys

WARMED = """
import sys, pathlib
from landsea.codes import locode, nomenclature
from landsea.node.assemble import Node
from landsea.node.settings import Settings
with Node(Settings(data=pathlib.Path(sys.argv[1]))) as node:
    assert not locode.locodes.cache_info().currsize
    node.warm()
    assert locode.locodes.cache_info().currsize
    assert nomenclature._of_length.cache_info().currsize
"""


def test_warming_loads_the_lists_a_declaration_asks_for(tmp_path):
    subprocess.run([sys.executable, "-c", WARMED, str(tmp_path / "node")], check=True, timeout=120)


def test_warming_commits_no_declaration(node):
    node.warm()  # the first of a day commits the seed of its random selection
    with node.store.reading() as connection:
        before = node.log.size(connection)
    node.warm()
    with node.store.reading() as connection:
        assert node.log.size(connection) == before
