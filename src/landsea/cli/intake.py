"""Intake: what was named on the command line, as bodies in the order given, none read beyond what a reader admits.

A folder gives its `.xml`, `.json` and `.zip` files in order of name, with those of folders below, and passes over the
others; `-` is standard input; an archive gives its files, named `archive.zip/inner.xml`.
"""

import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from landsea.errors import InputError
from landsea.wire.limits import DEFAULT, Limits

SUFFIXES = frozenset({".xml", ".json", ".zip"})


@dataclass(frozen=True, slots=True)
class Named:
    """A body, the name it is answered under, and who sends it: another than its name where that was said."""

    name: str
    body: bytes
    party: str = ""

    @property
    def sender(self) -> str:
        """Who sends it. Without a party each file is its own sender: none meets another."""
        return self.party or self.name


def files_of(paths: Sequence[str]) -> list[Path]:
    """The files these paths name, folders searched. Raises InputError for the first path that gives nothing."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if given == "-" or path.is_file():
            found.append(path)
        elif path.is_dir():
            found += _in(path)
        else:
            wrong = "is not a regular file" if path.exists() else "there is no such file or folder"
            raise InputError(f"{given}: {wrong}")
    return found


def passed_over(paths: Sequence[str]) -> list[Path]:
    """The files in these folders that `files_of` leaves alone for what they are called, in order of name."""
    files = (f for given in paths if given != "-" for f in Path(given).rglob("*"))
    return sorted(f for f in files if f.suffix.lower() not in SUFFIXES and f.is_file())


def _in(folder: Path) -> list[Path]:
    found = sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
    if not found:
        raise InputError(f"{folder}: there is no .xml, .json or .zip file in this folder")
    return found


def bodies(files: Sequence[Path], party: str = "", limits: Limits = DEFAULT) -> Iterator[list[Named]]:
    """For each file its bodies, sent by this party: one, or all of an archive. Raises InputError for a file that may
    not be read."""
    for file in files:
        if str(file) == "-":
            yield [Named("-", sys.stdin.buffer.read(limits.bytes + 1), party)]
        elif file.suffix.lower() == ".zip":
            yield [Named(name, body, party) for name, body in _unpacked(file, limits)]
        else:
            yield [Named(str(file), _content(file, limits.bytes + 1), party)]


def _content(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error


def _unpacked(file: Path, limits: Limits) -> list[tuple[str, bytes]]:
    """Names and bodies of all files of an archive. Raises InputError where it has none, or more than is allowed:
    a bomb gives nothing."""
    inside: list[tuple[str, bytes]] = []
    left = limits.unpacked
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if not members:
                raise InputError(f"{file}: there is no file in this archive")
            if len(members) > limits.files:
                raise InputError(f"{file}: {len(members)} files in one archive, at most {limits.files} are taken")
            for member in members:
                with archive.open(member) as opened:
                    body = opened.read(min(limits.bytes, left) + 1)
                left -= len(body)
                if left < 0:
                    raise InputError(f"{file}: unpacks to more than {limits.unpacked} bytes; lodge it in parts")
                inside.append((f"{file}/{member.filename}", body))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{file}: the archive cannot be unpacked: {error}") from error
    return inside
