"""Drafts: declarations in the making, kept for those who make them, on no record and without any promise.

A draft belongs to a party; whoever holds one of its keys may read and change it. It may be incomplete, or not even
readable. Each change that was accepted is on the disk before it is answered, and is a version; a change made on a
version that is no longer the newest is refused with the newest, so that nobody's work is written over unseen. Content
lies sealed under the node's data key. Names are drawn here and tell nothing. Count and bytes are bounded for each
party, and what nobody changes for long enough is deleted.

A template is a draft with named blanks, written `{{name}}` wherever text may stand.
"""

import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from landsea.declaration.stage import Lodgement
from landsea.dossier.group import BODY
from landsea.errors import InputError, LandseaError
from landsea.wire import read
from landsea.wire.emptied import emptied

from . import records, tables
from .clock import instant, micros
from .lodging import Lodging
from .settings import Settings

BLANK: Final = re.compile(r"\{\{([^{}\x00-\x1f]{1,70})\}\}")
LARGEST: Final = 1 << 20
"""Most bytes of one draft."""
_DRAFTS = tables.drafts
_OWN = _DRAFTS.c


class Draft(NamedTuple):
    """A draft as it is kept: its version, the format it is in, the reference and the blanks in it, when it was changed
    last (with zone), how many bytes it has; and its content, where that was asked for."""

    name: str
    version: int
    form: str
    reference: str | None
    blanks: list[str]
    changed_at: str
    size: int
    content: bytes = b""


class Changed(LandseaError):
    """The draft was changed meanwhile; `stored` is what it is now."""

    def __init__(self, stored: Draft) -> None:
        super().__init__(f"version {stored.version} stands now, made by another change; decide between the two")
        self.stored = stored


class Full(LandseaError):
    """The party keeps as much as it may."""


