"""The drop folder: whole files only, each exactly once, answered and moved, whatever happens in between."""

import csv
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree
from relay_victim import relay, watched
from sqlalchemy import func, select

from databases import quiet
from landsea.errors import EnvironmentFault, InputError
from landsea.node import legacy, records, tables
from landsea.node.clock import Clock, micros
from landsea.node.legacy import DONE, REFUSED, adapters
from landsea.node.relay import relay_of
from landsea.node.reporting import COLUMNS, REPORT, written
from landsea.node.settings import Settings
from landsea.transparency import audit
from landsea.wire.sniff import Unreadable
from sad import ASSESSED, RELEASED, item, sad, tax

LEDGER = (
    "entry,office,entered_on,kind,reference,declarant,importer,hs,goods,origin,procedure,price,currency,status\n"
    "7,LABTN,1/11/2026,IM,Z7,LA0100000001,LA0100000001,87089900,Steel parts,CN,4000,10,USD,Released\n"
    "8,LABTN,1/11/2026,IM,Z8,LA0100000001,LA0100000001,87089900,Steel parts,CN,4000,20,USD,\n"
    "7,LABTN,1/11/2026,IM,Z7,LA0100000001,LA0100000001,87082100,Belts,CN,4000,30,USD,Released\n"
)


def noon():
    """A clock that runs, on a day after those that the declarations here are of."""
    start = time.time_ns()
    return Clock(source=lambda: micros(datetime(2026, 11, 25, 12, tzinfo=UTC)) + (time.time_ns() - start) // 1000)


@pytest.fixture
def lao(tmp_path, edition):
    """A node beside the Lao national system, on SQLite; what is tested on both databases says so."""
    settings = Settings(data=tmp_path / "node", administration="LA", authority_mode="relays")
    with quiet(settings, edition, noon()) as node:
        yield node


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def answer(folder, name, where=DONE):
    """The answer to a SAD: what each element says, and its findings' rules."""
    (one,) = etree.parse(folder / where / f"{name}.answer.xml").getroot()
    return {e.tag: e.text or "" for e in one if e.tag != "Finding"}, [e.findtext("Rule") for e in one.iter("Finding")]


def counted(node, kind=None):
    """How many records there are, of a kind or of all."""
    query = select(func.count()).select_from(tables.records)
    with node.store.reading() as connection:
        return connection.execute(query if kind is None else query.where(tables.records.c.kind == kind)).scalar_one()


def standing(node):
    """Number and version of the declarations as they stand."""
    with node.store.reading() as connection:
        return dict(connection.execute(select(tables.declarations.c.mrn, tables.declarations.c.version)).all())


def test_a_dropped_sad_is_recorded_answered_and_moved(lao, folder):
    (folder / "a.xml").write_bytes(sad("1"))
    told = watched(lao, folder).once()
    assert told == Counter({"done": 1, "declarations": 1})
    assert names(folder) == []
    assert names(folder / DONE) == ["a.xml", "a.xml.answer.xml"]
    said, _ = answer(folder, "a.xml")
    assert (said["Reference"], said["Status"], said["Refused"]) == ("LABTN-2026-C1", "registered", "")
    with lao.store.reading() as connection:
        assert said["Record"] in set(connection.execute(select(tables.records.c.id)).scalars())


def test_a_later_file_on_the_same_declaration_is_its_next_version(lao, folder):
    for n, boxes in enumerate(({}, ASSESSED, RELEASED)):
        (folder / f"{n}.xml").write_bytes(sad("1", **boxes))
    assert watched(lao, folder).once()["declarations"] == 3
    assert standing(lao) == {"LABTN-2026-C1": 3}
    assert answer(folder, "2.xml")[0]["Status"] == "released"
    with lao.store.reading() as connection:
        assert connection.execute(select(func.count(tables.records.c.dossier.distinct()))).scalar_one() == 1


def test_the_same_file_under_any_name_is_known_and_answered_the_same(lao, folder):
    (folder / "a.xml").write_bytes(sad("1"))
    watched(lao, folder).once()
    records = counted(lao)
    (folder / "a.xml").write_bytes(sad("1"))
    (folder / "b.xml").write_bytes(sad("1"))
    assert watched(lao, folder).once() == Counter({"done": 2, "repeated": 2})
    assert counted(lao) == records
    assert answer(folder, "a.xml") == answer(folder, "b.xml")
    assert names(folder / DONE) == ["a.xml", "a.xml.answer.xml", "b.xml", "b.xml.answer.xml"]


def test_another_file_of_a_name_already_done_overwrites_neither_it_nor_its_answer(lao, folder):
    for number in "12":
        (folder / "a.xml").write_bytes(sad(number))
        watched(lao, folder).once()
    assert names(folder / DONE) == ["a.xml", "a.xml.answer.xml", "a~2.xml", "a~2.xml.answer.xml"]
    assert answer(folder, "a.xml")[0]["Reference"] == "LABTN-2026-C1"
    assert answer(folder, "a~2.xml")[0]["Reference"] == "LABTN-2026-C2"


def test_a_table_is_answered_row_by_row(lao, folder):
    (folder / "ledger-1.csv").write_text(LEDGER + ",,,,,,,,,,,,,\n" + ",LABTN,,,,,,,,,,,,\n")
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 2, "declined": 1})
    rows = list(csv.DictReader((folder / DONE / "ledger-1.csv.answer.csv").read_text().splitlines()))
    assert list(dict.fromkeys(row["reference"] for row in rows)) == ["LABTN-2026-7", "LABTN-2026-8", ""]
    assert "no entry" in rows[-1]["refused"]
    assert all(row["record"] for row in rows[:-1])


