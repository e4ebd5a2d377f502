"""Proof of origin: whether a proof is good for its scheme, and if not, by which conditions.

RCEP Section B of Chapter 3, ATIGA Annex 8, ACFTA Attachment A and their like: the kind of proof, who issued it and
when, for how long it is valid, the mark of one issued after exportation, direct consignment, and the back-to-back proof
of an intermediate party, whose quantities never exceed those of the first. Kinds: certificate, approved-exporter and
certified-exporter (declarations of exporters in a register), back-to-back (a movement certificate), waiver (by value).

The ledger of first proofs is a shared stock: a declaration is held against what earlier ones drew, and what it draws is
a claim, granted in the order of the log (`quota.draw`, whole or not at all).
"""

from functools import cache
from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.tariff.ground import KEYS, STEPS, Condition, numbered, shaped, step, told, unmet
from landsea.tariff.scheme import at, with_articles, with_membership
from landsea.units.validity import in_force

PROOFS: Final[dict[str, pl.DataType]] = {  # one row per item that rests on a proof
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "scheme": pl.String(),
    "kind": pl.String(),
    "number": pl.String(),
    "issuing": pl.String(),  # country
    "exporting": pl.String(),
    "importing": pl.String(),
    "origin": pl.String(),
    "exporter": pl.String(),
    "issued_on": pl.Date(),
    "exported_on": pl.Date(),
    "presented_on": pl.Date(),
    "retrospective": pl.Boolean(),  # it bears the mark of one issued after exportation
    "value": pl.Int128(),  # in the currency in which the scheme waives proof
    "quantity": pl.Int128(),
    "first_proof": pl.String(),  # what a back-to-back proof rests on
    "first_country": pl.String(),
    "returned": pl.Int128(),  # what the version before drew on it, given back
}
ROUTES: Final[dict[str, pl.DataType]] = {  # countries between exporting and importing
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "country": pl.String(),
    "under_control": pl.Boolean(),  # the goods stayed under customs control there
    "non_manipulation": pl.Boolean(),  # a certificate says that nothing was done to them
}
REGISTER: Final[dict[str, pl.DataType]] = {  # exporters who may declare origin themselves
    "scheme": pl.String(),
    "kind": pl.String(),
    "country": pl.String(),
    "exporter": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}
FIRST_PROOFS: Final[dict[str, pl.DataType]] = {  # the ledger: `drawn` by back-to-back proofs before this lot
    "scheme": pl.String(),
    "first_proof": pl.String(),
    "first_country": pl.String(),
    "first_issued_on": pl.Date(),
    "first_quantity": pl.Int128(),
    "drawn": pl.Int128(),
}
PROVED: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "scheme": pl.String(),
    "kind": pl.String(),
    "number": pl.String(),
    "good": pl.Boolean(),
    "why": pl.String(),  # the first condition not met
    "first_proof": pl.String(),  # of back-to-back proofs that are good, or fail only by quantity: what they rest on
    "first_country": pl.String(),
    "first_quantity": pl.Int128(),
    "left": pl.Int128(),  # of it, before this declaration
    "wanted": pl.Int128(),
    "drawn": pl.Int128(),  # nothing where it is not good
}
_REQUIRED: Final = {  # code: the subject on which the scheme has an article, and what is required
    "scheme": ("origin", "the scheme is known"),
    "party": ("origin", "origin, exporting and importing country are parties on the day"),
    "kind": ("proof", "the scheme knows this kind of proof on the day of issue"),
    "issuer": ("issue", "it was issued in the exporting country"),
    "exporter": ("exporter", "the exporter stood in the register on the day of issue"),
    "validity": ("validity", "it is presented after its issue and while it is valid"),
    "retrospective": ("issue", "if issued after exportation it says so, and is not too late"),
    "consignment": ("consignment", "outside the parties the goods stayed under customs control, untouched"),
    "waiver": ("waiver", "the value does not exceed what needs no proof"),
    "first": ("back-to-back", "the first proof is known"),
    "first validity": ("back-to-back", "it was issued and is presented while the first proof is valid"),
    "intermediate": ("back-to-back", "it was issued in another country than the first proof"),
    "quantity": ("back-to-back", "what is drawn on the first proof does not exceed its quantity"),
}
_DECLARED: Final = ("approved-exporter", "certified-exporter")


