"""The receipt: signed evidence that a message was recorded and what was decided on it, for one audience.

There is no other way to a receipt than from a `Committed`, and none to a `Committed` than through a finished commit. A
trader's receipt shows the blobs disclosed to traders, and the body they lodged closed, by its commitment only: they
have the body and can check that it is the one recorded. What is not shown is still proved to be there.
"""

from collections.abc import Set

from landsea.dossier.disclosure import Disclosure, disclose
from landsea.dossier.evidence import Proved, assemble
from landsea.dossier.group import BODY
from landsea.dossier.record import Sealed
from landsea.risk.reasons import Audience

from .committed import Committed
from .records import DISCLOSED


def receipt(committed: Committed, d: int, audience: Audience) -> bytes:
    """The receipt (`landsea/receipt/1`) of declaration row `d`. Raises KeyError for a row that was not committed."""
    proved = [
        Proved(r.sealed.header, r.sealed.salt, r.leaf, r.proof, shown_to(r.sealed, audience))
        for r in committed.records[d]
    ]
    return assemble(committed.key, committed.checkpoint, proved)


def shown_to(sealed: Sealed, audience: Audience) -> Disclosure:
    """What this audience may see of a record: the groups disclosed to it, and the body closed."""
    disclosed = DISCLOSED[audience]
    return disclose(sealed, lambda group, _: group in disclosed, lambda group, _: group == BODY)


def closed(committed: Committed, d: int) -> bytes:
    """The receipt of declaration row `d` with nothing shown of what its records contain: for anyone."""
    return disclosed(committed, d, frozenset())


def disclosed(committed: Committed, d: int, wanted: Set[tuple[str, int]]) -> bytes:
    """The receipt of declaration row `d` with these groups of these items shown, and of all else only hashes."""
    proved = [
        Proved(r.sealed.header, r.sealed.salt, r.leaf, r.proof, disclose(r.sealed, lambda *of: of in wanted))
        for r in committed.records[d]
    ]
    return assemble(committed.key, committed.checkpoint, proved)
