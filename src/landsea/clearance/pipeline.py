"""Clearing: hops 2 to 5. Start reading here.

Traders, brokers and carriers lodge declarations: statements that goods of this kind, quantity, origin and value are to
be imported, exported or moved on, and under which customs procedure. `wire.read` has made rows of what they lodged
(hop 1). A *lot* is any number of them; one declaration is a lot of one, so every calculation exists once.

1. **check** – is the declaration correctly made out? Every rule speaks, none interrupts another. What is wrong is a
   *finding*, a value with a pointer to the place, never an exception.
2. **assess** – which duties and taxes are due on each goods item, by the law of the day that applies to it? Every
   amount has a trace that explains it.
3. **select** – are the goods or papers to be controlled? Officers' risk profiles and a random draw that nobody can
   steer choose; the highest control wins.
4. **decide** – release, examine, hold or reject, with the ground; and where the declaration stands from now on.

Three things go in, and nothing else bears on the answer: the *lot*, what the node already *knows* that concerns it
(earlier declarations, operators' standing, the day's draws: frames gathered at one position of its log), and the
*edition* of the law. There is no clock, no chance, no disk and no network in here. So the same three give the same
bytes again, on another machine and years later, and the answer to a declaration never depends on the company it
travels in. What happens next, `node.commit` does: it writes the decision into the log, and only then is there a
*receipt* (`receipt`), which anyone can check.
"""

from landsea.checking.check import check
from landsea.codes.edition import Edition
from landsea.declaration.stage import Decided, Known, Lodged
from landsea.risk.select import select
from landsea.tariff import assess

from .decide import decide


def clear(lodged: Lodged, known: Known, edition: Edition) -> Decided:
    """Every declaration of the lot is checked, assessed, selected and decided; nothing is stored or promised yet."""
    checked = check(lodged, known, edition)
    assessed = assess(checked, known, edition)
    selected = select(assessed, known, edition)
    decided = decide(selected, known, edition)
    return decided  # noqa: RET504 - the four hops stand as four assignments
