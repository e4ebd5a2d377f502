import io
import json
from datetime import UTC, datetime

from landsea.node.clock import Clock, micros
from landsea.node.observation import Observation

CLOCK = Clock(5, lambda: micros(datetime(2026, 11, 21, tzinfo=UTC)))


def test_an_event_is_one_line_of_json_with_its_instant():
    out = io.StringIO()
    Observation(CLOCK, out).tell("committed", records=2, first="00ff")
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == {
        "at": "2026-11-21T00:00:00+00:00",
        "event": "committed",
        "records": 2,
        "first": "00ff",
    }


def test_counters_and_gauges_are_told_in_prometheus_form():
    observation = Observation(CLOCK, io.StringIO())
    observation.count("lodgements", 'outcome="held"')
    observation.count("lodgements", 'outcome="held"', 2)
    observation.count("lodgements", 'outcome="released"')
    observation.count("lots")
    assert observation.metrics(waiting=3, log_size=12).splitlines() == [
        "# TYPE landsea_lodgements counter",
        'landsea_lodgements{outcome="held"} 3',
        'landsea_lodgements{outcome="released"} 1',
        "# TYPE landsea_lots counter",
        "landsea_lots 1",
        "# TYPE landsea_log_size gauge",
        "landsea_log_size 12",
        "# TYPE landsea_waiting gauge",
        "landsea_waiting 3",
    ]
