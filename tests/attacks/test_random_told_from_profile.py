"""The lie: "your goods were drawn at random", told to one whom a risk profile chose.

A trader, carrier or agency that could tell the two apart would know what customs knows. So the same declaration lives
its whole life on nodes that are alike to the last key and second: chosen there by the draw, here by a profile, there by
an officer. All that anybody but customs can read is compared byte for byte, status lines, headers and their order too.
Where a byte hangs on what is hidden, it is a digest under a secret salt: each of those becomes as many dots, and two
random selections, between which there is nothing to tell, differ at just the same places.
"""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import polars as pl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from databases import quiet
from landsea.codes.edition import Edition
from landsea.declaration.stage import Lodgement
from landsea.node import lodging, records, tables
from landsea.node.access import ROLES
from landsea.node.clock import Clock, micros
from landsea.node.gather import STANDING, gather
from landsea.node.seeds import Seeds
from landsea.node.settings import Settings
from landsea.risk.sampling import draws
from landsea.window import create_app
from landsea.wire import read
from lodged import PARTY, amendment, declaration, invalidation

MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
OTHER = "LA0100000777"
CUSTOMS = {"officer", "auditor", "operator"}
SEEN_BY = [role for role in ROLES if role not in CUSTOMS]
HASHES = {"proof", "withheld"}  # of receipts: digests that cover what is hidden
SHUT = (401, 403)


class Way(NamedTuple):
    """How the goods come to be controlled: where the draw falls, whether a profile hits, whether an officer stops them,
    whether the stop list names them; `seed` tells which of the seeds that do so is the day's."""

    drawn: bool = False
    watched: bool = False
    stopped: bool = False
    listed: bool = False
    seed: int = 0


RANDOM, RANDOM_AGAIN = Way(drawn=True), Way(drawn=True, seed=1)
PROFILE, BOTH = Way(watched=True), Way(drawn=True, watched=True)
OFFICER, LISTED, NOBODY = Way(stopped=True), Way(listed=True), Way()


class Chance:
    """Bytes for `os.urandom` that are the same on every node, however many a step before took."""

    def __init__(self) -> None:
        self.begin("start")

    def begin(self, step: str) -> None:
        self.step, self.taken = step, 0

    def __call__(self, count: int) -> bytes:
        self.taken += 1
        return hashlib.shake_256(f"{self.step}/{self.taken}".encode()).digest(count)


def law(edition: Edition, control: str) -> Edition:
    """Half of all declarations are drawn for this control, and those of a watched operator are chosen for it."""
    profile = {
        **edition.documents["LA/risk_profiles"]["profiles"][0],
        "id": "LA-SECRET-7",
        "control": control,
        "applies": 'operator_grade = "watched"',
    }
    shares = {"physical": "0.000001", control: "0.5"}  # what a stop may order is drawn now and then, too
    risk = {**edition.documents["LA/risk_profiles"], "profiles": [profile], "random": shares}
    collects = {**edition.documents["LA/administration"], "release": "covered"}
    documents = {**edition.documents, "LA/risk_profiles": risk, "LA/administration": collects}
    return replace(edition, digest=f"test:random-or-profile/{control}", documents=documents)


def others_declaration():
    """What another trader declares that morning."""
    return declaration("LIFE-X").replace(b"CSQU3054383", b"MSKU6011672").replace(PARTY.encode(), OTHER.encode())


def seed_for(body: bytes, way: Way, edition: Edition) -> bytes:
    """A day's seed by which the draw falls on this declaration, or does not, and never on the other one."""
    given = (Lodgement(body, PARTY, MORNING, "LA"), Lodgement(others_declaration(), OTHER, MORNING, "LA"))
    lot = read(given, edition).lot
    seeds = (bytes([n]) * 32 for n in range(256))
    fitting = (seed for seed in seeds if [d < 2**63 for d in draws(lot, seed)["draw"]] == [way.drawn, False])
    return [next(fitting) for _ in range(way.seed + 1)][-1]


