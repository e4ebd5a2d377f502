"""The story: a day at the border as data (`story/day.toml`), played through the node's own doors over HTTP.

Each step says when, who, what is done, and where the declaration then stands. A step that comes to anything else ends
the story with a fault, so a story that was told is one that holds.
"""

import json
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import msgspec

from landsea.errors import BuildFault, EnvironmentFault, InputError
from landsea.node.clock import micros

from .intake import Named
from .numbers import Numbers

PATIENCE = 60  # seconds for one answer


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody in the story: who they are to the reader, and the party and role of their key."""

    name: str
    party: str
    role: str


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody does: lodges a file, or sends `say` to `path`, and what it comes to. With neither, they look."""

    at: datetime
    who: str
    does: str
    about: str = ""  # the declarant's reference of the declaration it is about
    lodge: str = ""
    path: str = ""
    say: dict[str, Any] | list[Any] | None = None
    stands: str = ""
    awaits: list[str] = []
    refused: str = ""  # why it is refused, as a fixed code
    account: str = ""  # of whoever looks


class Scene(msgspec.Struct, forbid_unknown_fields=True):
    """Steps that belong together, at one node."""

    title: str
    steps: list[Step]


class Day(msgspec.Struct, forbid_unknown_fields=True):
    """The whole story, beginning when its clock does."""

    begins: datetime
    timezone: str
    people: dict[str, Person]
    scenes: list[Scene]

    @property
    def declarant(self) -> str:
        """The one of them who declares."""
        return next(name for name, person in self.people.items() if person.role == "trader")

    @property
    def secured(self) -> Decimal:
        """What they secure in all."""
        said = (step.say for scene in self.scenes for step in scene.steps)
        acts = [one for one in said if isinstance(one, dict) and one.get("kind") == "secured"]
        return sum((Decimal(one["content"]["amount"]) for one in acts), Decimal())


class Told(msgspec.Struct):
    """One line of the story as it was played: what was done, and where that led."""

    at: datetime
    who: str
    does: str
    came_to: str


class Hands:
    """The hands of the story's clock: turned from step to step, and between steps they go on by themselves."""

    def __init__(self, at: datetime) -> None:
        self.turn(at)

    def turn(self, at: datetime) -> None:
        """It is this instant now."""
        self._at, self._since = micros(at), time.monotonic_ns()

    def __call__(self) -> int:
        """Microseconds since 1970."""
        return self._at + (time.monotonic_ns() - self._since) // 1000


def day_in(folder: Path) -> Day:
    """The story told in this folder. Raises InputError where it is not made as stories are."""
    try:
        return msgspec.convert(tomllib.loads((folder / "day.toml").read_text("utf-8")), Day)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{folder / 'day.toml'}: {error}") from None


@dataclass
class Stage:
    """A node as the people of the story meet it: its address, their keys, the clock, the numbers given so far."""

    address: str
    day: Day
    folder: Path
    keys: Mapping[str, str]
    turn: Callable[[datetime], None]  # the node's clock stands there from now on
    numbers: Numbers = field(default_factory=Numbers)
    answers: list[tuple[str, bytes, bytes | None]] = field(default_factory=list)  # name, answer, what was lodged

    def play(self, scene: Scene) -> Iterator[Told]:
        """Each step as it was played. Raises BuildFault for one that comes to anything else than is told."""
        zone = ZoneInfo(self.day.timezone)
        for number, step in enumerate(scene.steps, start=1):
            self.turn(step.at)
            person = self.day.people[step.who]
            came_to = self._played(step, f"{step.who}-{number}")
            yield Told(step.at.astimezone(zone), person.name, step.does, came_to)

    def _played(self, step: Step, reference: str) -> str:
        answer, body = self._sent(step, reference)
        said = answer.json() if answer is not None else {}
        if step.refused:
            _same(step, "refusal", said.get("reason"), step.refused)
            return f"refused: {said['detail']}"
        if answer is not None and answer.status_code >= 300:
            raise BuildFault(f"the story breaks off: {step.who} {step.does}: {said.get('detail', said)}")
        if answer is not None and isinstance(said, dict) and said.get("receipt"):
            self.answers.append((f"{step.who} {step.does}", answer.content, body))
        return "; ".join(self._outcome(step))

    def _sent(self, step: Step, reference: str) -> tuple[httpx2.Response | None, bytes | None]:
        if step.lodge:
            named = self.numbers.filled(Named(step.lodge, (self.folder / step.lodge).read_bytes()))
            answer = self._asked(step.who, "POST", "/v1/declarations", content=named.body, kind="application/xml")
            self.numbers.learn([named], [answer.json()])
            return answer, named.body
        if not step.path:
            return None, None
        said = {"reference": reference, **step.say} if isinstance(step.say, dict) else step.say
        asked = [self._filled(text) for text in (step.path, json.dumps(said))]
        return self._asked(step.who, "POST", asked[0], content=asked[1].encode(), kind="application/json"), None

    def _filled(self, text: str) -> str:
        return self.numbers.filled(Named("", text.encode())).body.decode()

    def _asked(self, who: str, method: str, path: str, kind: str = "", content: bytes | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.keys[who]}", **({"Content-Type": kind} if kind else {})}
        try:
            return httpx2.request(method, self.address + path, content=content, headers=headers, timeout=PATIENCE)
        except httpx2.TransportError as error:
            raise EnvironmentFault(f"the story breaks off, for the node no longer answers: {error}") from error

    def _outcome(self, step: Step) -> Iterator[str]:
        """Where the declaration then stands, as its declarant reads it, and how the account does."""
        declarant = self.day.declarant
        if step.about:
            stands = self._asked(declarant, "GET", self._filled(f"/v1/declarations/MRN OF {step.about}")).json()
            _same(step, "state", stands["state"], step.stands)
            _same(step, "awaits", stands["awaits"], step.awaits)
            awaits = [one.removeprefix("agency/") for one in stands["awaits"]]
            awaited = f", waits for {', '.join(awaits)}" if awaits else ""
            yield f"{stands['state'].replace('-', ' ')}{awaited}"
            if reason := (stands["act"] or {}).get("reason"):
                yield f"the importer reads: {reason}"
        if step.account:
            statement = self._asked(declarant, "GET", "/v1/statement").json()
            _same(step, "account", statement["closing"], step.account)
            yield f"account {statement['currency']} {Decimal(statement['closing']):,}"

    def statement(self, who: str) -> dict[str, Any]:
        """The account of this person, line by line."""
        found: dict[str, Any] = self._asked(who, "GET", "/v1/statement").json()
        return found

    def instruments(self, who: str) -> list[dict[str, Any]]:
        """The instruments of security of this person."""
        found: list[dict[str, Any]] = self._asked(who, "GET", "/v1/instruments").json()
        return found


def _same(step: Step, what: str, found: Any, told: Any) -> None:
    if found != told:
        raise BuildFault(f"the story says otherwise: {step.who} {step.does}: {what} is {found}, not {told}")
