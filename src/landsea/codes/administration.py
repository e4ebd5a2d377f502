"""What an administration says of itself in its schedule (`administration.toml`), and what holds where it is silent."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from landsea.codes.edition import Edition
from landsea.units import coin


class Coinage(NamedTuple):
    """The currency an administration claims in (XXX: none is known), and with how many decimals it is paid."""

    currency: str
    places: int

    @property
    def unit(self) -> int:
        """The smallest payable unit, in millionths."""
        return coin(self.places)


def law_of(edition: Edition, administration: str) -> Mapping[str, Any]:
    """What the administration has laid down of itself; nothing where the edition has no schedule of it."""
    found: Mapping[str, Any] = edition.named("administration").get(administration, {})
    return found


def coinage(law: Mapping[str, Any]) -> Coinage:
    """What amounts are of under this law; two decimals where it says nothing."""
    return Coinage(law.get("currency", "XXX"), int(law.get("places", 2)))


def zone(law: Mapping[str, Any]) -> ZoneInfo:
    """The time zone of this law; UTC where it says nothing."""
    return ZoneInfo(law.get("timezone", "UTC"))


def local_day(at: datetime, law: Mapping[str, Any]) -> date:
    """The day it is at this instant in the zone of this law."""
    return at.astimezone(zone(law)).date()
