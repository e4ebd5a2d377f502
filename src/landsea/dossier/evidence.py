"""The receipt as evidence: one JSON document that proves some records to be in a node's log, and shows some of them.

A receipt says nothing that it does not prove: what it answers stands in blobs it shows, each bound to a header, each
header bound to an entry, each entry bound to a checkpoint that the node signed. `docs/protocol/receipt.md` has the form
field by field; `verifier/landsea_verify.py` checks the same without this package.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from landsea.errors import InputError
from landsea.transparency import checkpoint as notes
from landsea.transparency import merkle

from . import plain_json
from .blob import Blob
from .commitment import commitment
from .disclosure import Disclosure, Shown, verify
from .entry import entry
from .group import BODY
from .record import Header, read_header

FORMAT: Final = "landsea/receipt/1"


class Proved(msgspec.Struct, frozen=True, gc=False):
    """A record with its place in the log, the inclusion proof at the checkpoint's size, and what is shown of it."""

    header: bytes
    salt: bytes
    index: int
    proof: Sequence[bytes]
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class Step:
    """One obligation of a verifier: whether it holds (None where nothing was given to hold it to), and what it saw."""

    name: str
    holds: bool | None
    saw: str


_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    position: int
    group: Annotated[str, msgspec.Meta(max_length=2**14 - 1)]
    item: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
    salt: _Hash
    text: str | UnsetType = UNSET
    data: bytes | UnsetType = UNSET
    commitment: _Hash | UnsetType = UNSET


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    header: str
    salt: _Hash
    index: int
    proof: list[_Hash]
    shown: list[_Shown]
    withheld: list[_Hash]


class _Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["landsea/receipt/1"]
    kind: Literal["recorded"]
    node: str
    vkey: str
    records: Annotated[list[_Record], msgspec.Meta(min_length=1)]
    checkpoint: str


_encode = msgspec.json.Encoder().encode


def assemble(key: notes.Key, checkpoint: bytes, records: Sequence[Proved]) -> bytes:
    """The receipt of these records under this checkpoint, a note signed by `key`.

    The first record is the one receipted; every later one names it, or another before it, among its causes.
    """
    parts = [_Record(p.header.decode(), p.salt, p.index, list(p.proof), *_parts(p.disclosure)) for p in records]
    return _encode(_Receipt(FORMAT, "recorded", key.name, str(key), parts, checkpoint.decode()))


def _parts(disclosure: Disclosure) -> tuple[list[_Shown], list[bytes]]:
    return [_shown(s) for s in disclosure.shown], list(disclosure.withheld)


def _shown(shown: Shown) -> _Shown:
    place = (shown.position, shown.group, shown.item, shown.salt)
    if shown.data is None:
        return _Shown(*place, commitment=shown.commitment)
    try:
        return _Shown(*place, text=shown.data.decode("utf-8"))
    except UnicodeDecodeError:
        return _Shown(*place, data=shown.data)


def verify_receipt(
    document: bytes, vkey: str | None = None, *, body: bytes | None = None, reference: str | None = None
) -> list[Step]:
    """Every step of verification up to the first that fails; the receipt holds if none has `holds` False.

    `vkey` is the log key the reader trusts, `body` the declaration they lodged, `reference` an alias or record id they
    expect it to be about. What is not given is not checked, and its step says so.
    """
    case = _Case(document, vkey, body, reference)
    steps: list[Step] = []
    for name, check in _STEPS:
        try:
            holds, saw = check(case)
        except InputError as lie:
            return [*steps, Step(name, False, str(lie))]
        steps.append(Step(name, holds, saw))
    return steps


@dataclass(slots=True)
class _Case:
    document: bytes
    vkey: str | None
    body: bytes | None
    reference: str | None
    receipt: _Receipt = field(init=False)
    key: notes.Key = field(init=False)
    checkpoint: notes.Checkpoint = field(init=False)
    headers: list[Header] = field(init=False)


_Saw = tuple[bool | None, str]


def _form(case: _Case) -> _Saw:
    plain = plain_json.read(case.document)
    try:
        case.receipt = msgspec.convert(plain, _Receipt)
    except msgspec.ValidationError as error:
        raise InputError(f"this is not a receipt of the form {FORMAT}: {error}") from error
    # written back it must be the same, or something was there that nobody reads
    _demand(msgspec.to_builtins(case.receipt) == plain, "the receipt is not written in its one canonical form")
    for shown in (one for record in case.receipt.records for one in record.shown):
        contents = [shown.text, shown.data, shown.commitment].count(UNSET)
        _demand(contents == 2, f"{shown.group} of item {shown.item} needs one of text, data and commitment")
    return True, f"a receipt of {len(case.receipt.records)} records by {case.receipt.node}"


