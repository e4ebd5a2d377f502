"""A node that lodges as fast as it can and tells each receipt, in a process that the crash test kills at any moment."""

import hashlib

from databases import quiet
from landsea.node.law import edition_in
from lodged import declaration, lodgement

TOGETHER = 8


def digest(receipt):
    return hashlib.sha256(receipt.document).hexdigest()


def live(pipe, settings, acknowledged, start):
    """Lodges what was acknowledged before again, then new declarations from `start` on, until killed."""
    with quiet(settings, edition_in()) as node:
        pipe.send(("open", None, None))
        for lrn in acknowledged:
            receipt = node.lodge(lodgement(declaration(lrn))).result(60)
            pipe.send(("again" if receipt.repeated else "lost", lrn, digest(receipt)))
        while True:
            names = [f"L{n}" for n in range(start, start + TOGETHER)]
            waiting = [node.lodge(lodgement(declaration(lrn))) for lrn in names]
            for lrn, future in zip(names, waiting, strict=True):
                receipt = future.result(60)
                pipe.send(("again" if receipt.repeated else "receipt", lrn, digest(receipt)))
            start += TOGETHER


def lodge_many(pipe, settings, prefix, count):
    """Lodges `count` declarations one after the other and tells the leaves of their records."""
    with quiet(settings, edition_in()) as node:
        for n in range(count):
            node.lodge(lodgement(declaration(f"{prefix}{n}"))).result(60)
    pipe.send("done")