def test_what_is_hostile_is_refused_with_its_reason_and_holds_up_nothing(lao, folder):
    (folder / "a.xml").write_bytes(b'<!DOCTYPE a [<!ENTITY x "y">]><ASYCUDA>&x;</ASYCUDA>')
    (folder / "b.xml").write_bytes(b"\x00\xff not a file")
    (folder / "c.xml").write_bytes(sad("3"))
    (folder / "d.csv").write_text("entry\n1\n")
    (folder / "e.xml").write_bytes(sad("", Declarant__Reference__Number="", Declarant__Reference__Year=""))
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 1, "refused": 4})
    assert "document type" in answer(folder, "a.xml", REFUSED)[0]["Refused"]
    assert "number or a reference" in answer(folder, "e.xml", REFUSED)[0]["Refused"]
    assert "no table of legacy.toml" in (folder / REFUSED / "d.csv.answer.csv").read_text()
    assert counted(lao, "declaration-relayed") == 1


def test_what_nobody_maps_is_named_in_one_finding_and_kept(lao, folder):
    (folder / "a.xml").write_bytes(sad("1", more="<Terms><Code>10</Code></Terms><Odd>1</Odd>"))
    watched(lao, folder).once()
    assert answer(folder, "a.xml")[1].count("WIR-021") == 1


def test_only_files_that_have_come_to_rest_are_taken(lao, folder):
    for name in ("a.xml.part", ".b.xml", "c.tmp", "d.xml.filepart", "e.txt"):
        (folder / name).write_bytes(sad("1"))
    (folder / "f.xml").mkdir()
    (folder / "g.xml").symlink_to(folder / "a.xml.part")
    (folder / "h.xml").write_bytes(sad("8"))
    watching = watched(lao, folder, settle=60.0)
    assert watching.once() == Counter({"left": 1})
    os.utime(folder / "h.xml", (time.time() - 61,) * 2)
    assert watching.once()["done"] == 1
    assert len(list(folder.iterdir())) == 9


def test_a_file_whose_clock_runs_ahead_is_taken_once_it_does_not_change(lao, folder):
    (folder / "a.xml").write_bytes(sad("1"))
    os.utime(folder / "a.xml", (time.time() + 3600,) * 2)
    watching = watched(lao, folder, settle=0.05)
    assert watching.once() == Counter({"left": 1})
    time.sleep(0.1)
    assert watching.once()["done"] == 1


def test_a_file_cut_short_waits_for_the_rest_and_is_refused_when_none_comes(lao, folder):
    whole = sad("1")
    (folder / "a.xml").write_bytes(whole[:500])
    watching = watched(lao, folder, patience=60.0)
    assert watching.once() == Counter({"left": 1})
    (folder / "a.xml").write_bytes(whole)
    assert watching.once()["done"] == 1
    (folder / "b.xml").write_bytes(whole[:500])
    os.utime(folder / "b.xml", (time.time() - 61,) * 2)
    assert watching.once()["refused"] == 1


