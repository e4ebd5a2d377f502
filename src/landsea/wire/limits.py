"""What a message may measure before a reader refuses it: bounded time and memory whatever arrives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one message. The defaults hold the largest declaration of the standard several times over."""

    bytes: int = 10_000_000
    depth: int = 64
    elements: int = 1_000_000
    goods_items: int = 9_999
    prefixes: int = 64  # of namespaces; real messages have a dozen
    findings: int = 1_000  # of one message; what lies beyond is counted, not listed
    unpacked: int = 100_000_000  # all files of an archive together
    files: int = 10_000


DEFAULT = Limits()