def knowing(way: Way):
    """What a node knows of the operator, as the profile sees it; no interface tells it."""
    graded = [(PARTY, "watched" if way.watched else "plain", date(2020, 1, 1))]
    frame = pl.DataFrame(graded, schema=STANDING, orient="row")

    def gathered(*asked, **more):
        known = gather(*asked, **more)
        return replace(known, frames={**known.frames, "standing": frame})

    return gathered


class Life:
    """One node on which one declaration lives; `seen` has every answer that somebody outside customs got."""

    def __init__(self, folder, edition, way, chance):
        self.now, self.chance, self.way, self.seen, self.steps = MORNING, chance, way, [], 0
        self.shut: set[tuple[str, str]] = set()
        chance.begin("start")
        settings = Settings(data=folder, administration="LA")
        self.node = quiet(settings, edition, Clock(source=lambda: micros(self.now)))
        self.client = TestClient(create_app(self.node))
        self.keys = {role: self.node.access.grant(PARTY if role == "trader" else role, role) for role in ROLES}
        self.keys["second officer"] = self.node.access.grant("second", "officer")
        self.keys["other trader"] = self.node.access.grant(OTHER, "trader")
        paths = self.client.get("/openapi.json").json()["paths"]
        self.reads = [path for path, methods in paths.items() if "{mrn}" in path and "get" in methods]
        self.reads += [path for path, methods in paths.items() if "{" not in path and "get" in methods]

    def ask(self, role, method, path, **how):
        """A request of somebody outside customs; the answer is kept."""
        headers = {"Authorization": f"Bearer {self.keys[role]}", **how.pop("headers", {})}
        answer = self.client.request(method, path, headers=headers, **how)
        self.seen.append((role, method, path, answer.status_code, answer.headers.raw, answer.content))
        return answer

    def customs(self, role, kind, mrn, **content):
        """An act of customs, of which others see only what follows."""
        said = {"kind": kind, "reference": f"{kind}-{self.steps}", "content": content}
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        answer = self.client.post(f"/v1/declarations/{mrn}/acts", json=said, headers=headers)
        assert answer.status_code in (201, 409), answer.text
        return answer

    def list(self, container):
        """A container is on the stop list, by two officers."""
        said = {"kind": "container", "value": container, "control": "physical", "reason": "word from abroad"}
        said |= {"basis": "Art. 1", "valid_from": "2020-01-01", "reference": "STOP"}
        headers = [{"Authorization": f"Bearer {self.keys[who]}"} for who in ("officer", "second officer")]
        asked = self.client.post("/v1/stops", json=said, headers=headers[0])
        assert asked.status_code == 201, asked.text
        path = f"/v1/stops/{asked.json()['id']}/confirm"
        done = self.client.post(path, json={"reference": "CONFIRM"}, headers=headers[1])
        assert done.status_code == 201, done.text

    def step(self, name):
        """A minute later, with chance of its own; everybody reads all they may."""
        self.steps += 1
        self.now += timedelta(minutes=1)
        self.chance.begin(f"{self.steps} {name}")

    def read_all(self, mrn):
        """Everybody outside customs reads all there is, but knocks at each shut door only once."""
        for door in [(role, path) for role in (*SEEN_BY, "other trader") for path in self.reads]:
            if door not in self.shut and self.ask(door[0], "GET", door[1].replace("{mrn}", mrn)).status_code in SHUT:
                self.shut.add(door)
        self.ask("trader", "GET", f"/v1/declarations/{mrn}/responses", headers={"Accept": "application/xml"})

    def lodge(self, body, role="trader"):
        return self.ask(role, "POST", "/v1/declarations", content=body, headers={"Content-Type": "application/xml"})

    def act(self, role, kind, mrn, **content):
        said = {"kind": kind, "reference": f"{role}-{kind}-{self.steps}", "content": content}
        return self.ask(role, "POST", f"/v1/declarations/{mrn}/acts", json=said)