def _key(case: _Case) -> _Saw:
    case.key = notes.parse_vkey(case.receipt.vkey)
    _demand(str(case.key) == case.receipt.vkey, "the receipt's vkey has spaces around it")
    _demand(case.key.name == case.receipt.node, f"the key is named {case.key.name!r}, the node {case.receipt.node!r}")
    if case.vkey is None:
        return None, f"the receipt's own key {case.key.id.hex()}: compare it with one you trust"
    _demand(notes.parse_vkey(case.vkey) == case.key, f"the receipt's key {case.key.id.hex()} is not the one you trust")
    return True, f"key {case.key.id.hex()} is the one you trust"


def _checkpoint(case: _Case) -> _Saw:
    case.checkpoint = notes.opened(case.receipt.checkpoint.encode(), case.key)
    origin = case.checkpoint.origin
    _demand(origin == case.receipt.node, f"the checkpoint is of the log {origin!r}, not of {case.receipt.node!r}")
    others = len(case.checkpoint.signatures) - 1
    return True, f"size {case.checkpoint.size}, signed by the node; recorded, not witnessed ({others} other lines)"


def _headers(case: _Case) -> _Saw:
    case.headers = [read_header(record.header.encode()) for record in case.receipt.records]
    return True, ", ".join(f"{h.kind} {h.id} at {h.instant}" for h in case.headers)


def _inclusion(case: _Case) -> _Saw:
    size, root = case.checkpoint.size, case.checkpoint.root
    for record, header in zip(case.receipt.records, case.headers, strict=True):
        leaf = merkle.leaf_hash(entry(record.salt, record.header.encode()))
        holds = merkle.verify_inclusion(leaf, record.index, size, record.proof, root)
        _demand(holds, f"{header.id} is not shown to be entry {record.index} of the log")
    return True, "entries " + ", ".join(str(record.index) for record in case.receipt.records)


def _blobs(case: _Case) -> _Saw:
    shown: list[Shown] = []
    for record, header in zip(case.receipt.records, case.headers, strict=True):
        disclosure = Disclosure(tuple(_read(header, s) for s in record.shown), tuple(record.withheld))
        verify(record.header.encode(), disclosure)
        shown += disclosure.shown
    closed = sum(one.data is None for one in shown)
    count = sum(header.blobs for header in case.headers)
    here, kept = len(shown) - closed, count - len(shown)
    return (
        True,
        f"the headers hold {count} parts: {here} stand here, {closed} by digest alone, {kept} are for others to see",
    )


def _read(header: Header, shown: _Shown) -> Shown:
    """A blob as it is shown: open by its data, or closed by its commitment."""
    place = (shown.position, shown.group, shown.item, shown.salt)
    if isinstance(shown.commitment, bytes):
        return Shown(*place, None, shown.commitment)
    data = shown.data if isinstance(shown.data, bytes) else str(shown.text).encode()
    return Shown(*place, data, commitment(header.id, Blob(shown.group, shown.item, data), shown.salt))


def _belonging(case: _Case) -> _Saw:
    known: set[str] = set()
    for header in case.headers:
        _demand(header.id not in known, f"{header.id} stands twice in the receipt")
        _demand(not known or bool(known & set(header.causes)), f"{header.id} does not follow from those before it")
        known.add(header.id)
    return True, "every record follows from those before it"


def _body(case: _Case) -> _Saw:
    shown = [
        (header, _read(header, s))
        for record, header in zip(case.receipt.records[:1], case.headers[:1], strict=True)
        for s in record.shown
        if s.group == BODY
    ]
    if case.body is None:
        return None, "no body was given to compare with"
    _demand(bool(shown), "the receipt does not show the commitment to a lodged body")
    for header, one in shown:
        made = commitment(header.id, Blob(one.group, one.item, case.body), one.salt)
        _demand(made == one.commitment, f"the body given is not the one lodged as {header.id}")
    return True, f"the body given is the one lodged ({len(case.body)} bytes)"


def _reference(case: _Case) -> _Saw:
    first = case.headers[0]
    if case.reference is None:
        return None, "no reference was given; it is about " + ", ".join([first.id, *(v for _, v in first.aliases)])
    named = case.reference in {first.id, *(value for _, value in first.aliases)}
    _demand(named, f"the receipt is about {first.id}, not about {case.reference}")
    return True, f"it is about {case.reference}"


_STEPS: tuple[tuple[str, Callable[[_Case], _Saw]], ...] = (
    ("form", _form),
    ("key", _key),
    ("checkpoint", _checkpoint),
    ("headers", _headers),
    ("inclusion", _inclusion),
    ("blobs", _blobs),
    ("belonging", _belonging),
    ("body", _body),
    ("reference", _reference),
)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise InputError(otherwise)
