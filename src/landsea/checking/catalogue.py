"""The catalogue: every rule there is, published word for word as `schedules/landsea/rules.csv`."""

from functools import cache

import polars as pl

from landsea.errors import BuildFault

from . import document, goods_item, header, origin, party, permit, transport, valuation
from .rule import Rule

SUBJECTS = (header, goods_item, valuation, origin, transport, permit, document, party)


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules, by subject and then by number. Raises BuildFault where two share an id."""
    rules = [found for module in SUBJECTS for found in vars(module).values() if isinstance(found, Rule)]
    if len({rule.id for rule in rules}) != len(rules):
        raise BuildFault("two rules of the catalogue share an id; each id belongs to one rule for ever")
    return tuple(sorted(rules, key=lambda rule: (_subjects().index(rule.subject), rule.id)))


def _subjects() -> list[str]:
    return [module.__name__.rsplit(".", 1)[-1] for module in SUBJECTS]


def published() -> pl.DataFrame:
    """The catalogue as it stands in `rules.csv`: id, version, severity, subject, pointer, reference, requirement."""
    return pl.DataFrame(
        [
            {
                "id": rule.id,
                "version": rule.version,
                "severity": rule.severity.name.lower(),
                "subject": rule.subject,
                "pointer": " ".join(dict.fromkeys(place.path for place in rule.places.values())),
                "reference": rule.reference,
                "requirement": rule.requirement,
            }
            for rule in catalogue()
        ]
    )