class Proved(NamedTuple):
    """Whether each proof is good (`PROVED`) and what was found (`ground.STEPS`)."""

    proofs: pl.DataFrame
    steps: pl.DataFrame


def prove(
    proofs: pl.DataFrame,
    routes: pl.DataFrame | None,
    register: pl.DataFrame | None,
    first_proofs: pl.DataFrame | None,
    edition: Edition,
) -> Proved:
    """Every proof (`PROOFS`) by its scheme, the `ROUTES` of the goods, the `REGISTER` and the ledger `FIRST_PROOFS`."""
    rows = _with_scheme(shaped(proofs, PROOFS), edition)
    rows = _with_register(rows, shaped(register, REGISTER))
    rows = _with_breaks(rows, shaped(routes, ROUTES), edition)
    rows = rows.join(
        shaped(first_proofs, FIRST_PROOFS).unique(["scheme", "first_proof", "first_country"], keep="first"),
        on=["scheme", "first_proof", "first_country"],
        how="left",
        maintain_order="left",
    )
    rows = _with_draws(rows)
    against = unmet(rows, _conditions())
    found = rows.join(
        against.group_by(KEYS, maintain_order=True).agg(why=pl.col("what").first()),
        on=KEYS,
        how="left",
        maintain_order="left",
    ).with_columns(good=pl.col("why").is_null())
    drawing = (pl.col("good") & (pl.col("kind") == "back-to-back")).fill_null(value=False)
    resting = drawing | (pl.col("why") == "quantity").fill_null(value=False)
    names = ("first_proof", "first_country", "first_quantity", "left")
    kept = [pl.when(resting).then(name).alias(name) for name in names]
    drawn = pl.when(drawing).then("quantity").when(resting).then(0)
    outcome = found.with_columns(*kept, wanted=pl.when(resting).then("quantity"), drawn=drawn)
    good = found.filter("good")
    shown = pl.concat_str("kind", "number", separator=" ", ignore_nulls=True)
    return Proved(shaped(outcome, PROVED), numbered([against, step(good, "good", at("proof"), detail=shown)]))


def proof_steps(steps: pl.DataFrame) -> list[str]:
    """What was found of the proofs as sentences, each with its article."""
    sentences = {code: f"not so: {sentence}" for code, (_, sentence) in _REQUIRED.items()}
    return told(shaped(steps, STEPS), sentences | {"good": "the proof is good: {detail}"})


def requirement(code: str | None) -> str:
    """What a proof that fails by this condition must meet; without one it is the proof itself that lacks."""
    return "there is a proof of origin" if code is None else _REQUIRED[code][1]


@cache
def _conditions() -> tuple[Condition, ...]:
    """What a proof must meet, in the order of `_REQUIRED`; what does not concern its kind holds."""
    waived, again = pl.col("kind").eq_missing(pl.lit("waiver")), pl.col("kind").eq_missing(pl.lit("back-to-back"))
    declared = pl.col("kind").is_in(_DECLARED).fill_null(value=False)
    issued, presented = pl.col("issued_on"), pl.col("presented_on")
    first_lasts = pl.col("first_valid_until")
    holds = {
        "scheme": pl.col("known"),
        "party": pl.all_horizontal("from_party", "to_party", "of_party"),
        "kind": pl.col("admitted"),
        "issuer": waived | (pl.col("issuing") == pl.col("exporting")),
        "exporter": ~declared | pl.col("registered"),
        "validity": waived | ((issued <= presented) & (presented <= pl.col("valid_until"))),
        "retrospective": (waived | declared | (issued <= pl.col("prompt_until")))
        | (pl.col("retrospective") & (issued <= pl.col("retrospective_until"))),
        "consignment": pl.col("unbroken"),
        "waiver": ~waived | (pl.col("value") <= pl.col("waiver_amount")),
        "first": ~again | pl.col("first_issued_on").is_not_null(),
        "first validity": ~again | ((issued <= first_lasts) & (presented <= first_lasts)),
        "intermediate": ~again | (pl.col("issuing") != pl.col("first_country")),
        "quantity": ~again | pl.col("covered"),
    }
    return tuple(
        Condition(code, at(subject), sentence, holds[code].fill_null(value=False))
        for code, (subject, sentence) in _REQUIRED.items()
    )


