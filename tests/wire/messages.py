"""Messages for the tests of reading and writing: the project's own, those beside it, and ways to compare them."""

import datetime
import pathlib
from functools import cache

from lxml import etree

from conftest import ROOT, SHARED
from landsea.codes.edition import edition_of
from landsea.declaration.finding import findings_of
from landsea.declaration.stage import Lodged, Lodgement
from landsea.wire import read

DEC = "urn:wco:datamodel:WCO:DEC-DMS:2"
NOW = datetime.datetime(2026, 11, 2, 4, 0, tzinfo=datetime.UTC)
ODD = sorted((ROOT / "tests" / "cases" / "messages").glob("*.xml"))
OWN = [*ODD, *sorted((ROOT / "demonstration").glob("*.xml"))]
BARE = edition_of({"XX/manifest.toml": b"", "XX/administration.toml": b'timezone = "Asia/Vientiane"\n'})
"""An edition that knows one administration and nothing else, so that no schedule bears on how a message is read."""


def lodgement(body: bytes | str, **about: object) -> Lodgement:
    """A body as it arrived today, from nobody in particular."""
    return Lodgement(body.encode() if isinstance(body, str) else body, **({"sender": "", "received_at": NOW} | about))


def one(body: bytes | str, edition=BARE, **about: object) -> Lodged:
    """That body read alone."""
    return read([lodgement(body, **about)], edition)


def told(lodged: Lodged, d: int | None = None) -> list[str]:
    """The findings as lines: rule, place, value."""
    return [" ".join(filter(None, (f.rule, f.where, f.value))) for f in findings_of(lodged.findings, d)]


def declaration(inner: str) -> str:
    """A bare declaration with this inside."""
    return f'<Declaration xmlns="{DEC}">{inner}</Declaration>'


def canonical(body: bytes, *, blanks: bool = True) -> bytes:
    """Canonical XML, comments aside; without `blanks` also without white space between elements."""
    root = etree.fromstring(body, etree.XMLParser(remove_comments=True, resolve_entities=False))
    for element in root.iter("*") if not blanks else ():
        if len(element) and element.text and not element.text.strip():
            element.text = None
        for child in element:
            if child.tail and not child.tail.strip():
                child.tail = None
    return etree.tostring(root.getroottree(), method="c14n")


@cache
def samples() -> dict[pathlib.Path, bytes]:
    """Every message of the outside samples."""
    return {path: path.read_bytes() for path in sorted((SHARED / "samples/wco/scenarios").rglob("*")) if path.is_file()}


@cache
def schema(folder: str, name: str) -> etree.XMLSchema:
    """The outside schema of a message in its envelope. The envelope admits any element it finds declared, so both
    schemas must be loaded together."""
    at = SHARED / "samples/wco/schemas/wco" / folder
    imports = {
        "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2": at / "DocumentMetaData_2_DMS.xsd",
        f"urn:wco:datamodel:WCO:{name}-DMS:2": at / f"WCO_{name}_2_DMS.xsd",
    }
    lines = "".join(f'<xs:import namespace="{n}" schemaLocation="{p.as_uri()}"/>' for n, p in imports.items())
    return etree.XMLSchema(
        etree.fromstring(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{lines}</xs:schema>')
    )
