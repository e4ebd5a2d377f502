from datetime import UTC, datetime

import pytest

from landsea.errors import EnvironmentFault
from landsea.node.clock import Clock, instant, micros

NOON = micros(datetime(2026, 11, 21, 12, tzinfo=UTC))
SECOND = 1_000_000


def at(micros):
    return Clock(5, lambda: micros)


def test_an_instant_survives_being_stored():
    for stored in (0, 1, NOON, NOON + 999_999, 253402300799999999):
        assert micros(instant(stored)) == stored


def test_time_goes_on():
    assert at(NOON + 1).log_time(NOON) == NOON + 1


@pytest.mark.parametrize("back", [1, 5 * SECOND])
def test_a_small_step_back_is_absorbed(back):
    assert at(NOON - back).log_time(NOON) == NOON


def test_after_a_large_step_back_commits_are_refused_until_time_has_caught_up():
    with pytest.raises(EnvironmentFault, match="commits are refused until time has caught up"):
        at(NOON - 5 * SECOND - 1).log_time(NOON)
    assert at(NOON).log_time(NOON) == NOON


def test_the_machine_tells_the_time_in_utc():
    assert Clock().now().utcoffset().total_seconds() == 0
    assert Clock().now() > datetime(2026, 1, 1, tzinfo=UTC)