class _About(msgspec.Struct, frozen=True, gc=False):
    reference: str | None
    blanks: list[str]


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of a node's traders."""

    lodging: Lodging
    settings: Settings

    def make(self, party: str, form: str, content: bytes) -> Draft:
        """A new draft. Raises Full where the party keeps as much as it may, InputError for content that is no text."""
        name = os.urandom(16).hex()
        sealed = self._sealed(party, name, 1, content)
        with self._store.writing() as connection:
            at = self._made_room(connection, party, len(content))
            self._store.insert(connection, _DRAFTS, [(party, name, 1, form, *sealed, len(content), at)])
        return self._found(party, name)

    def keep(self, party: str, name: str, version: int, form: str, content: bytes) -> Draft:
        """The content is the draft's, as the version after this one. The same change again changes nothing.

        Raises KeyError where there is no such draft, Changed where another version is the newest, else as `make`.
        """
        sealed = self._sealed(party, name, version + 1, content)
        with self._store.writing() as connection:
            stored = self._opened(connection, party, name)
            if stored.version == version:
                at = self._made_room(connection, party, len(content) - stored.size, new=0)
                now = {"version": version + 1, "form": form, "bytes": len(content), "at": at}
                now |= dict(zip(("about", "content"), sealed, strict=True))
                connection.execute(update(_DRAFTS).where(_OWN.party == party, _OWN.name == name).values(**now))
            elif (stored.version, stored.form, stored.content) != (version + 1, form, content):
                raise Changed(stored)
        return self._found(party, name)

    def read(self, party: str, name: str) -> Draft:
        """The draft with its content. Raises KeyError where the party has none of this name."""
        return self._found(party, name)

    def listed(self, party: str) -> list[Draft]:
        """All drafts of the party without their content, last changed first."""
        own = select(_DRAFTS).where(_OWN.party == party, _OWN.at >= self._since()).order_by(_OWN.at.desc(), _OWN.name)
        with self._store.reading() as connection:
            return [self._draft(row) for row in connection.execute(own)]

    def drop(self, party: str, name: str, version: int) -> None:
        """The draft is gone. Raises KeyError where there is none, Changed where this is not its newest version."""
        with self._store.writing() as connection:
            stored = self._opened(connection, party, name)
            if stored.version != version:
                raise Changed(stored)
            connection.execute(delete(_DRAFTS).where(_OWN.party == party, _OWN.name == name))

    def filled(self, party: str, name: str, values: Mapping[str, str]) -> Draft:
        """A new draft like this one, with these blanks filled. Raises KeyError where there is no such draft, InputError
        that names every blank which is not in it."""
        template = self._found(party, name)
        if strange := sorted(values.keys() - set(template.blanks)):
            blanks = ", ".join(template.blanks) or "none"
            raise InputError(f"{', '.join(strange)} is no blank of this draft; it has {blanks}")
        quoted = _in_json if template.form == "json" else _in_xml
        said, text = {blank: quoted(value) for blank, value in values.items()}, template.content.decode()
        if sum(len(said.get(blank.strip(), "")) for blank in BLANK.findall(text)) > LARGEST:
            raise Full(f"a draft has at most {LARGEST} bytes")
        filled = BLANK.sub(lambda blank: said.get(blank[1].strip(), blank[0]), text)
        return self.make(party, template.form, filled.encode())

    def again(self, party: str, mrn: str) -> Draft:
        """A draft of what the party declared under this number, its references and dates empty.

        Raises KeyError where the party has no such declaration, InputError where it was lodged without a body.
        """
        table, ledger = tables.declarations, self.lodging.ledger
        own = select(table.c.document).where(table.c.mrn == mrn, table.c.sender == party)
        with self._store.reading() as connection:
            leaf = connection.execute(own).scalar_one_or_none()
            if leaf is None:
                raise KeyError(mrn)
            blobs = records.read(connection, ledger.keys, [leaf])[leaf].blobs
        body = next((one.data for one in blobs or () if one.group == BODY), None)
        if body is None:
            raise InputError(f"of {mrn} there is no document here: it was lodged as rows, or its content was erased")
        (document,) = self._read(body).documents
        return self.make(party, document.format, emptied(document))

    @property
    def _store(self) -> Any:
        return self.lodging.ledger.store

    def _since(self) -> int:
        return micros(self.lodging.clock.now() - timedelta(days=self.settings.draft_days))

    def _read(self, content: bytes) -> Any:
        return read([Lodgement(content, "", self.lodging.clock.now())], self.lodging.edition)

    def _sealed(self, party: str, name: str, version: int, content: bytes) -> tuple[bytes, bytes]:
        """What is told of it in a list, and its content; each sealed, bound to party, name and version."""
        if len(content) > LARGEST:
            raise Full(f"a draft has at most {LARGEST} bytes")
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise InputError("a draft is text in UTF-8") from None
        blanks = list(dict.fromkeys(one.strip() for one in BLANK.findall(text)))
        reference = self._read(content).lot["declarations"]["lrn"][0]
        about = msgspec.json.encode(_About(reference, blanks))
        keys = self.lodging.ledger.keys
        return tuple(
            keys.wrap("data", part, _context(what, party, name, version))
            for what, part in (("about", about), ("content", content))
        )  # type: ignore[return-value]

    def _made_room(self, connection: Connection, party: str, more: int, new: int = 1) -> int:
        """The time of this change; what is past its term is gone. Raises Full where the party has no room for more."""
        connection.execute(delete(_DRAFTS).where(_OWN.at < self._since()))
        count, size = connection.execute(
            select(func.count(), func.coalesce(func.sum(_OWN.bytes), 0)).where(_OWN.party == party)
        ).one()
        most, largest = self.settings.drafts, self.settings.draft_bytes
        if count + new > most or (more > 0 and size + more > largest):
            raise Full(f"{count} drafts of {size} bytes are kept for you, at most {most} of {largest}; delete some")
        return micros(self.lodging.clock.now())

    def _found(self, party: str, name: str) -> Draft:
        with self._store.reading() as connection:
            return self._opened(connection, party, name)

    def _opened(self, connection: Connection, party: str, name: str) -> Draft:
        own = (_OWN.party == party, _OWN.name == name, _OWN.at >= self._since())
        row = connection.execute(select(_DRAFTS).where(*own)).one_or_none()
        if row is None:
            raise KeyError(name)
        return self._draft(row)._replace(content=self._part("content", row))

    def _draft(self, row: Any) -> Draft:
        about = msgspec.json.decode(self._part("about", row), type=_About)
        changed = instant(row.at).isoformat()
        return Draft(row.name, row.version, row.form, about.reference, about.blanks, changed, row.bytes)

    def _part(self, what: str, row: Any) -> bytes:
        context = _context(what, row.party, row.name, row.version)
        return self.lodging.ledger.keys.unwrap(bytes(getattr(row, what)), context)


def _context(what: str, party: str, name: str, version: int) -> bytes:
    return msgspec.json.encode(("landsea/draft/1", what, party, name, version))


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_xml(value: str) -> str:
    return html.escape(value)
