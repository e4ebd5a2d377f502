"""What an edition says on risk, read once: profiles, random shares, grounds and references of each administration.

The trader is told the ground of the *control*, never of the profile, and every control that a profile may ask for is
also drawn at random; so a trader cannot tell a random from a profile selection, neither by its words nor by its kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from landsea.codes.edition import Edition
from landsea.declaration.stage import Control
from landsea.errors import InputError
from landsea.units import MICRO, micro

from .profile import RANK, TriedProfile, profile_of

MOST_PROFILES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What a trader is told of a control: its legal ground and what they must do."""

    id: str
    law: str
    action: str


@dataclass(frozen=True, slots=True, eq=False)
class RiskLaw:
    """The risk part of one administration's schedule. Each is one with itself only, so that plans can be kept by it."""

    administration: str
    profiles: tuple[TriedProfile, ...]
    random: Mapping[Control, int]  # per million, highest control first
    grounds: Mapping[Control, Ground]
    sensitive: tuple[str, ...]  # HS chapters
    references: Mapping[str, float]  # HS heading or subheading → national currency per kg

    @property
    def random_share(self) -> int:
        """Declarations per million that are drawn at random for some control."""
        return sum(self.random.values())


@lru_cache(maxsize=16)
def risk_laws(edition: Edition) -> Mapping[str, RiskLaw]:
    """Administration → its risk law. Raises InputError for a profile or a share that cannot take effect."""
    return {issuer: _law(issuer, document) for issuer, document in edition.named("risk_profiles").items()}


def _law(administration: str, document: Mapping[str, Any]) -> RiskLaw:
    where = f"{administration}/risk_profiles.toml"
    try:
        grounds = {_control(where, c): Ground(g["id"], g["law"], g["action"]) for c, g in document["grounds"].items()}
        random = {_control(where, c): micro(share) for c, share in document["random"].items()}
        references = {r["hs"]: micro(r["value_per_kg"]) / MICRO for r in document.get("reference_values", ())}
    except KeyError as missing:
        raise InputError(f"{where}: {missing} is missing") from missing
    except ValueError as wrong:
        raise InputError(f"{where}: a share or value {wrong}") from wrong
    profiles = tuple(profile_of(row, where) for row in document.get("profiles", ()))
    ordered = {c: random[c] for c in sorted(random, key=RANK.__getitem__, reverse=True)}
    law = RiskLaw(administration, profiles, ordered, grounds, tuple(document.get("sensitive_chapters", ())), references)
    _contradictions(where, law)
    return law


def _control(where: str, name: str) -> Control:
    try:
        return Control[name.upper()]
    except KeyError as unknown:
        raise InputError(f"{where}: there is no control {name!r}") from unknown


def _contradictions(where: str, law: RiskLaw) -> None:
    names = [p.name for p in law.profiles]
    if len(names) > MOST_PROFILES or len(set(names)) < len(names):
        raise InputError(f"{where}: more than {MOST_PROFILES} profiles, or two of the same id and version")
    if not 0 <= law.random_share <= MICRO or min(law.random.values(), default=0) < 0:
        raise InputError(f"{where}: the random shares must be fractions that add up to at most 1")
    for control in sorted({p.control for p in law.profiles} | set(law.random)):
        if control not in law.grounds:
            raise InputError(f"{where}: the control {control.name.lower()} has no ground to tell the trader")
        if not law.random.get(control):
            raise InputError(
                f"{where}: profiles ask for {control.name.lower()}, which is never drawn at random; "
                "a trader would know that a profile chose them"
            )
