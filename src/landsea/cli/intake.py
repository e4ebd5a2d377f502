"""Intake: what was named on the command line, as bodies in the order given, none read beyond what a reader admits.

A folder gives its `.xml`, `.json` and `.zip` files in order of name, with those of folders below; `-` is standard
input; an archive gives its files, named `archive.zip/inner.xml`.
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
    """A body and the name it is answered under."""

    name: str
    body: bytes


def files_of(paths: Sequence[str]) -> list[Path]:
    """The files these paths name, folders searched. Raises InputError for the first path that names nothing."""
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if given == "-" or path.is_file():
            found.append(path)
        elif path.is_dir():
            found += sorted(f for f in path.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
        else:
            raise InputError(f"{given}: there is no such file or folder")
    return found


def bodies(files: Sequence[Path], limits: Limits = DEFAULT) -> Iterator[list[Named]]:
    """For each file its bodies: one, or all of an archive. Raises InputError for a file that may not be read."""
    for file in files:
        if str(file) == "-":
            yield [Named("-", sys.stdin.buffer.read(limits.bytes + 1))]
        elif file.suffix.lower() == ".zip":
            yield _unpacked(file, limits)
        else:
            yield [Named(str(file), _content(file, limits.bytes + 1))]


def _content(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error


def _unpacked(file: Path, limits: Limits) -> list[Named]:
    """All files of an archive. Raises InputError where it holds more than the limits admit: a bomb gives nothing."""
    inside: list[Named] = []
    left = limits.unpacked
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > limits.files:
                raise InputError(f"{file}: {len(members)} files in one archive, at most {limits.files} are taken")
            for member in members:
                with archive.open(member) as opened:
                    body = opened.read(min(limits.bytes, left) + 1)
                left -= len(body)
                if left < 0:
                    raise InputError(f"{file}: unpacks to more than {limits.unpacked} bytes; lodge it in parts")
                inside.append(Named(f"{file}/{member.filename}", body))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{file}: the archive cannot be unpacked: {error}") from error
    return inside
