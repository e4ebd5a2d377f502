"""`landsea paper` and `landsea notices` at the command line, on a node with one declaration that was released."""

import os
import signal
import subprocess

import pytest
from test_commands import LANDSEA, landsea, refused

from databases import quiet
from landsea.node.clock import Clock, micros
from landsea.node.notice_sending import LEASE
from landsea.node.settings import Settings
from lodged import PARTY, calm_law, declaration, lodgement, mrn
from sinks import http_sink


@pytest.fixture(scope="module")
def law(edition):
    """The law of the edition, but Laos selects nobody."""
    return calm_law(edition)


def owing(folder, law, sink, *references):
    """The numbers of declarations that were released on a node in this folder, which owes their notices."""
    settings = Settings(data=folder, administration="LA", webhooks="demonstration")
    with quiet(settings, law) as node:
        node.sending.subscriptions.make(PARTY, "trader", "webhook", sink.url)
        bodies = [declaration(one, kind="IMA") for one in references]
        return [mrn(node.lodge(lodgement(body)).result(60)) for body in bodies]


@pytest.fixture(scope="module")
def released(tmp_path_factory, law):
    """The folder of the node, the number of the declaration, and a receiver that one notice is owed to."""
    folder = tmp_path_factory.mktemp("paper") / "node"
    with http_sink() as sink:
        (number,) = owing(folder, law, sink, "C-1")
        yield folder, number, sink


def run(folder, *arguments):
    environment = {"LANDSEA_ADMINISTRATION": "LA", "LANDSEA_WEBHOOKS": "demonstration"}
    return landsea(*arguments, "--data", folder, **environment)


def test_a_paper_is_written_as_pdf_or_printed_as_html(released, tmp_path):
    folder, number, _ = released
    file = tmp_path / "note.pdf"
    done = run(folder, "paper", number, "release-note", "--pdf", file)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"Release note LA-0000000003-R of {number} is written." in done.stderr
    assert file.read_bytes().startswith(b"%PDF-")
    page = run(folder, "paper", number, "gate-pass").stdout
    assert page.startswith("<!doctype html>")
    assert number in page


def test_a_paper_that_is_not_there_is_refused_in_one_sentence(released):
    folder, number, _ = released
    assert refused(run(folder, "paper", number, "examination-order"), "no control is ordered", "cleared")
    assert refused(run(folder, "paper", number, "licence"), "there is no paper 'licence'")
    assert refused(run(folder, "paper", "26LA0", "release-note"), "no declaration 26LA0")


def test_what_is_owed_is_sent_by_the_command(released):
    folder, number, sink = released
    assert run(folder, "notices", "--once").stdout == "1 notices are sent or given up.\n"
    assert [one["data"]["mrn"] for one in sink.bodies] == [number]
    assert run(folder, "notices", "--once").stdout == "0 notices are sent or given up.\n"


def test_a_sender_killed_between_sending_and_settling_loses_nothing_and_repeats_under_the_same_id(tmp_path, law):
    with http_sink() as sink:
        numbers = owing(tmp_path / "node", law, sink, "K-1", "K-2", "K-3")
        command = [*LANDSEA, "notices", "--data", str(tmp_path / "node")]
        environment = {**os.environ, "LANDSEA_ADMINISTRATION": "LA", "LANDSEA_WEBHOOKS": "demonstration"}
        running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        sink.before = lambda: running.kill() if len(sink.came) == 2 else None
        assert running.wait(60) == -signal.SIGKILL
        later = Clock(source=lambda: micros(Clock().now()) + LEASE)
        settings = Settings(data=tmp_path / "node", administration="LA", webhooks="demonstration")
        with quiet(settings, law, later) as node:
            while node.sending.once() >= 0:
                pass
    told = [one["data"]["mrn"] for one in sink.bodies]
    assert told == [*numbers[:2], *numbers]
    assert sink.ids[:2] == sink.ids[2:4]
    assert len(set(sink.ids)) == 3
