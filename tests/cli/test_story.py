"""The story of the demonstration: a day as data is played through a node's doors, and holds or ends with a fault."""

import re
from datetime import timedelta

import httpx2
import pytest
from starlette.testclient import TestClient

from conftest import ROOT
from landsea.cli import story
from landsea.cli.scratch import corridor
from landsea.cli.story import Hands, Stage, day_in
from landsea.declaration.stage import Lodgement
from landsea.errors import BuildFault, InputError
from landsea.node.clock import Clock, instant
from landsea.window import create_app
from landsea.window.answer import answer_in

FOLDER = ROOT / "story"


@pytest.fixture(scope="module")
def day():
    return day_in(FOLDER)


@pytest.fixture
def stage(day, edition, monkeypatch):
    """A node of China as the people of the story meet it, without a network."""
    hands = Hands(day.begins)
    with corridor(Clock(source=hands), edition=edition) as nodes, TestClient(create_app(nodes.first)) as client:
        monkeypatch.setattr(story, "PATIENCE", httpx2.USE_CLIENT_DEFAULT)
        monkeypatch.setattr(story.httpx2, "request", client.request)
        keys = {name: nodes.first.access.grant(one.party, one.role) for name, one in day.people.items()}
        yield Stage("", day, FOLDER, keys, hands.turn)


def scene(day, count, **otherwise):
    """The first steps of the first scene, the last of them otherwise."""
    first = day.scenes[0]
    steps = first.steps[:count]
    changed = story.msgspec.structs.replace(steps[-1], **otherwise)
    return story.msgspec.structs.replace(first, steps=[*steps[:-1], changed])


def test_a_step_is_played_and_says_where_it_led(day, stage):
    told = list(stage.play(scene(day, 2)))
    assert [one.who for one in told] == ["treasury", "importer"]
    assert told[1].came_to == "registered, waits for arrival, duties, cn-quarantine; account CNY -188,496.00"
    assert f"{told[1].at:%H:%M %z}" == "21:30 +0800"
    assert len(stage.answers) == 2, "both are to be proved"


@pytest.mark.parametrize(
    ("otherwise", "words"),
    [
        ({"stands": "released"}, "state is registered, not released"),
        ({"awaits": ["arrival"]}, "awaits is"),
        ({"account": "0.00"}, "account is -188496.00, not 0.00"),
        ({"refused": "lapsed"}, "refusal is None, not lapsed"),
        ({"lodge": "", "path": "/v1/instruments", "say": {"kind": "raised"}}, "breaks off: importer"),
    ],
)
def test_a_step_that_comes_to_anything_else_ends_the_story(day, stage, otherwise, words):
    with pytest.raises(BuildFault, match=re.escape(words)):
        list(stage.play(scene(day, 2, **otherwise)))


def test_a_refusal_that_is_told_is_part_of_the_story(day, stage):
    said = {"kind": "raised", "content": {"instrument": "G-9", "amount": "1", "currency": "CNY"}}
    (told,) = stage.play(scene(day, 1, say=said, refused="unknown-instrument"))
    assert told.came_to.startswith("refused: ")


def test_the_clock_stands_where_it_is_turned_and_goes_on(day):
    hands = Hands(day.begins)
    clock = Clock(source=hands)
    assert timedelta() <= clock.now() - day.begins < timedelta(seconds=5)
    hands.turn(day.scenes[-1].steps[-1].at)
    first, later = hands(), hands()
    assert first <= later
    assert instant(first) - day.scenes[-1].steps[-1].at < timedelta(seconds=5)


def test_the_steps_stand_in_the_order_of_time(day):
    instants = [day.begins, *(step.at for one in day.scenes for step in one.steps)]
    assert instants == sorted(instants)


def test_a_story_with_a_member_nobody_knows_is_refused(tmp_path):
    (tmp_path / "day.toml").write_text((FOLDER / "day.toml").read_text("utf-8") + "moon = 1\n", "utf-8")
    with pytest.raises(InputError, match="moon"):
        day_in(tmp_path)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda p: p.name)
def test_a_file_of_the_story_says_that_it_is_synthetic(path):
    assert "SYNTHETIC DEMONSTRATION DATA" in path.read_text("utf-8")


def test_each_message_is_answered_by_the_node_of_whom_it_is_addressed_to():
    bodies = [
        (ROOT / "demonstration" / name).read_bytes()
        for name in ("rail-02-vientiane-import-car-parts.xml", "sea-01-qinzhou-export-tiles.json")
    ]
    with corridor() as nodes:
        now = nodes.clock.now()
        lao, chinese = nodes.clear([Lodgement(body, "P", now) for body in bodies])
        assert [nodes.of(body).settings.administration for body in bodies] == ["LA", "CN"]
        assert answer_in(lao.document).mrn[2:4] == "LA"
        assert answer_in(chinese.document).mrn[2:4] == "CN"
        assert nodes.of(b"ResponsibleCountryCode>XX<") is nodes.first
