"""Archives: the members of a ZIP file held in memory, unpacked in pieces and never beyond what is allowed.

What the directory says of sizes is not believed: every piece counts against one allowance for the whole archive, so
that a bomb costs no more than the allowance. Format: PKWARE APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16,
without encryption, several disks and ZIP64, which no sheet needs.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

from landsea.errors import InputError

MARK: Final = b"PK\x03\x04"
PIECE: Final = 65_536
MOST_MEMBERS: Final = 1_000

_END: Final = struct.Struct("<4s4H2LH")
_LISTED: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")


class Member(NamedTuple):
    """One file of an archive as the directory lists it."""

    at: int
    packed: int
    method: int
    checksum: int


class Archive:
    """The members of a ZIP file by name, within an allowance of unpacked bytes for all that is read of it.

    Raises InputError where the bytes are no such archive, or more comes out of it than is allowed.
    """

    def __init__(self, body: bytes, unpacked: int) -> None:
        self._body = body
        self._left = self._allowed = unpacked
        try:
            self.members = dict(_listed(body))
        except (struct.error, UnicodeDecodeError) as error:
            _refuse(f"its directory is damaged: {error}")

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a member in pieces of at most `PIECE` bytes. Raises InputError where absent or damaged."""
        if name not in self.members:
            _refuse(f"it has no {name}")
        member = self.members[name]
        start = self._start(name, member)
        unpack = _unpacker(member.method, name)
        checksum, waiting = 0, self._body[start : start + member.packed]
        while True:
            try:
                piece = unpack.decompress(waiting, PIECE)
            except zlib.error as error:
                _refuse(f"{name} is damaged: {error}")
            waiting = unpack.unconsumed_tail
            if not piece:
                break
            self._left -= len(piece)
            if self._left < 0:
                _refuse(f"it unpacks to more than {self._allowed} bytes")
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if checksum != member.checksum or not unpack.eof:
            _refuse(f"{name} is cut short or altered")

    def _start(self, name: str, member: Member) -> int:
        try:
            local = _LOCAL.unpack_from(self._body, member.at)
        except struct.error as error:
            _refuse(f"{name} is not where the directory says: {error}")
        if local[0] != MARK:
            _refuse(f"{name} is not where the directory says")
        return member.at + _LOCAL.size + int(local[9]) + int(local[10])


class _Stored:
    """Bytes that were not packed, handed out as an unpacker would."""

    unconsumed_tail = b""
    eof = False

    def decompress(self, waiting: bytes, most: int) -> bytes:
        piece, self.unconsumed_tail = waiting[:most], waiting[most:]
        self.eof = not self.unconsumed_tail
        return piece


def _unpacker(method: int, name: str) -> "_Stored | zlib._Decompress":
    if method == 0:
        return _Stored()
    if method != 8:
        _refuse(f"{name} is packed by method {method}; only stored and deflated members are read")
    return zlib.decompressobj(-zlib.MAX_WBITS)


def _listed(body: bytes) -> Iterator[tuple[str, Member]]:
    at = body.rfind(b"PK\x05\x06", max(0, len(body) - 65_535 - _END.size))
    if at < 0:
        _refuse("its directory is missing; the file is cut short")
    _, disk, _, _, members, _, place, _ = _END.unpack_from(body, at)
    if disk or members == 0xFFFF or place == 0xFFFFFFFF or members > MOST_MEMBERS:
        _refuse(f"it has several disks or more than {MOST_MEMBERS} members")
    for _ in range(members):
        mark, _, _, flags, method, _, _, crc, packed, _, name, extra, note, _, _, _, start = _LISTED.unpack_from(
            body, place
        )
        if mark != b"PK\x01\x02":
            _refuse("its directory is damaged")
        if flags & 1:
            _refuse("it is encrypted; save it without a password")
        place += _LISTED.size
        yield body[place : place + name].decode(), Member(start, packed, method, crc)
        place += name + extra + note


def _refuse(why: str) -> NoReturn:
    raise InputError(f"the archive cannot be read: {why}")
