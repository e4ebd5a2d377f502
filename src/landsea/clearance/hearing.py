"""Hearing: where each ask of an agency stands, and what release still waits for.

Theory. What an agency asks (`agency.ASKED`) is open until the agency speaks, unless a document that satisfies it is
declared, or nothing is asked. It may grant or refuse, examine the goods, or take a sample for its laboratory. On an
adverse first result the goods are not released, but the declarant may ask for a second test, which this window always
grants (WTO Trade Facilitation Agreement, 5.3.1); an agency cannot take that away by refusing. The second test is made
by a laboratory whose name and address are published (5.3.2: the table `laboratories`), and only such a one is heard;
its result is considered and decides (5.3.3), so the agency may grant but not refuse while it is awaited. Every answer
in every state is in the table: it leads on, or it is unheard for a reason; silence is no answer.

Who may say what (the agency's officer, the declarant, the laboratory) is settled by whoever lodges an answer.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import polars as pl

from landsea.clearance import condition
from landsea.clearance.agency import ASKED
from landsea.codes.edition import Edition
from landsea.declaration.lot import collected
from landsea.errors import BuildFault
from landsea.tariff.ground import shaped
from landsea.units.validity import in_force


class Hearing(StrEnum):
    """Where an ask stands, the gravest last. The values are stored and never reused."""

    GRANTED = "granted"
    OPEN = "open"
    EXAMINED = "examined"  # what the agency's own examination finds is awaited
    SAMPLED = "sampled"  # the first result is awaited
    SECOND_TEST = "second-test"  # its result is awaited
    ADVERSE = "adverse"  # the first result; a second test can be asked for
    REFUSED = "refused"


class Answer(StrEnum):
    """What is said to an ask. The values are stored and never reused."""

    GRANT = "grant"
    REFUSE = "refuse"
    EXAMINE = "examine"  # the agency orders an examination of its own
    SAMPLE = "sample"
    CONFORM = "conform"  # the first result
    NOT_CONFORM = "not-conform"
    ASK_SECOND_TEST = "ask-second-test"  # by the declarant
    SECOND_CONFORM = "second-conform"
    SECOND_NOT_CONFORM = "second-not-conform"


class Unheard(StrEnum):
    """Why an answer changes nothing. The values are stored and never reused."""

    NO_SAMPLE = "no-sample"  # no result of a sample is awaited
    NO_ADVERSE_RESULT = "no-adverse-result"  # there is none to test again
    NO_SECOND_TEST = "no-second-test"  # none was asked for
    RESULT_STANDS = "result-stands"  # until a second test, or until the agency grants
    SECOND_TEST_AWAITED = "second-test-awaited"
    LABORATORY = "laboratory"  # not among those published, on the day
    NOT_ASKED = "not-asked"  # the agency asks nothing here


_G, _O, _X, _S, _T, _A, _R = Hearing
_Steps = Mapping[Answer, Hearing | Unheard]
_ALWAYS: Final[_Steps] = {Answer.GRANT: _G, Answer.REFUSE: _R, Answer.EXAMINE: _X, Answer.SAMPLE: _S}
_NOTHING_TESTED: Final[_Steps] = {
    Answer.CONFORM: Unheard.NO_SAMPLE,
    Answer.NOT_CONFORM: Unheard.NO_SAMPLE,
    Answer.ASK_SECOND_TEST: Unheard.NO_ADVERSE_RESULT,
    Answer.SECOND_CONFORM: Unheard.NO_SECOND_TEST,
    Answer.SECOND_NOT_CONFORM: Unheard.NO_SECOND_TEST,
}
TABLE: Final[Mapping[Hearing, _Steps]] = {
    _G: {**_ALWAYS, **_NOTHING_TESTED},
    _O: {**_ALWAYS, **_NOTHING_TESTED},
    _X: {**_ALWAYS, **_NOTHING_TESTED},
    _R: {**_ALWAYS, **_NOTHING_TESTED},
    _S: {**_ALWAYS, **_NOTHING_TESTED, Answer.EXAMINE: _S, Answer.CONFORM: _G, Answer.NOT_CONFORM: _A},
    _A: {
        **_NOTHING_TESTED,
        Answer.GRANT: _G,
        **dict.fromkeys((Answer.REFUSE, Answer.EXAMINE, Answer.SAMPLE), Unheard.RESULT_STANDS),
        Answer.ASK_SECOND_TEST: _T,
    },
    _T: {
        **dict.fromkeys(Answer, Unheard.SECOND_TEST_AWAITED),
        Answer.GRANT: _G,
        Answer.SECOND_CONFORM: _G,
        Answer.SECOND_NOT_CONFORM: _R,
    },
}
"""Every answer in every state: where it leads, or why it is unheard."""
_OF_LABORATORY: Final = {Answer.SECOND_CONFORM, Answer.SECOND_NOT_CONFORM}

ANSWERS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),  # null: for every item of the declaration
    "agency": pl.String(),
    "rule": pl.String(),  # null: for all the agency asks there
    "answer": pl.String(),  # Answer
    "at": pl.Datetime("us", "UTC"),
    "laboratory": pl.String(),  # of a result
}
HEARD: Final[dict[str, pl.DataType]] = ASKED | {"hearing": pl.String()}
UNHEARD: Final[dict[str, pl.DataType]] = ANSWERS | {"why": pl.String()}
SAY: Final[dict[str, pl.DataType]] = {  # one row per declaration and agency that has a say
    "d": pl.UInt32(),
    "agency": pl.String(),
    "condition": pl.String(),  # the word of `condition`
    "hearing": pl.String(),  # the gravest of its asks
    "waits": pl.Boolean(),  # release waits for it
}


_ALL_HEARD: Final = pl.DataFrame(schema=UNHEARD)


class Heard(NamedTuple):
    """The asks and where each stands (`HEARD`), and the answers that changed nothing, with the reason (`UNHEARD`)."""

    asks: pl.DataFrame
    unheard: pl.DataFrame


def heard(asks: pl.DataFrame, answers: pl.DataFrame, edition: Edition) -> Heard:
    """Where each ask (`agency.ASKED`) stands after the answers (`ANSWERS`), taken by their instant, then as given."""
    settled = pl.col("satisfied") | (pl.col("action") == "none")
    first = pl.when(settled).then(pl.lit(_G.value)).otherwise(pl.lit(_O.value))
    if answers.is_empty():  # nearly always
        return Heard(asks.with_columns(hearing=first).select(*HEARD), _ALL_HEARD)
    asks = asks.with_row_index("r").with_columns(hearing=first)
    spoken = shaped(answers, ANSWERS).sort("at", maintain_order=True).with_row_index("a")
    places = _concerned(asks, spoken)
    known = _laboratories(spoken, edition)
    stands: dict[int, Hearing] = {}
    why: dict[int, Unheard | None] = dict.fromkeys(spoken["a"], Unheard.NOT_ASKED)
    before = asks["hearing"]
    for a, r, word in places.select("a", "r", "answer").iter_rows():
        step = _step(stands.get(r, Hearing(before[r])), _word(word), published=a in known)
        if isinstance(step, Hearing):
            stands[r] = step
        # an answer to several asks is heard where it changed any
        why[a] = None if isinstance(step, Hearing) or why[a] is None else step
    after = before.scatter(list(stands), [state.value for state in stands.values()]) if stands else before
    lost = spoken.with_columns(why=pl.Series(list(why.values()), dtype=pl.String())).filter(pl.col("why").is_not_null())
    return Heard(asks.with_columns(hearing=after).select(*HEARD), lost.select(*UNHEARD))


def has_say(asks: pl.DataFrame) -> pl.DataFrame:
    """Every agency with a say in a declaration, and whether release waits for it (`SAY`), from `Heard.asks`."""
    order = pl.Enum([state.value for state in Hearing])
    gravest = asks.group_by("d", "agency", maintain_order=True).agg(pl.col("hearing").cast(order).max())
    word = pl.lit(condition.agency("")) + pl.col("agency")
    rows = gravest.with_columns(condition=word, waits=pl.col("hearing") != _G.value)
    return rows.select(pl.col(name).cast(kind) for name, kind in SAY.items())


def waiting(asks: pl.DataFrame) -> pl.DataFrame:
    """The agencies that release waits for, from `Heard.asks`: d, and `agencies` in order, as conditions are named."""
    open_ = asks.lazy().filter(pl.col("hearing") != _G.value)
    word = pl.lit(condition.agency("")) + pl.col("agency")
    rows = collected(open_.select("d", word.alias("agencies")).unique())
    alone = rows["d"].is_unique()  # nearly always, and gathering lists is dear
    several = rows.filter(~alone).group_by("d").agg(pl.col("agencies").sort())
    return pl.concat([rows.filter(alone).with_columns(pl.concat_list("agencies")), several])


def _word(word: str) -> Answer:
    if word not in set(Answer):
        raise BuildFault(f"{word!r} is no answer of an agency; known are {', '.join(Answer)}")
    return Answer(word)


def _step(state: Hearing, answer: Answer, *, published: bool) -> Hearing | Unheard:
    step = TABLE[state][answer]
    return Unheard.LABORATORY if isinstance(step, Hearing) and answer in _OF_LABORATORY and not published else step


def _concerned(asks: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """Each answer with each ask it is given to, in the order of the answers."""
    pairs = spoken.join(asks.select("d", "i", "agency", "rule", "r"), on=["d", "agency"], suffix="_asked")
    here = [pl.col(name).is_null() | (pl.col(name) == pl.col(f"{name}_asked")) for name in ("i", "rule")]
    return pairs.filter(here).sort("a", "r")


def _laboratories(spoken: pl.DataFrame, edition: Edition) -> frozenset[int]:
    """The answers whose laboratory the agency's administration published on their day."""
    if "laboratories" not in edition.tables:
        return frozenset()
    listed = edition.table("laboratories").select("laboratory", "issuer", "valid_from", "valid_to")
    of_agency = edition.table("agencies").select("agency", "issuer")
    good = spoken.join(of_agency, on="agency").join(listed, on=["laboratory", "issuer"])
    good = good.filter(in_force(pl.col("at").dt.date()))
    return frozenset(good["a"])
