"""Rotation: a new key takes the place of one in use, and what the old one proved or sealed it still proves or opens.

For the log's key that happens in one transaction: a record says which key follows which, the checkpoint over it is
signed by both, and the head of the log names the new one, which every process of the node finds there with its next
commit. Before that the new key only lies in the folder: after a crash in between the next rotation takes that one.
"""

import os
from typing import Final

import msgspec

from landsea.dossier.blob import Blob
from landsea.dossier.record import Unsealed, salt_bytes, seal

from . import records
from .clock import instant
from .keys import Keys, Purpose
from .log import Log
from .store import Store

KIND: Final = "key-rotation"
GROUP: Final = "key-rotation@1"
DOSSIER: Final = "keys"


def rotated(store: Store, keys: Keys, log: Log, edition: str) -> str:
    """The vkey of the key that signs the log from now on. Raises EnvironmentFault where nothing was changed."""
    before = log.in_force()
    keys.refresh()
    if keys.public("log") == before.public:
        keys.add("log")
    with store.writing() as connection:
        at = log.time(connection)
        log.turn(connection, keys.public("log"))
        said = msgspec.json.encode({"purpose": "log", "before": str(before), "after": str(log.key)})
        record = Unsealed(KIND, f"key-{log.key.id.hex()}", instant(at), edition, [Blob(GROUP, 0, said)])
        sealed = seal([record], os.urandom(salt_bytes([record])))
        records.write(store, connection, log, records.boxed(keys, [(sealed[0], DOSSIER)]), at)
    return str(log.key)


def replaced(keys: Keys, purpose: Purpose) -> str:
    """The id of the key that is in use for this purpose from now on; not for the log, whose key stands in its head."""
    return keys.add(purpose).hex()
