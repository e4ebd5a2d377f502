"""The language of risk profiles: text in, a typed tree of allowed nodes out, and back.

    origin in ("VN", "LA") and hs starts_with "2402" and value_per_kg < 3.5 and not operator_grade = "AEO"

A predicate speaks of known columns only (`indicator.COLUMNS`) and knows nine tests, `and`, `or`, `not` and brackets.
There is no time, no subquery, no function and no pattern, and every size is bounded, so that any text either becomes a
tree that costs a known amount or an `InputError` that names the character. Truth is three-valued: a test of a value
that is missing is neither true nor false, and a profile hits only where its predicate is true.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from landsea.errors import InputError
from landsea.units import decimal_text, micro

Kind = Literal["text", "number", "truth", "set"]
Value = str | int
"""A text, or a number in millionths."""

MOST_CHARACTERS: Final = 4_000
MOST_NODES: Final = 64
MOST_DEPTH: Final = 12
MOST_LISTED: Final = 500
MOST_LITERAL: Final = 70

ADMITS: Final[Mapping[str, frozenset[Kind]]] = {
    "=": frozenset({"text", "number"}),
    "!=": frozenset({"text", "number"}),
    "<": frozenset({"number"}),
    "<=": frozenset({"number"}),
    ">": frozenset({"number"}),
    ">=": frozenset({"number"}),
    "in": frozenset({"text", "number"}),
    "starts_with": frozenset({"text"}),
    "contains": frozenset({"text"}),
    "has": frozenset({"set"}),
    "is missing": frozenset({"text", "number", "truth"}),
    "is true": frozenset({"truth"}),
}
"""Criterion → the kinds of column it may be put to. `is true` is written as the bare name of the column."""

LISTS: Final = frozenset({"in", "starts_with", "contains", "has"})
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "starts_with", "contains", "has", "is", "missing"})


@dataclass(frozen=True, slots=True)
class Criterion:
    """One column put to one test; several values mean any of them."""

    column: str
    test: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Join:
    """All of its parts (`and`) or any of them (`or`); at least two."""

    word: Literal["and", "or"]
    parts: tuple["Node", ...]


Node = Criterion | Not | Join


def parse(text: str, columns: Mapping[str, Kind]) -> Node:
    """The tree of a predicate over these columns.

    Raises InputError, naming the character (from 1), for anything that is not one: an unknown column, a text compared
    with a number, a list or nesting beyond the bounds.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"the predicate has {len(text)} characters; at most {MOST_CHARACTERS} are allowed")
    reader = _Reader(text, columns)
    node = reader.joined(0)
    if reader.kind != "end":
        reader.fail(f"expected 'and', 'or' or the end, found {reader.token!r}")
    return node


def text_of(node: Node) -> str:
    """The predicate as text; `parse` gives the same tree again."""
    match node:
        case Join(word, parts):
            return f" {word} ".join(f"({text_of(p)})" if isinstance(p, Join) else text_of(p) for p in parts)
        case Not(part):
            return f"not ({text_of(part)})" if isinstance(part, Join) else f"not {text_of(part)}"
        case Criterion(column, "is true"):
            return column
        case Criterion(column, "is missing"):
            return f"{column} is missing"
        case Criterion(column, test, values):
            written = [f'"{v}"' if isinstance(v, str) else decimal_text(v) for v in values]
            listed = f"({', '.join(written)})" if test == "in" or len(written) > 1 else written[0]
            return f"{column} {test} {listed}"


def columns_of(node: Node) -> frozenset[str]:
    """The columns a predicate speaks of."""
    match node:
        case Criterion(column):
            return frozenset({column})
        case Not(part):
            return columns_of(part)
        case Join(_, parts):
            return frozenset[str]().union(*map(columns_of, parts))


