"""Whatever is done to a declaration and in whatever order: no goods are released while anything of it is open."""

import json
from dataclasses import replace
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from clearance.situation import LAW
from landsea.clearance.act import ACTS, Act, Refused, act_of
from landsea.clearance.change import Earlier, Standing
from landsea.clearance.condition import ordered
from landsea.clearance.docket import GROUP, Docket, held
from landsea.clearance.pledge import Pledge
from landsea.clearance.revenue import OUTSIDE, Account, Cover, Kind, cover, moved
from landsea.clearance.ruling import rule
from landsea.clearance.state import ADVANCE, CONTROLLED, State
from landsea.declaration.stage import Control
from landsea.dossier.blob import Blob

KIP = {"currency": "LAK"}
WHY = {"reason": "r"}
SAID = [
    *[("paid", {**KIP, "amount": amount}) for amount in ("0", "40", "100", "700")],
    *[("secured", {**KIP, "amount": amount, "instrument": "G"}) for amount in ("0", "60", "100")],
    *[(kind, {}) for kind in ("arrived", "presented", "released", "removed", "granted")],
    *[("examined", {"findings": "f", "conform": conform}) for conform in (True, False)],
    *[("intercepted", WHY), ("waived", WHY), ("rerouted", {**WHY, "control": "documents"}), ("refused", WHY)],
    *[("queried", {"question": "q"}), ("answered", {"answer": "a"}), ("supplemented", {"declaration": "M2"})],
    *[(kind, {**WHY, "right": "R"}) for kind in ("suspended", "suspension-lifted")],
    ("infringing", {**WHY, "right": "R", "told": "t"}),
    *[("review-requested", {"instance": instance, "grounds": "g"}) for instance in ("administrative", "judicial")],
    *[
        ("review-decided", {"instance": instance, "annulled": annulled, "reasons": "r", "claim": claim})
        for instance in ("administrative", "judicial")
        for annulled in (True, False)
        for claim in (None, "0", "250")
    ],
    ("audited", {"findings": "f", "claim": "300"}),
    *[("agency-answered", {"answer": one, **WHY}) for one in ("grant", "refuse", "examine", "sample", "not-conform")],
]
GRANTED, SUSPENDED = ("agency-answered", {"answer": "grant"}), ("suspended", {**WHY, "right": "R"})
OFTEN = [one for one in SAID if one[0] in ("paid", "secured", "presented", "released", "examined", "agency-answered")]
OPEN = (*ADVANCE, *CONTROLLED, State.AWAITING)
AT_LARGE = frozenset(
    {State.RELEASED, State.CLEARED, State.AMENDMENT_REQUESTED, State.INVALIDATION_REQUESTED, State.INVALIDATED}
)


def asking(agency):
    """The blob of a decision in which this agency asks for an examination."""
    ask = {"agency": agency, "rule": f"{agency}-1", "why": "", "action": "examination", "wanted": None}
    ask |= {"per": "consignment", "satisfied": False, "fee": None, "fee_currency": None}
    return Blob(GROUP, 1, json.dumps({"asks": [ask]}).encode())


class Life:
    """A declaration, and all that was done to it."""

    def __init__(self, state, agencies, *, dutiable, supplement):
        self.state, self.control, self.acts = state, Control.NONE, []
        self.asked = [asking(one) for one in agencies]
        self.books = {Account(Kind.FREE, "LAK", "G"): 500} | ({Account(Kind.DUE, "LAK", "M"): 100} if dutiable else {})
        own = {"arrival"} if state in ADVANCE else {"control"} if state in CONTROLLED else set()
        words = {"duties": dutiable, "supplement": supplement}
        own |= {word for word, stands in words.items() if stands} | {f"agency/{one}" for one in agencies}
        self.open = ordered(own)

    def balance(self, account):
        return self.books.get(account, 0)

    def standing(self):
        pledge = Pledge("G", "bank", "T", "BANK", "LAK", date.max)
        docket = Docket(self.asked, held(self.acts, 1), LAW, len(self.acts) + 1)
        first = Standing("M", "T", self.state, self.open, self.control, "LAK", 0, self.balance)
        secured = ["G"] if self.balance(Account(Kind.RESERVED, "LAK", "M", "G")) else []
        more = {"acts": list(self.acts), "docket": docket, "pledges": {"G": pledge}, "supplement": "M2"}
        return replace(first, instruments=secured, **more)

    def do(self, kind, content, who):
        """What is done, if it may be; whether the goods are let go by it."""
        stands, (role, *_) = self.standing(), sorted(ACTS[kind].roles, reverse=True)
        actor = {"trader": "T", "agency": "AB"[who]}.get(role, f"{role}-{who}")
        try:
            ruling = rule(Act(kind, actor, role, "R", "M", act_of(kind, content, role)), stands)
        except Refused:
            return False
        self.acts.append(Earlier(kind, actor, ruling.about, stands.place, ruling.proposed))
        if not ruling.proposed:
            self.books |= moved(self.balance, ruling.transfers)
        before, self.state, self.open, self.control = self.state, ruling.state, ruling.conditions, ruling.control
        return self.state in AT_LARGE and before not in AT_LARGE


ADMINISTRATIVE = {"instance": "administrative"}
APPEAL = ("review-requested", {**ADMINISTRATIVE, "grounds": "g"})
SEIZED = [("examined", {"findings": "f", "conform": False}), APPEAL]


def judged(claim=None, *, annulled):
    return ("review-decided", {**ADMINISTRATIVE, "annulled": annulled, "reasons": "r", "claim": claim})


@settings(max_examples=400, deadline=None)
@example(State.HELD, ("A",), True, False, [(one, 0) for one in (*SEIZED, judged(annulled=True), ("released", {}))])
@example(State.AWAITING, ("A",), False, False, [(one, 0) for one in (APPEAL, judged("250", annulled=False), GRANTED)])
@example(
    State.EXAMINATION,
    (),
    False,
    False,
    [(one, 0) for one in (SUSPENDED, *SEIZED[:1], *SEIZED, judged(annulled=True), ("released", {}))],
)
@given(
    state=st.sampled_from(OPEN),
    agencies=st.sampled_from([(), ("A",), ("A", "B")]),
    dutiable=st.booleans(),
    supplement=st.booleans(),
    acts=st.lists(st.tuples(st.sampled_from(SAID) | st.sampled_from(OFTEN), st.integers(0, 1)), max_size=25),
)
def test_no_goods_are_released_while_duties_agencies_or_rights_are_open(state, agencies, dutiable, supplement, acts):
    life = Life(state, agencies, dutiable=dutiable, supplement=supplement)
    for (kind, content), who in acts:
        if life.do(kind, content, who):
            stands = life.standing()
            assert set(life.open) <= {"supplement"}
            assert cover(life.balance, "M", "LAK", stands.instruments) is not Cover.OPEN
            assert stands.docket.waits() == frozenset()
            suspended = [one.kind for one in life.acts if one.about == "R"]
            assert not suspended or suspended[-1] != "suspended"
        assert all(on >= 0 for account, on in life.books.items() if account.kind not in OUTSIDE)
