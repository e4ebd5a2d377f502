"""A scenario, played on a node: its messages are lodged, its goods arrive and leave, officers and the treasury act.

What comes when is read from the scenario alone: messages by the steps in their names, what happens to the goods from
the column of additional messages, each in the first step that is free. What officers decided (a control, documents
asked for, a query, a request granted or refused) is not worked out by customs' software, so it is taken from the
notifications themselves, when the turn comes; so is whether duties were paid or secured. Everything else is the node's.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from lxml import etree

from landsea.clearance.act import ACTS, Act, act_of
from landsea.clearance.instrument import Registration
from landsea.clearance.revenue import Account, Kind
from landsea.clearance.state import Response
from landsea.declaration.finding import Severity
from landsea.declaration.stage import Lodgement
from landsea.node import book
from lodged import decisions, mrn, shown
from scenarios.sequence import TAX, Told

DAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOODS = {"EAL": "arrived", "GAN": "arrived", "GPN": "presentation", "EDL": "exit"}
"""What additional messages say of the goods; all others are talk between carriers and the community system."""
AFTER_PAYMENT = ("ROG", "CLE", "RES")
REQUESTS = {"INV": "invalidation", "COR": "amendment", "GPR": "presentation"}
NAMES = {
    Response.ACCEPTED: "ACC",
    Response.RECEIVED: "RCV",
    Response.REJECTED: "REJ",
    Response.CONTROL: "CTL",
    Response.DOCUMENTS: "DOC",
    Response.AMENDED: "RES",
    Response.RELEASED: "ROG",
    Response.CLEARED: "CLE",
    Response.INVALIDATED: "INV",
    Response.REQUEST: "REQ",
    Response.TAX: TAX,
    Response.EXIT: "EOG",
    Response.QUERY: "QRY",
}
_PRESENTATION = """<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"><md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>
<md:WCOTypeName>DEC</md:WCOTypeName><md:ResponsibleCountryCode>GB</md:ResponsibleCountryCode>
<Declaration><FunctionCode>13</FunctionCode><FunctionalReferenceID>GPN</FunctionalReferenceID><ID>MRN</ID>
<TypeCode>GPR</TypeCode></Declaration></md:MetaData>"""


@dataclass
class Step:
    """What happens next, in its place: a message with its document, or what becomes of the goods."""

    place: float
    kind: str  # declaration, amendment, invalidation, presentation, arrived, exit
    document: object = None


def steps(messages, additional):
    """The steps of a scenario: messages (name, document) and the words of its column of additional messages."""
    made = [_of_message(name, document) for name, document in messages]
    taken = {step.place for step in made}
    free = (n for n in range(2, 99) if n not in taken)
    words = re.findall(
        r"(?:step ?(\d+):?)?[^|,]*?\b(EAL|EDL|GPN|GAN|EAA|EAC|CST|Amendment)\d?\b", additional, re.IGNORECASE
    )
    placed = [(int(number) if number else next(free), word.upper()) for number, word in words]
    late = [step for step in made if step.place == float("inf")]
    for place, word in placed:
        if word in GOODS:
            made.append(Step(place, GOODS[word], etree.fromstring(_PRESENTATION) if word == "GPN" else None))
        elif word == "AMENDMENT" and late:
            late.pop(0).place = place
    return sorted(made, key=lambda step: step.place)


def _of_message(name, document):
    declaration = _declaration(document)
    function, kind = (declaration.findtext(f"{{*}}{tag}") for tag in ("FunctionCode", "TypeCode"))
    number = re.search(r"Step_?(\d+)", name, re.IGNORECASE)
    what = REQUESTS[kind] if function == "13" else "declaration"
    return Step(int(number.group(1)) if number else 1 if what == "declaration" else float("inf"), what, document)


def _declaration(document):
    return next(document.iter("{*}Declaration"))


@dataclass
class Play:
    """One scenario on a node; `heard` has the names per declaration (from one), and of each which stimulus it was."""

    node: object
    reference: str
    theirs: Told
    numbers: list = field(default_factory=list)
    stimulus: int = 0
    heard: list = field(default_factory=list)  # (stimulus, declaration, name)
    seen: dict = field(default_factory=dict)
    gone: set = field(default_factory=set)
    acts: int = 0
    receipts: list = field(default_factory=list)

    @property
    def party(self):
        return f"GB{self.reference}"

    def through(self, made):
        """Every step is played."""
        for at, step in enumerate(made):
            self.stimulus = at
            if step.kind in ("arrived", "presentation"):
                self._ordered_in_advance()
            if step.kind in ("arrived", "exit"):
                for number in self._living():
                    self._moved(step.kind, number)
            elif step.kind == "presentation":
                for number in self._living():
                    self._lodged(step, number)
            else:
                self._lodged(step, self.numbers[-1] if self.numbers else None)
            self._followed(last=not any(later.kind != "exit" for later in made[at + 1 :]))

    def ours(self, declaration=0):
        """The names heard, stimulus by stimulus; of all declarations for nought."""
        mine = [(at, name) for at, which, name in self.heard if declaration in (0, which)]
        return [tuple(name for at, name in mine if at == stimulus) for stimulus in range(self.stimulus + 1)]

    def errors(self):
        """The rules that were broken, each once."""
        told = [
            blobs["findings@1"]["findings"]
            for receipt in self.receipts
            for _, blobs in shown(receipt)
            if "findings@1" in blobs
        ]
        return sorted({one["rule"] for findings in told for one in findings if one["severity"] == Severity.ERROR})

    def _living(self):
        gone = ("rejected", "invalidated")
        return [number for _, number in self._registered() if self._declared(number).state not in gone]

    def _registered(self):
        return [(which, number) for which, number in enumerate(self.numbers, start=1) if number]

    def _declared(self, number):
        return self.node.register.declared(number)

    def _moved(self, kind, number):
        if kind == "arrived":
            self.node.arriving.arrive("port", f"{self.reference}/{number}/{self.stimulus}", [("mrn", number)])
        elif self._declared(number).state in ("released", "cleared") and number not in self.gone:
            self.gone.add(number)
            self._act("removed", number, exit=True)
        self._listen()

    def _lodged(self, step, number):
        declaration = _declaration(step.document)
        self.acts += 1
        declaration.find("{*}FunctionalReferenceID").text = f"{self.reference}-{self.acts}"
        if step.kind != "declaration":
            declaration.find("{*}ID").text = number
        body = etree.tostring(step.document)
        (receipt,) = self.node.clear([Lodgement(body, self.party, DAY, "GB", "uk-dms")])
        if isinstance(receipt, Exception):
            raise receipt
        self.receipts.append(receipt)
        if "mrn" in aliases(receipt):
            if step.kind == "declaration":
                self.numbers.append(mrn(receipt))
            self._listen()
        else:  # registered under no number, so told of in the answer alone
            self.numbers.append(None)
            codes = [code for said in decisions(receipt) for code in said["responses"]]
            self._hear(len(self.numbers), codes)

    def _listen(self):
        for which, number in self._registered():
            receipts = self.node.register.receipts(number)
            told = [code for one in receipts for said in decisions(one) for code in said["responses"]]
            new = told[self.seen.get(number, 0) :]
            self.seen[number] = len(told)
            self._hear(which, new)

    def _hear(self, which, codes):
        self.heard += [(self.stimulus, which, NAMES[Response(code)]) for code in codes]

    def _next(self, which):
        """What they heard next, of statuses, and all that came after."""
        theirs = self.theirs.by_declaration.get(which) or self.theirs.by_declaration.get(0, ())
        statuses = [name for name in theirs if name != TAX]
        scope = (0, which) if which in self.theirs.by_declaration else None
        heard = sum(1 for _, one, name in self.heard if name != TAX and (scope is None or one in scope))
        return statuses[heard:]

    def _followed(self, *, last):
        for which, number in self._registered():
            while self._officer(number, self._next(which)) or self._pays(number, self._next(which), last=last):
                self._listen()

    def _ordered_in_advance(self):
        """What officers are about to tell when the goods are there, they ordered before."""
        for which, number in self._registered():
            coming = self._next(which)
            here = coming[coming.index("ACC") + 1 :][:1] if "ACC" in coming else []
            control = {"CTL": "physical", "DOC": "documents"}.get("".join(here))
            if control and self._declared(number).state.startswith("advance"):
                self._act("intercepted", number, control=control, **_stopped(control))

    def _officer(self, number, coming):
        """Whether an officer acted, as the scenario has it."""
        declared = self._declared(number)
        state, then = declared.state, coming[0] if coming else ""
        if state in ("amendment-requested", "invalidation-requested"):
            before = coming[: coming.index("RCV")] if "RCV" in coming else coming
            self._act("granted" if {"RES", "INV"} & set(before) else "refused", number, **_REASON)
        elif then == "CTL" and state in ("held", "awaiting"):
            self._act("intercepted", number, **_REASON)
        elif then == "DOC" and state == "examination":
            self._act("examined", number, findings="synthetic", conform=False)
        elif then == "DOC" and state == "awaiting":
            self._act("intercepted", number, control="documents", **_stopped("documents"))
        elif then == "QRY" and state not in ("cleared", "rejected", "invalidated"):
            self._act("queried", number, question="synthetic")
        elif {"CTL", "DOC"} & set(coming):
            return False
        elif state == "examination":
            self._act("examined", number, findings="synthetic")
        elif state == "held" and "answer" not in declared.awaits:
            self._act("released", number)
        elif state == "released" and then == "CLE" and "RES" not in coming and not self._due(number):
            self._act("audited", number, findings="synthetic")
        else:
            return False
        return True

    def _pays(self, number, coming, *, last):
        due, state = self._due(number), self._declared(number).state
        if not due or not (last or (coming and coming[0] in AFTER_PAYMENT)):
            return False
        money = {"amount": f"{due // 100}.{due % 100:02}", "currency": "GBP"}
        if "ROG" in coming and state != "released":
            instrument = f"{self.reference}-{self.acts}"
            self._pledge(instrument, money)
            self._act("secured", number, instrument=instrument, **money)
            self._listen()
            return self._pays(number, self._next(1), last=last)
        self._act("settled" if state == "released" else "paid", number, **money)
        return True

    def _due(self, number):
        with self.node.store.reading() as connection:
            balance = book.balance(connection)
            return balance(Account(Kind.DUE, "GBP", number))

    def _pledge(self, instrument, money):
        last = {"last_day": "2099-12-31", "holder": self.party, "form": "bank", "guarantor": "bank"}
        said = msgspec.convert({"instrument": instrument} | last | money, Registration)
        self.node.treasury.institute("treasury", f"pledge-{instrument}", "registered", said)

    def _act(self, kind, number, **content):
        role = next(role for role in ("treasury", "officer", "carrier", "trader") if role in ACTS[kind].roles)
        self.acts += 1
        asked = {name: said for name, said in content.items() if name in ACTS[kind].content.__struct_fields__}
        made = act_of(kind, asked, role)
        self.node.acting.act(Act(kind, role, role, f"{self.reference}-{self.acts}", number, made))


def aliases(receipt):
    """The names under which the node knows what it answered."""
    return dict(next(shown(receipt))[0]["aliases"])


_REASON = {"reason": "synthetic"}


def _stopped(control):
    """Documents are asked for where an entry of the stop list wants them."""
    return _REASON | ({"stop": "synthetic"} if control == "documents" else {})