def whole_life(life, kind, amended):
    """From lodgement to the books: what a trader, a carrier, the treasury and an agency do, and try to."""
    body = declaration("LIFE-1", kind=kind)
    life.step("two officers put these goods on the stop list, or else others that never come")
    life.list("CSQU3054383" if life.way.listed else "TGHU7000006")
    life.step("another's")
    others = life.lodge(others_declaration(), "other trader")
    life.step("lodged")
    mrn = life.lodge(body).json()["mrn"]
    life.read_all(mrn)
    life.step("repeated, and another under the reference")
    life.lodge(body)
    life.lodge(declaration("LIFE-1", price="1.00", kind=kind))
    life.step("an officer stops these goods, or else another's")
    stopped = mrn if life.way.stopped else others.json()["mrn"]
    assert life.customs("officer", "intercepted", stopped, reason="word from abroad").status_code == 201
    life.read_all(mrn)
    life.step("asked too early")
    for one, content in ATTEMPTS:
        life.act("trader", one, mrn, **content)
    life.act("carrier", "removed", mrn)
    if amended:
        life.step("amended")
        life.lodge(amendment("LIFE-1", mrn, "19000.00"))
        life.read_all(mrn)
    life.step("arrived")
    goods = [{"kind": "mrn", "value": mrn}, {"kind": "container", "value": "CSQU3054383"}]
    life.ask("carrier", "POST", "/v1/arrivals", json={"reference": "TRUCK", "goods": goods})
    life.read_all(mrn)
    life.step("a query and its answer")
    life.customs("officer", "queried", mrn, question="Which grade of steel?")
    life.read_all(mrn)
    life.act("trader", "answered", mrn, answer="S235")
    for one, content in ATTEMPTS:
        life.act("trader", one, mrn, **content)
    life.lodge(amendment("LIFE-1", mrn, "20000.00"))
    life.lodge(invalidation("LIFE-1", mrn))
    life.step("paid")
    due = sum(int(one["amount"]) for one in status(life, mrn)["duties"] if one["state"] == "payable")
    life.act("treasury", "paid", mrn, amount=str(due), currency="LAK")
    life.read_all(mrn)
    life.step("controlled")
    life.customs("officer", "examined", mrn, findings="as declared")
    life.customs("officer", "released", mrn)
    life.read_all(mrn)
    life.step("gone")
    life.act("carrier", "removed", mrn)
    life.act("trader", "review-requested", mrn, instance="administrative", grounds="the tariff line")
    life.customs("officer", "review-decided", mrn, instance="administrative", annulled=False, reasons="as it was")
    life.customs("officer", "audited", mrn, findings="books in order")
    life.lodge(invalidation("LIFE-1", mrn))
    life.read_all(mrn)


ATTEMPTS = (
    ("answered", {"answer": "nobody asked"}),
    ("review-requested", {"instance": "administrative", "grounds": "too slow"}),
    ("review-requested", {"instance": "judicial", "grounds": "too slow"}),
    ("supplemented", {"declaration": "LIFE-2"}),
    ("intercepted", {"reason": "I may not"}),
)


def status(life, mrn):
    return life.client.get(f"/v1/declarations/{mrn}", headers={"Authorization": f"Bearer {life.keys['trader']}"}).json()


@pytest.fixture
def lived(tmp_path, edition, monkeypatch):
    """Lets the declaration live on a node of its own and tells all that was seen of it."""
    chance = Chance()
    monkeypatch.setattr(os, "urandom", chance)
    nodes = []

    def live(way, kind="IMD", control="physical", *, amended=True):
        ours = law(edition, control)
        body = declaration("LIFE-1", kind=kind)
        monkeypatch.setattr(lodging, "gather", knowing(way))
        monkeypatch.setattr(Seeds, "of", lambda *_: seed_for(body, way, ours))
        life = Life(tmp_path / f"node-{len(nodes)}", ours, way, chance)
        nodes.append(life.node)
        whole_life(life, kind, amended)
        return life

    yield live
    for node in nodes:
        node.close()


