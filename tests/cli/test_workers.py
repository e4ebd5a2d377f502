"""A node on several cores is one node: whoever is asked, and whichever of its processes falls."""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue

import httpx2
import pytest

from databases import quiet
from landsea.cli.door import listening, reserved
from landsea.cli.workers import LONGEST, Crew, pause_after
from landsea.errors import EnvironmentFault
from landsea.node.settings import Settings
from lodged import declaration

pytestmark = pytest.mark.xdist_group("workers")
SERVE = [sys.executable, "-c", "from landsea.cli import main; main()", "serve", "--listen", "127.0.0.1:0"]


class Served:
    """A node served by two workers: its parent process, address, keys, and what its log tells."""

    def __init__(self, process, keys):
        self.process, self.keys = process, keys
        self.lines = Queue()
        told = itertools.chain(process.stderr, [""])
        threading.Thread(target=lambda: [self.lines.put(line) for line in told], daemon=True).start()
        self.pids = {}
        self.address = re.search(r"http://\S+\d", self.until("answers at"))[0]

    def until(self, word):
        """The first line from now on that has this word; it has minutes to come, machines are shared."""
        end = time.monotonic() + 200
        while True:
            line = self.lines.get(timeout=max(0, end - time.monotonic()))
            if '"worker serves"' in line:
                told = json.loads(line)
                self.pids[told["worker"]] = told["pid"]
            if word in line:
                return line
            assert line, f"the node ended before it told {word}"

    def ask(self, method, path, role="trader", **more):
        """The answer, over a connection of its own: any worker may be the one that gives it."""
        headers = {"Authorization": f"Bearer {self.keys[role]}", "Content-Type": "application/xml"}
        with httpx2.Client(base_url=self.address, headers=headers, timeout=60) as client:
            return client.request(method, path, **more)

    def lodge(self, lrn):
        return self.ask("POST", "/v1/declarations", content=declaration(lrn))


@contextmanager
def serving(settings, edition):
    with quiet(settings, edition) as node:
        keys = {role: node.access.grant("mai", role) for role in ("trader", "operator")}
    said = {"LANDSEA_DATA": str(settings.data), "LANDSEA_DATABASE": settings.database, "LANDSEA_WORKERS": "2"}
    env = {**os.environ, **said, "LANDSEA_ADMINISTRATION": settings.administration}
    with subprocess.Popen(SERVE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield Served(process, keys)
        finally:
            process.kill()  # whatever failed, the run goes on; its workers end by themselves


@pytest.fixture
def served(settings, edition):
    with serving(settings, edition) as node:
        yield node


def test_one_node_whoever_is_asked_and_whichever_worker_falls(served):
    with ThreadPoolExecutor(16) as pool:  # the odds that one worker alone takes sixteen connections are 1 in 30,000
        together = [pool.submit(served.lodge, "TWICE") for _ in range(16)]
        answers = [one.result() for one in together]
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.content for answer in answers}) == 1

    acknowledged = {"TWICE": answers[0].content} | lodged_while_one_is_killed(served)
    for lrn, content in acknowledged.items():
        again = served.lodge(lrn)
        assert (again.status_code, again.content) == (200, content)

    told = [decided(served.ask("GET", "/v1/metrics", "operator").text) for _ in range(8)]
    assert all(one == told[0] for one in told)
    decisions, size = told[0]
    assert sum(decisions.values()) * 2 + 2 == size, "two records a declaration, and those of two day seeds"

    served.process.send_signal(signal.SIGTERM)
    assert "has stopped" in served.until("stopped")
    assert served.process.wait(30) == 0


def decided(metrics):
    """How many decisions there were by outcome, and the size of the log: the same whichever worker is asked."""
    figures = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[0] != "#")
    counted = {name: int(value) for name, value in figures.items() if name.startswith("landsea_decisions")}
    return counted, int(figures["landsea_log_size"])


def lodged_while_one_is_killed(served):
    """What was acknowledged while a worker was killed and came back; the other answers all the while."""
    acknowledged, back = {}, threading.Event()

    def lodging(name):
        number, left_alone = 0, 0
        while not back.is_set():
            number += 1
            try:
                answer = served.lodge(f"{name}{number}")
            except httpx2.TransportError:  # it was the killed one's
                left_alone += 1
                continue
            assert answer.status_code == 201
            acknowledged[f"{name}{number}"] = answer.content
        return left_alone

    with ThreadPoolExecutor(6) as pool:
        senders = [pool.submit(lodging, name) for name in "ABCDEF"]
        while len(acknowledged) < 6:
            time.sleep(0.05)
        os.kill(served.pids[1], signal.SIGKILL)
        before = len(acknowledged)
        fell = json.loads(served.until('"worker fell"'))
        served.until('"worker serves"')
        back.set()
        left_alone = sum(sender.result() for sender in senders)
    assert (fell["worker"], fell["exit"], fell["again_in"]) == (1, -signal.SIGKILL, 0)
    assert len(acknowledged) > before, "the other worker went on"
    assert left_alone <= 12, "only what was on its way to the killed one is left without an answer"
    return acknowledged


def test_workers_whose_parent_died_end_by_themselves(tmp_path, edition):
    with serving(Settings(data=tmp_path / "node"), edition) as served:
        assert served.ask("GET", "/v1/health").status_code == 200
        served.process.kill()
        end = time.monotonic() + 60
        while answers(served.address) and time.monotonic() < end:
            time.sleep(0.1)
        assert not answers(served.address)


def answers(address):
    """Whether anybody takes connections there."""
    host, port = address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), 10).close()
    except ConnectionError:
        return False
    return True


def test_an_address_that_a_node_serves_is_not_shared_with_another():
    with reserved("127.0.0.1:0") as kept:
        where = "{}:{}".format(*kept.getsockname())
        with listening(where, shared=True), pytest.raises(EnvironmentFault, match="cannot be listened on"):
            reserved(where).__enter__()


def test_a_worker_that_cannot_even_start_is_the_nodes_fault_in_one_sentence(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o755)
    with reserved("127.0.0.1:0") as door, pytest.raises(EnvironmentFault, match="keys is open to others"):
        Crew(Settings(data=tmp_path, workers=2), door).serve(pytest.fail)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_worker_that_falls_again_and_again_is_given_time():
    pauses = [pause_after(falls) for falls in range(9)]
    assert pauses[:2] == [0, 0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST
