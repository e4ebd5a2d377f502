"""What can go wrong outside the law: a bug, a broken environment, or input no reader can take.

What a declaration does wrong is never an exception: it is a finding (`landsea.declaration.Finding`).
"""


class LandseaError(Exception):
    """Something failed and the message says what, where and what to do, in one sentence."""


class InputError(LandseaError):
    """What was given cannot be used at all: a file, an argument, an expression, a law table."""


class BuildFault(LandseaError):
    """The node itself is wrong: a rule yielded null, a law table contradicts itself. Never the declarant's fault."""


class Relays(LandseaError):
    """A decision was asked of a node that relays: the national system beside it decides."""


class Erased(LandseaError):
    """What was asked for was erased for good; only its header and leaf stay."""


class EnvironmentFault(LandseaError):
    """The disk, the database, the clock or a peer failed; the message says what to do about it."""
