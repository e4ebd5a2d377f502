"""The pointer: a path to the element a finding is about, as WCO responses write it.

A WCO pointer is a list of steps from the declaration down, each a class id with the position among its siblings
(`42A/67A/68A[2]/23A`), and at its end the id of the element (`145`). People read the same as names.
"""

from dataclasses import dataclass

from .element import GOODS_ITEM_PATH, Element, element, elements


@dataclass(frozen=True, slots=True)
class Step:
    """One class on the way: WCO id, name, and the position among its siblings from 1."""

    wco_id: str
    name: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """Steps from `Declaration` to a class, then the element named by `tag`; an empty tag means the class itself."""

    steps: tuple[Step, ...]
    tag: str = ""
    name: str = ""

    def __str__(self) -> str:
        """The path in WCO names with positions, such as `Declaration/GoodsShipment/Importer/ID`."""
        parts = [s.name if s.sequence == 1 and not _repeats(s) else f"{s.name}[{s.sequence}]" for s in self.steps]
        return "/".join([*parts, self.name] if self.name else parts)

    @property
    def wco(self) -> str:
        """The path in WCO ids, such as `42A/67A/68A[1]/23A/137`."""
        parts = [s.wco_id if s.sequence == 1 and not _repeats(s) else f"{s.wco_id}[{s.sequence}]" for s in self.steps]
        return "/".join([*parts, self.tag] if self.tag else parts)


def _repeats(step: Step) -> bool:
    return step.wco_id in _REPEATING


_REPEATING = frozenset(e.wco_id for e in elements() if e.is_class and e.repeats)


def pointer(at: int, item: int | None = None, n: int | None = None, m: int | None = None) -> Pointer:
    """The pointer to element `at`.

    `item` is the position of the goods item within its declaration, `n` that of the innermost repeating class,
    `m` that of a repeating class between the two; each from 1, taken as 1 where None.
    """
    target = elements()[at]
    classes = _classes(target)
    repeating = [c for c in classes if c.repeats and c.path != GOODS_ITEM_PATH]
    place = {repeating[-1].path: n or 1} if repeating else {}
    if len(repeating) > 1:
        place[repeating[-2].path] = m or 1
    place[GOODS_ITEM_PATH] = item or 1
    steps = tuple(Step(c.wco_id, c.name, place.get(c.path, 1)) for c in classes)
    return Pointer(steps) if target.is_class else Pointer(steps, target.wco_id, target.name)


def _classes(target: Element) -> list[Element]:
    parts = target.path.split("/")
    ends = range(1, len(parts) + (1 if target.is_class else 0))
    return [element("/".join(parts[:end])) for end in ends]
