"""The QR code of a paper, as a drawing of one black path: sharp at any size, without grey."""

import io
from typing import Final

import segno

BORDER: Final = 4
"""White modules around it, as ISO/IEC 18004 asks; without them cameras do not find it on a full page."""


def qr(text: str) -> str:
    """The code of this text as an SVG element, with level M: a seventh of it may be lost to dirt or a fold."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="svg", border=BORDER, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None)
    return drawn.getvalue().decode()
