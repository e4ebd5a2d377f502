"""One append-only log per node, which anyone can check: it knows bytes and nothing of customs.

`merkle` hashes, `tile` stores and appends, `checkpoint` signs, `proof` shows that an entry is in and that nothing was
taken out, `audit` rebuilds a log from its public files and names the first lie. Every function is pure: who calls
gives the bytes, the signature and the `fetch`.
"""

from . import audit, checkpoint, merkle, proof, tile

__all__ = ["audit", "checkpoint", "merkle", "proof", "tile"]