def open_of(content):
    """An answer without what hangs on hidden content: each digest that covers it as many dots as it has characters."""
    try:
        return json.dumps(_dotted(json.loads(content)), ensure_ascii=False)
    except ValueError:
        return content


def _dotted(value, name=""):
    if isinstance(value, dict):
        return {key: _dotted(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_dotted(one, name) for one in value]
    if not isinstance(value, str):
        return value
    if name == "header":
        return json.dumps({key: "." * len(one) if key == "groups" else one for key, one in json.loads(value).items()})
    if name == "checkpoint":
        return [line if at < 2 else "." * len(line) for at, line in enumerate(value.splitlines())]
    return "." * len(value) if name in HASHES else value


def different(one, other, plainly=False):
    """The answers that two lives differ in: their number, who asked what, and both; `plainly` without any dots."""
    assert [seen[:3] for seen in one.seen] == [seen[:3] for seen in other.seen]
    found = []
    for at, (mine, theirs) in enumerate(zip(one.seen, other.seen, strict=True)):
        ours = (*mine[3:5], mine[5] if plainly else open_of(mine[5]), len(mine[5]))
        others = (*theirs[3:5], theirs[5] if plainly else open_of(theirs[5]), len(theirs[5]))
        if ours != others:
            found.append((at, mine[:3], ours, others))
    return found


def selected(life):
    """By what the goods were selected, as officers and auditors may read it of each decision."""
    found = []
    with life.node.store.reading() as connection:
        leaves = connection.execute(select(tables.records.c.leaf).order_by(tables.records.c.leaf)).scalars().all()
        for one in records.read(connection, life.node.ledger.keys, leaves).values():
            found += [json.loads(blob.data)["selected_by"] for blob in one.blobs or () if blob.group == "reasons@1"]
    return set(found[1:]) - {"none"}  # the first is another's; no request of the declarant is selected


@pytest.mark.parametrize(
    ("kind", "control"),
    [("IMA", "physical"), ("IMA", "documents"), ("IMD", "physical"), ("IMD", "documents"), ("IMD", "audit")],
)
def test_no_byte_tells_a_random_selection_from_one_by_profile(lived, kind, control):
    drawn, again, chosen = (lived(way, kind, control) for way in (RANDOM, RANDOM_AGAIN, PROFILE))
    assert (selected(drawn), selected(again), selected(chosen)) == ({"random"}, {"random"}, {"profile"})
    assert not different(drawn, chosen)
    places = [[at for at, *_ in different(drawn, other, plainly=True)] for other in (again, chosen)]
    assert places[0] == places[1]


def test_a_profile_on_top_of_the_draw_adds_no_byte(lived):
    assert not different(lived(RANDOM), lived(BOTH))


def test_goods_an_officer_stopped_before_they_came_are_like_those_drawn(lived):
    drawn, stopped = lived(RANDOM, amended=False), lived(OFFICER, amended=False)
    assert not selected(stopped)
    assert not different(drawn, stopped)


def test_goods_on_the_stop_list_are_like_those_drawn(lived):
    drawn, listed = lived(RANDOM, amended=False), lived(LISTED, amended=False)
    assert selected(listed) == {"profile"}  # a stop is a control like any other
    assert not different(drawn, listed)


def test_before_the_goods_arrive_nobody_hears_whether_they_will_be_controlled(lived):
    drawn, free = lived(RANDOM), lived(NOBODY)
    arrival = next(at for at, (_, _, path, *_) in enumerate(drawn.seen) if path == "/v1/arrivals")
    differing = different(drawn, free)
    assert differing, "these two are told apart once the goods are there"
    assert min(at for at, *_ in differing) > arrival
