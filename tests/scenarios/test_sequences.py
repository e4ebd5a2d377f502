"""What customs told declarants, scenario by scenario, and what this node tells them: the same, for four of five.

Each scenario is played on a node (`play`) whose administration collects before it releases (`law`), under the message
profile `uk-dms`, and what its declarant hears is compared with the table's column of notifications, or with the
notifications themselves where the scenario's folder holds them. Statuses must come in the same order. Calculations must
be as many on the same stimulus; where among its statuses they come is not fixed, for column and notifications of one
scenario contradict each other in it, which a test below counts.

`pytest tests/scenarios -k sequences -s` prints the table of what is not reproduced, with the reasons.
"""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
from lxml import etree

from conftest import SHARED, needs_shared, schedule_files
from databases import quiet
from landsea.codes.edition import edition_of
from landsea.node.settings import Settings
from scenarios import law, play, sequence

WCO = SHARED / "samples" / "wco"
SCENARIOS = WCO / "scenarios"
QUERY = "QRY"  # of which there is no example
pytestmark = needs_shared


@dataclass
class Scenario:
    """A row of the table with what lies in its folder, and what came of it: how it `agrees`, or why it does not."""

    reference: str
    additional: str
    told: sequence.Told
    sent: sequence.Told
    messages: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    outcome: str = ""
    reason: str = ""

    @property
    def theirs(self):
        """What a player goes by: the notifications themselves where they are all there, in their order."""
        return self.sent if self.sent.by_declaration and sequence.holds(self.sent, self.told) else self.told

    @property
    def lacking(self):
        """Why our messages cannot express what set it off; empty where they can."""
        kinds = Counter("declaration" if step.kind == "declaration" else "request" for step in self.steps)
        heard = Counter(self.theirs.all)
        if not heard:
            return "the declarant is said to hear nothing"
        if not self.messages and not self.broken:
            return "there is no file of it"
        if self.broken:
            return "a message of it is no XML"
        if heard["REQ"] > kinds["request"] or heard["ACC"] > kinds["declaration"]:
            return "a message of it has no file"
        return ""

    @property
    def steps(self):
        return play.steps(self.messages, self.additional)