def _with_scheme(rows: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The proofs with the terms of their scheme, turned into days, and whether countries are parties."""
    terms = ("validity_months", "issue_days", "retrospective_months", "waiver_amount")
    schemes = edition.table("schemes").select("scheme", *terms, known=pl.lit(value=True))
    rows = rows.join(schemes, on="scheme", how="left", maintain_order="left")
    for country, name in (("exporting", "from_party"), ("importing", "to_party"), ("origin", "of_party")):
        rows = with_membership(rows, edition, country, "presented_on", name)
    admitted = rows.join(edition.table("scheme_proofs").drop("issuer"), on=["scheme", "kind"]).filter(
        in_force(pl.coalesce("issued_on", "presented_on"))
    )
    rows = rows.join(admitted.select(*KEYS, admitted=True), on=KEYS, how="left", maintain_order="left")
    return with_articles(rows, edition).with_columns(
        valid_until=_later("issued_on", "validity_months", "mo"),
        prompt_until=_later("exported_on", "issue_days", "d"),
        retrospective_until=_later("exported_on", "retrospective_months", "mo"),
    )


def _later(day: str, count: str, unit: str) -> pl.Expr:
    return pl.col(day).dt.offset_by(pl.concat_str(pl.col(count).cast(pl.String), pl.lit(unit)))


def _with_register(rows: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    entered = register.rename({"country": "issuing"})
    listed = rows.join(entered, on=["scheme", "kind", "issuing", "exporter"]).filter(in_force(pl.col("issued_on")))
    marked = listed.select(*KEYS, registered=True).unique()
    return rows.join(marked, on=KEYS, how="left", maintain_order="left")


def _with_breaks(rows: pl.DataFrame, routes: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The proofs with `unbroken`: whether each country on the way is a party, or touched as the scheme allows."""
    legs = routes.join(rows.select(*KEYS, "scheme", "presented_on"), on=KEYS, maintain_order="left")
    legs = with_membership(legs, edition, "country", "presented_on", "inside")
    safe = pl.col("under_control").fill_null(value=False) & pl.col("non_manipulation").fill_null(value=False)
    broken = legs.filter(~pl.col("inside") & ~safe).select(*KEYS, unbroken=False).unique()
    joined = rows.join(broken, on=KEYS, how="left", maintain_order="left")
    return joined.with_columns(pl.col("unbroken").fill_null(value=True))


def _with_draws(rows: pl.DataFrame) -> pl.DataFrame:
    """The proofs with `first_valid_until`, and `covered`: whether the first proof has the quantity left.

    What a declaration draws is summed over its items in their order, for no answer depends on other declarations.
    """
    again = rows.filter(pl.col("first_proof").is_not_null())
    upto = pl.col("quantity").cum_sum().over("d", "scheme", "first_proof", "first_country")
    rows = rows.join(again.select(*KEYS, upto=upto), on=KEYS, how="left", maintain_order="left")
    left = pl.col("first_quantity") - pl.col("drawn").fill_null(0) + pl.col("returned").fill_null(0)
    return rows.with_columns(
        left=left,
        covered=(pl.col("upto") <= left) & (pl.col("quantity") > 0),
        first_valid_until=_later("first_issued_on", "validity_months", "mo"),
    )
