"""Declarations to be made again: all that names one consignment or one day is empty, everything else stands."""

import copy
from typing import Any, Final

from landsea.declaration.stage import Document
from landsea.errors import InputError

from . import wco_json, wco_xml
from .mapping import Place
from .mapping import declaration as place_of_declaration
from .read import declaration_in
from .sniff import Unreadable

_NAMING: Final = {
    "Declaration": ("ID", "FunctionalReferenceID"),
    "UCR": ("ID", "TraderAssignedReferenceID"),
    **dict.fromkeys(("Invoice", "TransportContractDocument", "PreviousDocument", "AdditionalDocument"), ("ID",)),
    **dict.fromkeys(("BorderTransportMeans", "ArrivalTransportMeans", "DepartureTransportMeans"), ("ID",)),
    **dict.fromkeys(("TransportEquipment", "Seal"), ("ID",)),
}
"""Class → its leaves by which a consignment is known: customs' and the declarant's numbers, papers, vehicles, seals."""


def emptied(document: Document) -> bytes:
    """The document once more, in its format, without the numbers and dates of its consignment.

    Raises InputError where it holds no declaration.
    """
    try:
        root = copy.deepcopy(document.tree)
        _empty(declaration_in(root), place_of_declaration())
    except (Unreadable, AttributeError):
        raise InputError("this document holds no declaration to begin another with") from None
    return wco_json.write(root) if document.format == "json" else wco_xml.write(root)


def _empty(holder: Any, place: Place) -> None:
    for child in holder.iterchildren("*"):
        part = (place.children or {}).get(child.tag)
        if part is None:
            continue
        if part.children is not None:
            _empty(child, part)
        elif part.kind == "datetime" or part.name in _NAMING.get(place.name, ()):
            for one in list(child):
                child.remove(one)
            child.text = None
            child.attrib.clear()