def scenarios():
    names = [*sequence.codes(SCENARIOS / "Example_DMS_notifications"), QUERY]
    with (WCO / "scenarios.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            reference = row["Annotated Sample Reference"]
            folder = next((one for one in _folders(reference) if one.is_dir()), None)
            told = sequence.told(row["Notification Messages"], names)
            sent = sequence.sent(folder, names) if folder else sequence.Told({})
            made = Scenario(reference, row["Additional Messages"], told, sent)
            for path in sorted(folder.iterdir()) if folder else ():
                if path.suffix.lower() == ".xml" and not sequence.NAME.search(path.name):
                    _placed(path, made)
            yield made


def _folders(reference):
    """Where its files lie: under its reference, at times with a letter more; some are marked as updated, or dropped."""
    name = reference.removeprefix("Updated ").split(" ")[0]
    return SCENARIOS / name, SCENARIOS / f"{name}a"


def _placed(path, scenario):
    try:
        document = etree.parse(str(path)).getroot()
    except etree.XMLSyntaxError:
        document = None
    if document is None or next(document.iter("{*}Declaration"), None) is None:
        scenario.broken.append(path.name)
    else:
        scenario.messages.append((path.name, document))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Every scenario that can be played, played."""
    found = list(scenarios())
    edition = edition_of(law.over(schedule_files()))
    settings = Settings(data=tmp_path_factory.mktemp("node"), administration="GB", message_profile="uk-dms")
    with quiet(settings, edition) as node:
        for number, scenario in enumerate(found):
            if not scenario.lacking:
                heard = play.Play(node, f"S{number}", scenario.theirs)
                heard.through(scenario.steps)
                _compared(scenario, heard)
    return found


def _compared(scenario, heard):
    witnesses = [one for one in (scenario.told, scenario.sent) if one.by_declaration]
    scenario.outcome = min((_agrees(one, heard) for one in witnesses), key=sequence.DEGREES.index)
    if scenario.outcome not in sequence.REPRODUCED:
        number, theirs = next(iter(scenario.theirs.by_declaration.items()))
        ours = tuple(name for names in heard.ours(number) for name in names)
        scenario.reason = sequence.parted(ours, theirs, heard.errors())


def _agrees(witness, heard):
    """How far all declarations of the scenario agree: as the one that agrees least."""
    degrees = (sequence.agrees(heard.ours(number), theirs) for number, theirs in witness.by_declaration.items())
    return max(degrees, key=sequence.DEGREES.index)


def test_the_notification_sequences_of_four_scenarios_in_five_are_reproduced(played):
    expressible = [one for one in played if not one.lacking]
    reproduced = [one for one in expressible if one.outcome in sequence.REPRODUCED]
    share = len(reproduced) / len(expressible)
    exactly = sum(one.outcome == "exactly" for one in reproduced)
    print(
        f"\n{len(reproduced)} of {len(expressible)} sequences reproduced ({share:.1%}), {exactly} of them to the letter"
    )
    for title, reasons in (
        ("not reproduced", {one.reference: one.reason for one in expressible if one not in reproduced}),
        ("not expressible", {one.reference: one.lacking for one in played if one.lacking}),
    ):
        print(f"\n{title}: {len(reasons)}\n{_table(reasons)}")
    assert len(played) == 191
    assert len(expressible) >= 170
    assert share >= 0.8
    assert all(one.reason for one in expressible if one not in reproduced)


def _table(reasons):
    found = defaultdict(list)
    for reference, reason in reasons.items():
        found[reason].append(reference.removeprefix("TT_"))
    ordered = sorted(found.items(), key=lambda row: (-len(row[1]), row[0]))
    return "\n".join(f"{len(names):4}  {reason:60} {' '.join(names)}" for reason, names in ordered)


def test_the_place_of_calculations_is_contradicted_by_the_notifications_of_the_same_scenario():
    """Why the sequences above are compared without it."""
    both = [one for one in scenarios() if sorted(one.told.all) == sorted(one.sent.all) != []]
    contradicted = [one for one in both if one.told.all != one.sent.all]
    elsewhere = [one for one in contradicted if sequence.statuses(one.told.all) == sequence.statuses(one.sent.all)]
    print(f"\n{len(elsewhere)} of {len(both)} columns have calculations elsewhere than the notifications")
    assert len(both) >= 40
    assert len(elsewhere) >= len(both) // 5


def test_the_codes_of_responses_are_those_of_the_example_notifications():
    codes = sequence.codes(SCENARIOS / "Example_DMS_notifications")
    ours = {name: int(response) for response, name in play.NAMES.items()}
    assert {name: codes.get(name) for name in ours if name != QUERY} == {n: c for n, c in ours.items() if n != QUERY}


@pytest.mark.parametrize(
    ("column", "heard"),
    [
        ("DMSACC | DSMTAX(1) | DMSCLE", {0: ("ACC", "TAX", "CLE")}),
        ("DMSACC = Function Code 01 | DMSRVC", {0: ("ACC", "RCV")}),
        ("Trader Notifications: | Dec1: DMSREJ | Dec2: DMSACC, DMSCLE | CSP (Pull) Notifications: | DMSTAX",
         {1: ("REJ",), 2: ("ACC", "CLE")}),
        ("CSP: EMR1, EMR2 | Trader: DMSRCV, DMSACC", {0: ("RCV", "ACC")}),
        ("EMR(1), EMR(2)", {}),
    ],
)  # fmt: skip
def test_the_column_of_notifications_is_read_as_it_is_written(column, heard):
    assert sequence.told(column, ["ACC", "TAX", "CLE", "RCV", "REJ"]).by_declaration == heard


@pytest.mark.parametrize(
    ("ours", "theirs", "degree"),
    [
        (["ACC TAX", "TAX CLE"], "ACC TAX TAX CLE", "exactly"),
        (["ACC TAX TAX CLE"], "TAX ACC CLE TAX", "in order"),
        (["RCV TAX", "RCV ACC TAX"], "RCV RCV TAX ACC TAX", "other calculations"),
        (["ACC TAX CLE"], "ACC CLE", "other calculations"),
        (["ACC CLE TAX"], "CLE ACC TAX", "other statuses"),
        (["ACC"], "ACC CLE", "other statuses"),
    ],
)
def test_sequences_agree_as_far_as_their_statuses_and_calculations_do(ours, theirs, degree):
    assert sequence.agrees([tuple(names.split()) for names in ours], tuple(theirs.split())) == degree
