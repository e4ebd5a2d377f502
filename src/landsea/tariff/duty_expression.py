"""The duty expression: the text of a rate, and what it means.

Grammar, as tariffs write it (TARIC and the national tariffs that follow it):

    expression = "Free" | "NIHIL" | unit | sum { ("MIN" | "MAX") sum }
    sum        = component { ("+" | "-") component }
    component  = number "%" [ ("/" | "of") "Retail Price" ]       ad valorem
               | number currency [ ("/" | "per") unit ]           specific, or a fixed amount
               | "EA" | "AC" | "ADSZ" | "SD" | "ADFM" | "FD" [ "R" | "(reduced)" ]

Nothing but a unit asks for a supplementary quantity and charges nothing. EA (agricultural component), ADSZ and ADFM
(additional duty on sugar and on flour) depend on the recipe (Meursing table); they are read, and whoever calculates
must say that they are not in the figure.
"""

import html
import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from landsea.errors import InputError
from landsea.tariff.rate_unit import RateUnit, read_unit, unit_text
from landsea.units import decimal_text, micro

Kind = Literal["ad valorem", "specific", "recipe", "supplementary"]


@dataclass(frozen=True, slots=True)
class Component:
    """One term of a rate.

    `rate` is in millionths: of a percent (ad valorem) or of the currency unit (specific). `unit` is what a specific
    rate is charged on, RET for a percentage of the retail price, and None for a fixed amount or a share of the customs
    value. `symbol` names the table a recipe component is found in.
    """

    kind: Kind
    rate: int = 0
    currency: str = ""
    unit: RateUnit | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor (MIN: not less than) or a ceiling (MAX: not more than) on what stands before it."""

    kind: Literal["MIN", "MAX"]
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class DutyExpression:
    """The normal form of a rate: a sum of components, then limits in the order they are applied. No component: free."""

    base: tuple[Component, ...] = ()
    limits: tuple[Limit, ...] = ()

    @property
    def components(self) -> tuple[Component, ...]:
        """Every component, of the base and of the limits."""
        return self.base + tuple(c for limit in self.limits for c in limit.components)


_RECIPES = {"AC": "EA", "EA": "EA", "SD": "ADSZ", "ADSZ": "ADSZ", "FD": "ADFM", "ADFM": "ADFM"}
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "CNY", "฿": "THB", "₫": "VND", "₭": "LAK"}
_FREE = re.compile(r"(?:free|nihil|nil|exempt|ex)\.?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+")
_CURRENCY = re.compile(r"[A-Z]{3}(?![A-Za-z0-9])|[€£¥฿₫₭]")
_RECIPE = re.compile(r"(ADSZ|ADFM|AC|EA|SD|FD)(R(?![a-z])|\s*\(reduced\)|\s+R(?![A-Za-z]))?(?![A-Za-z])", re.IGNORECASE)
_RETAIL = re.compile(r"(?:/|of)\s*(?:the\s+)?(?:retail(?:\s+selling)?\s+price|RET\b|RSP\b)", re.IGNORECASE)
_PER = re.compile(r"/|per\b", re.IGNORECASE)
_UNIT_END = re.compile(r"\s*(?:\+|\s-\s|\b(?:MIN|MAX)\b|\Z)", re.IGNORECASE)
_LIMIT = re.compile(r"(MIN|MAX)(?![A-Za-z])\.?", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>|&\w+;|&#\w+;|\s")


def parse(text: str) -> DutyExpression:
    """The normal form of the rate in `text`; markup such as `<span>` and `<abbr>` is read over.

    Raises InputError, naming the position, for the first thing it does not understand.
    """
    return _Reader(text).expression()


def text(expression: DutyExpression) -> str:
    """The rate as a tariff writes it; `parse` reads it back as the same."""
    parts = [_sum_text(expression.base)] if expression.base else []
    parts += [f"{limit.kind} {_sum_text(limit.components)}" for limit in expression.limits]
    return " ".join(parts) or "Free"


def _sum_text(components: tuple[Component, ...]) -> str:
    written = ""
    for component in components:
        minus = component.rate < 0
        written += (" - " if minus else " + ") if written else ("-" if minus else "")
        written += _component_text(component)
    return written


def _component_text(component: Component) -> str:
    rate = decimal_text(abs(component.rate))
    if component.kind == "ad valorem":
        return f"{rate} %" + (" / Retail Price" if component.unit else "")
    if component.kind == "recipe":
        return component.symbol
    if component.kind == "supplementary":
        return unit_text(component.unit) if component.unit else ""
    return f"{rate} {component.currency}" + (f" / {unit_text(component.unit)}" if component.unit else "")


class _Reader:
    """Reads one expression from left to right; every failure names the place reached."""

    def __init__(self, given: str) -> None:
        self.given = given
        # markup becomes blanks of the same length, so that positions stay those of the text given
        self.text = _MARKUP.sub(lambda m: self._blank(m[0]), given)
        self.at = 0

    @staticmethod
    def _blank(markup: str) -> str:
        plain = html.unescape(markup)
        seen = plain if plain != markup and not plain.isspace() else " "
        return seen.ljust(len(markup))

    def expression(self) -> DutyExpression:
        self._skip()
        if self._ended() or self._free():
            return DutyExpression()
        if self._is_a_unit():
            return DutyExpression((Component("supplementary", unit=self._unit()),))
        base = () if self._looks(_LIMIT) else self._sum()
        limits: list[Limit] = []
        while found := self._take(_LIMIT):
            limits.append(Limit("MIN" if found[1].upper() == "MIN" else "MAX", self._sum()))
        if not self._ended():
            self._refuse("is not understood")
        return DutyExpression(base, tuple(limits))

    def _sum(self) -> tuple[Component, ...]:
        first = self._take(re.compile(r"[-+]"))
        components = [self._component(negative=first is not None and first[0] == "-")]
        while sign := self._take(re.compile(r"[-+]")):
            components.append(self._component(negative=sign[0] == "-"))
        return tuple(components)

    def _component(self, *, negative: bool) -> Component:
        if recipe := self._take(_RECIPE):
            if negative:
                self._refuse("cannot be taken off")
            return Component("recipe", symbol=_RECIPES[recipe[1].upper()] + ("R" if recipe[2] else ""))
        before = self._take(_CURRENCY)
        start, number = self.at, self._take(_NUMBER)
        if not number:
            self._refuse("is no number, where a rate must begin with one")
        rate = self._micro(number[0].replace(",", ""), start) * (-1 if negative else 1)
        if not before and self._take(re.compile("%")):
            return Component("ad valorem", rate, unit=RateUnit(1, "RET", "") if self._take(_RETAIL) else None)
        currency = before or self._take(_CURRENCY)
        if not currency:
            self._refuse("is neither % nor a currency code")
        charged = self._unit() if self._take(_PER) else None
        return Component("specific", rate, _SIGNS.get(currency[0], currency[0]), charged)

    def _unit(self) -> RateUnit:
        self._skip()
        end = _UNIT_END.search(self.text, self.at)
        written = self.text[self.at : end.start() if end else None]
        try:
            unit = read_unit(written)
        except ValueError as error:
            self._refuse(str(error), written)
        self.at += len(written)
        self._skip()
        return unit

    def _micro(self, number: str, start: int) -> int:
        try:
            value = micro(number)
        except ValueError as error:
            self.at = start
            self._refuse(str(error), number)
        if value > 10**15:
            self.at = start
            self._refuse("is larger than any rate", number)
        return value

    def _free(self) -> bool:
        return bool(_FREE.fullmatch(self.text[self.at :].strip())) and bool(self._take(re.compile(r".*", re.DOTALL)))

    def _is_a_unit(self) -> bool:
        """Whether the whole text is a counted unit, such as `1000 p/st`."""
        try:
            return bool(read_unit(self.text[self.at :]))
        except ValueError:
            return False

    def _looks(self, pattern: re.Pattern[str]) -> bool:
        return pattern.match(self.text, self.at) is not None

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
            self._skip()
        return found

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _ended(self) -> bool:
        return self.at >= len(self.text)

    def _refuse(self, why: str, what: str = "") -> NoReturn:
        found = (what or self.text[self.at :].split(" + ")[0])[:40].strip()
        subject = repr(found) if found else "the end"
        raise InputError(f"the rate {self.given!r}: at position {self.at + 1}, {subject} {why}")
