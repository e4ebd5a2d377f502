"""Out again: the bytes of a document, from its tree and never from the body it came in."""

from landsea.declaration.stage import Document
from landsea.errors import InputError

from . import wco_json, wco_xml

_WRITERS = {"xml": wco_xml.write, "json": wco_json.write}


def write(document: Document, form: str = "xml") -> bytes:
    """The document as XML or JSON, every element of it, also those no table knows.

    Raises InputError for a document that no reader could read, and for any other format.
    """
    if document.tree is None:
        raise InputError("this document was unreadable when it was lodged; there is no tree to write")
    if form not in _WRITERS:
        raise InputError(f"a declaration is not written as {form!r}; known: {', '.join(_WRITERS)}")
    return _WRITERS[form](document.tree)
