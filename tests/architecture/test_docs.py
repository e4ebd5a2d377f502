"""The manual can fail: its links, words, tables and picture are compared with the program."""

import importlib
import pkgutil
import re

import pytest

import landsea
from conftest import ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def glossary() -> list[list[str]]:
    """The rows of the glossary: term, source, meaning, where it lives."""
    rows = [line.strip("| ").split("|") for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines()]
    return [[cell.strip() for cell in row] for row in rows if len(row) == 4][2:]


def lives(name: str) -> bool:
    """Whether this dotted name below `landsea` is a module, or a thing in one."""
    try:
        importlib.import_module(f"landsea.{name}")
    except ModuleNotFoundError:
        module, _, thing = name.rpartition(".")
        return bool(module) and hasattr(importlib.import_module(f"landsea.{module}"), thing)
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_link_leads_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row[0])
def test_a_word_of_the_glossary_lives_in_the_code(row):
    names = re.findall(r"`([\w.]+)`", row[3])
    assert names
    assert all(lives(name) for name in names)


def test_each_package_stands_in_the_glossary():
    named = {name.split(".")[0] for row in glossary() for name in re.findall(r"`([\w.]+)`", row[3])}
    assert {m.name for m in pkgutil.iter_modules(landsea.__path__)} <= named


def test_a_word_stands_once():
    words = [row[0] for row in glossary()]
    assert len(words) == len(set(words))


def test_the_life_of_a_declaration_tells_each_hop_of_the_picture():
    from landsea.cli.picture import HOPS

    told = re.findall(r"^## \d\. (\w+)", (ROOT / "docs/life-of-a-declaration.md").read_text("utf-8"), re.MULTILINE)
    assert [hop.verb for hop in HOPS] == [word.lower() for word in told]
    for hop in HOPS:
        assert lives(hop.module.removeprefix("landsea.")), hop.module


def test_the_picture_is_the_one_the_project_draws():
    from landsea.cli.picture import picture

    assert (ROOT / "docs/picture.svg").read_text("utf-8") == picture(), "draw it anew: ./run picture --write"


def test_the_picture_is_well_formed_and_tells_those_who_cannot_see_it():
    from lxml import etree

    drawn = etree.fromstring((ROOT / "docs/picture.svg").read_bytes())
    names = {etree.QName(child).localname for child in drawn}
    assert {"title", "desc"} <= names


def test_the_table_of_settings_is_the_one_the_node_reads():
    from landsea.node.settings import manual

    page = (ROOT / "docs/guides/operator.md").read_text("utf-8")
    table = page.partition("compared by a test -->\n")[2].partition("<!-- /settings -->")[0]
    assert table == manual(), "the settings changed; put the output of node.settings.manual() into the guide"


def test_the_guide_names_each_command():
    from landsea.cli import COMMANDS

    page = (ROOT / "docs/guides/operator.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"landsea {command}" in page, command


def test_the_readme_asks_for_exactly_two_commands():
    fences = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    commands = [line.split("#")[0].strip() for fence in fences for line in fence.splitlines()]
    assert commands == ["./run demo", "./run test"]


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_what_was_decided_refused_and_when_to_reconsider(page):
    text = page.read_text("utf-8")
    assert text.startswith("# ")
    assert text.count("\n") <= 60
    for part in ("**Decided.**", "**Why.**", "**Refused.**", "**Reconsider**"):
        assert part in text