def bearing_on(node: Node, column: str) -> Node | None:
    """What the predicate demands of this column alone, true wherever the predicate is; None where that is nothing."""
    if columns_of(node) == {column}:
        return node
    if not isinstance(node, Join):
        return None
    parts = [bearing_on(p, column) for p in node.parts]
    left = tuple(p for p in parts if p is not None)
    if not left or (node.word == "or" and len(left) < len(parts)):
        return None
    return left[0] if len(left) == 1 else Join(node.word, left)


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"\\\x00-\x1f]*")|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.]))"""
    r"""|(?P<word>[a-z_][a-z0-9_]*)|(?P<sign><=|>=|!=|[=<>(),])|(?P<end>\Z)|(?P<other>.))""",
    re.ASCII | re.DOTALL,
)


class _Reader:
    """A recursive descent over the tokens; one token ahead."""

    def __init__(self, text: str, columns: Mapping[str, Kind]) -> None:
        self.text, self.columns = text, columns
        self.nodes = self.start = self.end = 0
        self.kind = self.token = ""
        self.advance()

    def advance(self) -> str:
        """Step to the next token; the one left behind is returned."""
        left = self.token
        match = _TOKEN.match(self.text, self.end)
        if match is None or match.lastgroup in (None, "other"):
            self.start = match.start("other") if match else self.end
            self.fail(f"{self.text[self.start : self.start + 1]!r} has no place in a predicate")
        self.kind = str(match.lastgroup)
        self.token = match[self.kind]
        self.start, self.end = match.start(self.kind), match.end()
        return left

    def fail(self, why: str) -> NoReturn:
        raise InputError(f"predicate, character {self.start + 1}: {why}")

    def take(self, *tokens: str) -> bool:
        """Whether the next token is one of these words or signs; it is then left behind."""
        if self.kind in ("word", "sign") and self.token in tokens:
            self.advance()
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            self.fail(f"expected {token!r}, found {self.token or 'the end'!r}")

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.fail(f"more than {MOST_NODES} parts; split the profile")

    def joined(self, depth: int) -> Node:
        if depth > MOST_DEPTH:
            self.fail(f"brackets are nested deeper than {MOST_DEPTH}")
        return self._chain("or", depth)

    def _chain(self, word: Literal["and", "or"], depth: int) -> Node:
        parts = [self._chain("and", depth) if word == "or" else self._negation(depth)]
        while self.take(word):
            parts.append(self._chain("and", depth) if word == "or" else self._negation(depth))
        if len(parts) == 1:
            return parts[0]
        self.count()
        return Join(word, tuple(parts))

    def _negation(self, depth: int) -> Node:
        if self.take("not"):
            self.count()
            if depth >= MOST_DEPTH:
                self.fail(f"'not' is nested deeper than {MOST_DEPTH}")
            return Not(self._negation(depth + 1))
        if self.take("("):
            node = self.joined(depth + 1)
            self.expect(")")
            return node
        self.count()
        return self._test()

    def _test(self) -> Node:
        if self.kind != "word" or self.token in KEYWORDS:
            self.fail(f"expected the name of a column, found {self.token or 'the end'!r}")
        if self.token not in self.columns:
            self.fail(f"there is no column {self.token!r}")
        at, column = self.start, self.advance()
        kind = self.columns[column]
        if self.take("is"):
            inverted = self.take("not")
            self.expect("missing")
            node: Node = self._admitted(at, Criterion(column, "is missing"), kind)
            return self._inverted(node) if inverted else node
        inverted = self.take("not")
        if self.token not in ADMITS or self.kind not in ("word", "sign"):
            if inverted or kind != "truth":
                self.fail(f"expected a test of {column}, a {kind}; found {self.token or 'the end'!r}")
            return Criterion(column, "is true")
        test = self.advance()
        node = self._admitted(at, Criterion(column, test, self._values(test, kind)), kind)
        return self._inverted(node) if inverted else node

    def _inverted(self, node: Node) -> Node:
        self.count()
        return Not(node)

    def _admitted(self, at: int, node: Criterion, kind: Kind) -> Criterion:
        if kind not in ADMITS[node.test]:
            self.start = at
            self.fail(f"{node.column} is a {kind} and cannot be tested with {node.test!r}")
        return node

    def _values(self, test: str, kind: Kind) -> tuple[Value, ...]:
        if test in LISTS and self.take("("):
            values = [self._value(kind)]
            while self.take(","):
                if len(values) >= MOST_LISTED:
                    self.fail(f"a list has at most {MOST_LISTED} values")
                values.append(self._value(kind))
            self.expect(")")
            return tuple(values)
        if test == "in":
            self.fail(f"expected '(' and a list, found {self.token or 'the end'!r}")
        return (self._value(kind),)

    def _value(self, kind: Kind) -> Value:
        wanted = "number" if kind == "number" else "text"
        if self.kind not in ("text", "number"):
            self.fail(f"expected a {wanted}, found {self.token or 'the end'!r}")
        if self.kind != wanted and kind != "truth":
            self.fail(f"expected a {wanted}, found the {self.kind} {self.token}; they cannot be compared")
        if len(self.token) > MOST_LITERAL + 2:
            self.fail(f"a value has at most {MOST_LITERAL} characters")
        try:
            value: Value = self.token[1:-1] if self.kind == "text" else micro(self.token)
        except ValueError as error:
            self.fail(f"{self.token} {error}")
        if value == "":
            self.fail('an empty text matches nothing; write "is missing"')
        self.advance()
        return value
