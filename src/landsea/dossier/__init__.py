"""What is known of a consignment, as records: headers that stay, and blobs that may be withheld and one day erased.

`record` seals, `blob` is one group's content, `commitment` binds blobs to a header, `disclosure` shows some of them,
`group` makes the blobs of a declaration, `entry` is what the log sees, `evidence` is the receipt and its verification.
"""

from . import blob, commitment, disclosure, entry, evidence, group, record

__all__ = ["blob", "commitment", "disclosure", "entry", "evidence", "group", "record"]
