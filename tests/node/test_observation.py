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
