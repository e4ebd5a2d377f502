"""Standings: each operator's grade, drawn from what this node has on record of it, and told to it with every figure.

An operator is the party that lodges. Counted are declarations, those rejected for their findings, examinations and
those not conform, payments, those late, and securities that had to be called; an amendment counts for nothing, so that
nobody fears to correct a mistake (RKC General Annex 3.27). Grades are reckoned by `landsea standing`, nightly or when
wanted. A grade that the law's thresholds do not know, such as that of an authorised operator, stays as it is.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import BigInteger, Connection, case, cast, delete, func, literal, select, true

from landsea.clearance.change import LATE, NOT_CONFORM
from landsea.clearance.standing import RECORD, standing, told
from landsea.clearance.state import State
from landsea.codes.administration import law_of, local_day
from landsea.codes.edition import Edition

from . import tables
from .clock import Clock
from .store import Store

DAY = 24 * 3600 * 1_000_000
_DECLARED, _ACTS, _RECORDS, _GRADES = tables.declarations.c, tables.acts.c, tables.records.c, tables.standing
_DAY = cast(_RECORDS.at / literal(DAY, BigInteger), BigInteger)
_LODGED = (
    select(
        _DECLARED.sender,
        _DAY.label("day"),
        func.count().label("lodged"),
        func.sum(case((_DECLARED.state == State.REJECTED.value, 1), else_=0)).label("rejected"),
    )
    .join_from(tables.declarations, tables.records, _RECORDS.id == _DECLARED.dossier)
    .group_by(_DECLARED.sender, "day")
)
_WEIGHED = ("examined", "paid", "settled", "called")
_DONE = (
    select(_DECLARED.sender, _DAY.label("day"), _ACTS.kind, _ACTS.about, func.count().label("times"))
    .join_from(tables.acts, tables.declarations, _DECLARED.mrn == _ACTS.mrn)
    .join(tables.records, _RECORDS.leaf == _ACTS.leaf)
    .where(_ACTS.kind.in_(_WEIGHED))
    .group_by(_DECLARED.sender, "day", _ACTS.kind, _ACTS.about)
)


@dataclass(frozen=True, slots=True)
class Standings:
    """What a node of one administration reckons of those who lodge with it."""

    store: Store
    edition: Edition
    clock: Clock
    administration: str

    def reckon(self) -> int:
        """Every operator with a record has its grade of today; how many have."""
        with self.store.writing() as connection:
            record = self._record(connection)
            grades = standing(record, self._today(), self.edition).grades
            since = record.filter(act="declaration").group_by("operator").agg(pl.col("on").min().alias("first"))
            own = set(self.edition.table("standing_thresholds").filter(issuer=self.administration)["grade"])
            given = select(_GRADES.c.operator).where(_GRADES.c.grade.not_in(own))
            kept = pl.Series(connection.execute(given).scalars().all(), dtype=pl.String)
            rows = grades.join(since, on="operator").filter(~pl.col("operator").is_in(kept.implode()))
            connection.execute(delete(_GRADES).where(_GRADES.c.grade.in_(own)))
            found = [(who, grade, str(first)) for who, grade, first in rows.select("operator", "grade", "first").rows()]
            self.store.insert(connection, _GRADES, found)
        return len(found)

    def of(self, operator: str) -> tuple[str | None, list[str]]:
        """The operator's grade as last reckoned, and every figure of today against the thresholds, as sentences."""
        with self.store.reading() as connection:
            grade = connection.execute(select(_GRADES.c.grade).where(_GRADES.c.operator == operator)).scalar()
            record = self._record(connection, operator)
        return grade, told(standing(record, self._today(), self.edition).figures)

    def _today(self) -> date:
        return local_day(self.clock.now(), law_of(self.edition, self.administration))

    def _record(self, connection: Connection, operator: str | None = None) -> pl.DataFrame:
        """What counts (`clearance.standing.RECORD`), of one operator or of all."""
        of = true() if operator is None else _DECLARED.sender == operator
        rows = []
        for who, day, lodged, rejected in connection.execute(_LODGED.where(of)):
            rows += [(who, day, "declaration", lodged), (who, day, "error", rejected)]
        for who, day, kind, about, times in connection.execute(_DONE.where(of)):
            rows += [(who, day, act, times) for act in _counted(kind, about)]
        frame = pl.DataFrame(
            rows, schema={"operator": pl.String, "day": pl.Int32, "act": pl.String, "count": pl.UInt32}, orient="row"
        )
        here = frame.filter(pl.col("count") > 0).with_columns(
            administration=pl.lit(self.administration), on=pl.col("day").cast(pl.Date)
        )
        return here.select(*RECORD)


def _counted(kind: str, about: str) -> list[str]:
    if kind == "examined":
        return ["examination", *(["not-conform"] if about == NOT_CONFORM else [])]
    if kind == "called":
        return ["security-called"]
    return ["payment", *(["paid-late"] if about == LATE else [])]
