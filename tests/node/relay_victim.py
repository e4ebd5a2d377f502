"""A relay that takes what lies in a folder as fast as it can, in a process that the crash test kills at any moment."""

import time

from databases import quiet
from landsea.node.law import edition_in
from landsea.node.legacy import DropFolder, adapters
from landsea.node.relay import relay_of

LOT = 20  # small, so that a kill finds each lot at another place


def watched(node, folder, **how):
    """The folder, watched by this node; files need not lie still for long."""
    relay = relay_of(node)
    relay = type(relay)(relay.ledger, relay.edition, relay.clock, relay.country, relay.observation, lot=LOT)
    stated = adapters(node.edition, node.settings.administration)
    return DropFolder(folder, relay, stated, **{"settle": 0.0, "patience": 0.0, **how})


def relay(pipe, settings, folder):
    """Takes what lies there, again and again, until killed."""
    with quiet(settings, edition_in()) as node:
        folder = watched(node, folder)
        pipe.send("open")
        while True:
            folder.once()
            time.sleep(0.01)