@pytest.mark.parametrize("stage", ["_answered", "_move", "_stored"])
def test_a_fall_after_the_commit_repeats_nothing(lao, folder, monkeypatch, stage):
    for n in range(3):
        (folder / f"{n}.xml").write_bytes(sad(str(n + 1)))

    def fall(*_):
        raise EnvironmentFault("the power went")

    with monkeypatch.context() as falling:
        falling.setattr(legacy.DropFolder, stage, fall)
        with pytest.raises(EnvironmentFault):
            watched(lao, folder).once()
    assert len(names(folder)) == 3
    assert watched(lao, folder).once() == Counter({"done": 3, "repeated": 3})
    assert counted(lao, "declaration-relayed") == 3
    assert set(standing(lao).values()) == {1}


def test_a_fall_in_the_middle_of_an_answer_leaves_no_half_of_it(tmp_path, monkeypatch):
    written(tmp_path / "a", b"before")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(EnvironmentFault, match="No space left"):
        written(tmp_path / "a", b"after")
    assert (tmp_path / "a").read_bytes() == b"before"


def test_two_that_watch_one_folder_record_each_file_once(lao, folder):
    for n in range(45):
        (folder / f"{n:02}.xml").write_bytes(sad(str(n + 1)))
    one, other = watched(lao, folder), watched(lao, folder)
    batches = [one._batch(set()), other._batch(set())]
    told = one._taken(batches[0]) + other._taken(batches[1]) + one.once()
    assert (told["declarations"], told["repeated"], told["done"]) == (45, 20, 65)
    assert counted(lao, "declaration-relayed") == 45


def test_a_file_that_brings_the_node_to_fall_is_refused_alone(lao, folder, monkeypatch):
    blobs = legacy.sad_xml.translated

    def odd(body, *rest):
        found = blobs(body, *rest)
        return type(found)(None, body, found.national) if b"R2<" in body else found

    monkeypatch.setattr(legacy.sad_xml, "translated", odd)
    for n in range(4):
        (folder / f"{n}.xml").write_bytes(sad(str(n + 1)))
    assert watched(lao, folder).once() == Counter({"done": 3, "declarations": 3, "refused": 1})
    assert answer(folder, "1.xml", REFUSED)[0]["Refused"]


def test_what_was_erased_is_answered_so_and_not_recorded_again(lao, folder):
    (folder / "a.xml").write_bytes(sad("1"))
    watched(lao, folder).once()
    lao.retention.erase(lao.retention.dossier_of("LABTN-2026-C1"), "test", lao.edition.digest)
    (folder / "b.xml").write_bytes(sad("1"))
    assert watched(lao, folder).once() == Counter({"refused": 1, "repeated": 1})
    assert "erased" in answer(folder, "b.xml", REFUSED)[0]["Refused"]


def test_a_folder_that_is_none_is_refused_and_never_made(lao, tmp_path):
    (tmp_path / "file").write_text("x")
    for name, why in (("file", "is no folder"), ("drpo", "does not exist")):
        with pytest.raises(EnvironmentFault, match=f"cannot be used as a drop folder: it {why}"):
            watched(lao, tmp_path / name)
    assert not (tmp_path / "drpo").exists()


def report(folder):
    """The lines of the report, without the instant: file, reference, rule, place, what is said."""
    head, *lines = (folder / REPORT).read_text("utf-8").splitlines()
    assert tuple(head.split("\t")) == COLUMNS
    return [tuple(line.split("\t")[1:]) for line in lines]


def test_rows_of_a_declaration_that_contradict_each_other_are_recorded_and_told(lao, folder):
    odd = LEDGER.replace("7,LABTN,1/11/2026,IM,Z7,LA0100000001", "7,LABTN,1/11/2026,IM,Z7,LA0100000002", 1)
    (folder / "ledger-1.csv").write_text(odd)
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 2, "doubtful": 1})
    said = "row 4: LA0100000001, first row: LA0100000002"
    assert report(folder) == [("ledger-1.csv", "LABTN-2026-7", "WIR-060", "declarant", said)]
    rows = list(csv.DictReader((folder / DONE / "ledger-1.csv.answer.csv").read_text().splitlines()))
    (told,) = [row for row in rows if row["rule"] == "WIR-060"]
    assert (told["severity"], told["column"], told["value"]) == ("warning", "declarant", said)


def test_a_status_nobody_explained_is_told(lao, folder):
    (folder / "ledger-1.csv").write_text(LEDGER.replace("20,USD,", "20,USD,Shelved"))
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 2, "doubtful": 1})
    assert report(folder) == [("ledger-1.csv", "LABTN-2026-8", "WIR-062", "national/status", "Shelved")]


