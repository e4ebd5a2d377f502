"""Beside a national system, as the demonstration tells it: what it drops is relayed once, and decided nowhere else."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from landsea.clearance.act import Act, Plain
from landsea.declaration.stage import Lodgement
from landsea.errors import BuildFault, Relays
from landsea.node.clock import Clock
from landsea.node.legacy import DropFolder, adapters
from landsea.node.relay import relay_of
from landsea.window.answer import answer_in

from .scratch import corridor
from .story import Hands, Told

if TYPE_CHECKING:
    from landsea.codes.edition import Edition
    from landsea.node.assemble import Node

COUNTRY = "LA"
AT = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
Proof = tuple[str, bytes, str, bytes | None]
"""What an outsider checks: its name, the receipt, the key of its log, what was lodged."""


def relayed(edition: "Edition", folder: Path) -> Iterator[tuple[Told, Sequence[Proof]]]:
    """What happens with the national system's files in this folder on the day they were written, in a node that relays.

    Raises BuildFault where one is not recorded, or where the node decides anything.
    """
    hands, files = Hands(AT), sorted(folder.glob("sad-*.xml"))
    with (
        TemporaryDirectory(prefix="landsea-") as dropped,
        corridor(Clock(source=hands), COUNTRY, edition, authority_mode="relays") as nodes,
    ):
        node, drop = nodes.first, Path(dropped)
        zone = ZoneInfo(edition.named("administration")[COUNTRY]["timezone"])
        now = AT.astimezone(zone)
        for file in files:
            shutil.copy(file, drop)
        watched = DropFolder(drop, relay_of(node), adapters(edition, COUNTRY), settle=0)
        told = watched.once()
        if told["declarations"] != len(files) or told["doubtful"]:
            raise BuildFault(f"of {len(files)} files of the national system {told['declarations']} were recorded")
        receipts = [(mrn, node.register.receipts(mrn)[-1].document) for mrn in _numbers(node)]
        proofs = [(mrn, document, str(node.log.key), None) for mrn, document in receipts]
        does = f"drops {len(files)} files; the node records them."
        yield Told(now, "ASYCUDA", does, "; ".join(map(_said, receipts))), proofs
        mrn = receipts[-1][0]
        body = files[-1].read_bytes()
        yield Told(now, "importer", "lodges with the node too.", _refused(lambda: _lodged(node, body))), ()
        act = Act("released", "officer-1", "officer", "demonstration", mrn, Plain())
        yield Told(now, "officer", "would release goods at the node.", _refused(lambda: node.acting.act(act))), ()


def _numbers(node: "Node") -> list[str]:
    """The numbers the national system gave, in order."""
    with node.store.reading() as connection:
        return [str(mrn) for (mrn,) in node.store.rows(connection, "SELECT mrn FROM declarations ORDER BY mrn")]


def _said(receipt: tuple[str, bytes]) -> str:
    """What the record says of a declaration: what they decided, and the duties where they are others here."""
    mrn, document = receipt
    told = answer_in(document).told
    theirs, ours = _readable(told["theirs"]), _readable(told["ours"])
    return f"{mrn.rpartition('-')[2]} {told['status']} there for {theirs}{f', here {ours}' if ours != theirs else ''}"


def _readable(amount: str) -> str:
    number, currency = amount.split()
    return f"{currency} {Decimal(number):,}"


def _lodged(node: "Node", body: bytes) -> None:
    node.lodge(Lodgement(body, "importer", node.clock.now())).result(60)


def _refused(tried: Callable[[], object]) -> str:
    """The sentence it is refused with. Raises BuildFault where it is not."""
    try:
        tried()
    except Relays as relays:
        return f"refused: {relays}"
    raise BuildFault("a node that relays took a decision")