ODD = {
    "an unknown lane": ({"Selectivity__Lane": "Purple"}, ("WIR-061", "national/lane", "Purple")),
    "a day that is none": (
        {"Identification__Registration__Date": "31/02/2026"},
        ("WIR-063", "national/registered/date", "31/02/2026"),
    ),
    "a day to come": (
        {"Identification__Registration__Date": "1/1/2062"},
        ("WIR-063", "national/registered/date", "2062-01-01"),
    ),
    "a day of another age": (
        {"Identification__Registration__Date": "1/1/1926"},
        ("WIR-063", "national/registered/date", "1926-01-01"),
    ),
    "assessed before it was registered": (
        {**ASSESSED, "Identification/Assessment/Date": "1/11/2026"},
        ("WIR-064", "national/assessed/date", "assessed 2026-11-01, registered 2026-11-19"),
    ),
    "a sum below nought": ({"Financial__Amounts__Totals_taxes": "-5"}, ("WIR-065", "national/total_taxes", "-5")),
    "a sum nobody could pay": (
        {"Assessment_notice__Total_item_taxes": "9" * 30},
        ("WIR-065", "national/item_taxes", "9" * 30),
    ),
}


@pytest.mark.parametrize(("boxes", "told"), ODD.values(), ids=ODD)
def test_what_cannot_be_right_is_recorded_as_it_came_and_told(lao, folder, boxes, told):
    (folder / "a.xml").write_bytes(sad("1", **boxes))
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 1, "doubtful": 1})
    assert report(folder) == [("a.xml", "LABTN-2026-C1", *told)]
    assert told[0] in answer(folder, "a.xml")[1]


def test_a_tax_below_nought_names_its_goods_item(lao, folder):
    items = [item(), item([tax("ID", "100", "10", "-10")])]
    (folder / "a.xml").write_bytes(sad("1", items=items))
    watched(lao, folder).once()
    assert report(folder) == [("a.xml", "LABTN-2026-C1", "WIR-065", "national/amount", "-10 on goods item 2")]


def test_a_box_filled_twice_and_otherwise_is_told(lao, folder):
    body = sad("1").replace(
        b"<Export_country_code>CN<", b"<Export_country_code>TH</Export_country_code><Export_country_code>CN<"
    )
    (folder / "a.xml").write_bytes(body)
    watched(lao, folder).once()
    place = "General_information/Country/Export/Export_country_code"
    assert report(folder) == [("a.xml", "LABTN-2026-C1", "WIR-060", place, "TH | CN")]


def test_what_is_refused_stands_in_the_report_and_what_is_sound_does_not(lao, folder):
    (folder / "a.xml").write_bytes(sad("1", **RELEASED))
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 1})
    assert not (folder / REPORT).exists()
    (folder / "b.xml").write_text("<Awmds/>")
    watched(lao, folder).once()
    ((name, reference, rule, _, said),) = report(folder)
    assert (name, reference, rule) == ("b.xml", "", "")
    assert "goods declaration" in said


def test_of_a_lane_nobody_explained_no_trader_learns(lao, folder):
    """Whether a lane stands there at all is for officers: no group a trader may read depends on it."""
    shown = []
    for number, lane in (("1", "Purple"), ("2", "Green")):
        (kept,) = legacy_answers(lao, sad(number, Selectivity__Lane=lane))
        with lao.store.reading() as connection:
            found = records.read(connection, lao.ledger.keys, kept.leaves)
        groups = [(blob.group, blob.item, blob.data) for one in found.values() for blob in one.blobs]
        shown.append([one for one in groups if one[0] in ("advice@1", "findings@1")])
    assert shown[0] == shown[1]


def legacy_answers(node, body):
    stated = adapters(node.edition, "LA")
    return relay_of(node).answers([legacy.sad_xml.translated(body, stated.system, stated.sad)])


def test_a_pass_and_its_files_are_counted_for_monitoring(lao, folder):
    for n in range(3):
        (folder / f"{n}.xml").write_bytes(sad(str(n + 1)))
    (folder / "4.xml").write_text("<Awmds/>")
    watched(lao, folder).once()
    watched(lao, folder).once()  # nothing lies there: no pass that counts
    told = lao.metrics().splitlines()
    assert 'landsea_relayed_files{outcome="done"} 3' in told
    assert 'landsea_relayed_files{outcome="refused"} 1' in told
    assert "landsea_relay_passes{} 1" in told


def test_what_half_a_file_left_is_tidied(lao, folder):
    (folder / DONE).mkdir()
    (folder / DONE / ".a.xml.answer.xml.77.tmp").write_text("half")
    os.utime(folder / DONE / ".a.xml.answer.xml.77.tmp", (0, 0))
    watched(lao, folder)
    assert names(folder / DONE) == []


def test_an_adapter_that_leads_nowhere_is_told_with_its_file(edition):
    class Law:
        def named(self, name):
            return {"LA": {"table": {"x": {"colour": 1}}}} if name == "legacy" else edition.named(name)

    with pytest.raises(InputError, match=r"LA/legacy.toml: the table 'x' says colour"):
        adapters(Law(), "LA")
    assert adapters(edition, "CN").system.name == "ASYCUDAWorld"


# ------------------------------------------------------------------------------------------------------- killed


def dropped(folder, first, end):
    """Files as a careful system drops them, some first under another name."""
    for n in range(first, end):
        body = sad(str(n + 1), items=[item([tax("ID", "100", "10", "10")])], **ASSESSED)
        half = folder / f"{n:05}.xml.part"
        half.write_bytes(body)
        half.rename(folder / f"{n:05}.xml")


def killed(processes, settings, folder, seconds):
    """Runs a relay and kills it so long after it opened."""
    ours, theirs = processes.Pipe(duplex=False)
    victim = processes.Process(target=relay, args=(theirs, settings, folder), daemon=True)
    victim.start()
    theirs.close()
    assert ours.poll(120)
    assert ours.recv() == "open"
    time.sleep(seconds)
    victim.kill()
    victim.join(20)
    ours.close()
    assert victim.exitcode == -signal.SIGKILL, "the victim fell by itself"


def test_files_dropped_while_the_relay_is_killed_are_each_there_exactly_once(settings, edition, folder, request):
    settings = replace(settings, authority_mode="relays")
    count, seed = request.config.getoption("--dropped"), random.randrange(2**32)
    print(f"seed {seed}", file=sys.stderr)
    chance, kills, there = random.Random(seed), 0, 0
    processes = multiprocessing.get_context("spawn")
    while there < count or (kills < count // 60 and names(folder)):
        more = min(count, there + max(count // 40, 60))
        dropped(folder, there, more)
        there, kills = more, kills + 1
        killed(processes, settings, folder, chance.random() * max(1.2, count / 2500))
    print(f"{kills} kills, {count} files, {len(names(folder))} left for the last", file=sys.stderr)
    with quiet(settings, edition) as node:
        watched(node, folder).once()
        assert names(folder) == []
        assert standing(node) == {f"LABTN-2026-C{n + 1}": 1 for n in range(count)}
        with node.store.reading() as connection:
            kinds = dict(
                connection.execute(select(tables.records.c.kind, func.count()).group_by(tables.records.c.kind)).all()
            )
        assert kinds == dict.fromkeys(("declaration-relayed", "national-decision", "advice"), count)
        assert audit.audit(node.log.published, node.log.key).size == 3 * count
    given = [answer(folder, f"{n:05}.xml")[0] for n in range(count)]
    assert [one["Reference"] for one in given] == [f"LABTN-2026-C{n + 1}" for n in range(count)]
    assert len({one["Record"] for one in given}) == count


def test_a_file_cut_short_is_known_by_the_rules_it_breaks():
    for body in (b"", sad()[:300], sad()[:-3]):
        with pytest.raises(Unreadable) as raised:
            legacy.sad_xml.translated(body, legacy.System("x", "LA"))
        assert raised.value.rule in legacy._CUT_SHORT


def test_a_table_of_many_declarations_is_recorded_and_answered_whole(lao, folder, monkeypatch):
    monkeypatch.setattr(legacy, "STEP", 7)  # more records than are read at once
    head, row, *_ = LEDGER.splitlines()
    rows = [row.replace("7,", f"{n},", 1) for n in range(1, 61)]
    (folder / "ledger-2.csv").write_text("\n".join([head, *rows]))
    assert watched(lao, folder).once() == Counter({"done": 1, "declarations": 60})
    rows = list(csv.DictReader((folder / DONE / "ledger-2.csv.answer.csv").read_text().splitlines()))
    assert len({row["record"] for row in rows}) == 60
