"""Origin: whether a good originates under a scheme, by which criterion, with the figures and the steps.

RCEP Chapter 3, ATIGA Chapter 3, ACFTA Annex 1 and their like; what differs between schemes is data (`schemes`,
`scheme_members`, `scheme_articles`, `minimal_operations`). A good originates when it is wholly obtained (WO), produced
exclusively from originating materials (PE), or meets every requirement of one alternative of its rule. Of several the
first is given. A material of unknown origin does not originate; a good of which no material is told is not judged.
"""

from typing import Final, NamedTuple

import polars as pl

from landsea.codes.edition import Edition
from landsea.tariff.ground import KEYS, STEPS, numbered, shaped, step, told
from landsea.tariff.origin_rule import rules_table
from landsea.tariff.scheme import at, with_articles, with_membership
from landsea.tariff.value_content import HUNDRED, MATERIALS, ROLES, parts_of, with_value_content

GOODS: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "scheme": pl.String(),
    "party": pl.String(),  # where the good was made
    "on": pl.Date(),  # the day of exportation
    "hs6": pl.String(),
    "fob": pl.Int128(),  # all values in one currency
    "weight": pl.Int128(),
    "rule": pl.String(),  # as `origin_rule` reads it; null: the general rule of the scheme for the party
    "method": pl.String(),  # build-down, build-up; null: whichever is higher
    "labour": pl.Int128(),
    "overhead": pl.Int128(),
    "profit": pl.Int128(),
    "other": pl.Int128(),
    "wholly_obtained": pl.Boolean(),
}
PROCESSES: Final[dict[str, pl.DataType]] = {"d": pl.UInt32(), "i": pl.UInt32(), "process": pl.String()}
OUTCOMES: Final[dict[str, pl.DataType]] = {
    "d": pl.UInt32(),
    "i": pl.UInt32(),
    "qualifies": pl.Boolean(),  # null: not applicable, for `why`
    "criterion": pl.String(),  # the first alternative met: WO, PE, CTH, RVC40 …
    "why": pl.String(),  # what stands against it: a code of _SENTENCES
    "vnm": pl.Int128(),  # value of non-originating materials
    "vom": pl.Int128(),  # value of originating materials
    "build_down": pl.Int128(),  # per cent in millionths, cut
    "build_up": pl.Int128(),
    "tolerated": pl.Int128(),  # value of materials without the change, within the tolerance
}
_ALWAYS: Final = ("WO", "PE")  # open to every good, RCEP Annex 3A headnote 2
_SUBJECTS: Final = (*("wholly-obtained", "product-rules"), *ROLES["subject"].unique().sort())
_SENTENCES: Final = {
    "left aside": "{detail} is left aside: {amount}",
    "cumulated": "materials of other parties that originate count as originating: {amount}",
    "partly cumulated": "the regional content of materials that do not originate is cumulated: {amount}",
    "vnm": "materials that do not originate: {amount}",
    "build-down": "regional value content, build-down: {amount} %",
    "build-up": "regional value content, build-up: {amount} %",
    "met": "{detail} is met",
    "unmet": "{detail} is not met",
    "tolerated": "materials without the change of {amount} are within the tolerance",
    "unchanged": "materials without the change of {amount} are beyond the tolerance",
    "minimal": "nothing but minimal operations was done: {detail}",
    "qualifies": "the good originates by {detail}",
    "no criterion": "the good does not originate: no criterion is met",
    "no scheme": "not judged: the scheme is not known",
    "no party": "not judged: the country is no party on that day",
    "no rule": "not judged: no rule is known",
    "no materials": "not judged: no materials are told",
}


class Judged(NamedTuple):
    """Whether each good originates (`OUTCOMES`) and how that was found (`ground.STEPS`)."""

    outcomes: pl.DataFrame
    steps: pl.DataFrame


def judge(goods: pl.DataFrame, materials: pl.DataFrame, processes: pl.DataFrame | None, edition: Edition) -> Judged:
    """Every good (`GOODS`, one row per d and i) judged by its scheme, from its `MATERIALS` and `PROCESSES`."""
    known = _with_scheme(shaped(goods, GOODS), edition)
    parts = parts_of(shaped(materials, MATERIALS), known, edition)
    made = shaped(processes, PROCESSES)
    figures = with_value_content(known, parts).join(
        _minimal(known, made, edition), on=KEYS, how="left", maintain_order="left"
    )
    required, exceptions = _required(figures)
    changes = _changes(required, exceptions, parts)
    tried = _tried(required.join(changes, on=[*KEYS, "q"], how="left", maintain_order="left"), made)
    outcomes = _outcomes(figures, tried)
    return Judged(shaped(outcomes, OUTCOMES), numbered(_steps(figures, parts, tried, outcomes)))


def origin_steps(steps: pl.DataFrame) -> list[str]:
    """The steps of judging origin as sentences, each with its article."""
    return told(shaped(steps, STEPS), _SENTENCES)


def _with_scheme(goods: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The goods with what their scheme sets, the rule that holds for them, and `why` they cannot be judged."""
    set_by_scheme = ("general_rule", "partial_from", "tolerance_value", "tolerance_weight")
    schemes = edition.table("schemes").select("scheme", *set_by_scheme)
    own = edition.table("scheme_members").select("scheme", party="country", own_rule="general_rule")
    joined = (
        with_membership(goods, edition, "party", "on", "member")
        .join(schemes, on="scheme", how="left", maintain_order="left")
        .join(own, on=["scheme", "party"], how="left", maintain_order="left")
    )
    known = pl.col("scheme").is_in(schemes["scheme"].implode()).fill_null(value=False)
    rule = pl.coalesce("rule", "own_rule", "general_rule")
    why = (
        pl.when(~known).then(pl.lit("no scheme")).when(~pl.col("member")).then(pl.lit("no party"))
        .when(rule.is_null()).then(pl.lit("no rule"))
    )  # fmt: skip
    return with_articles(joined.with_columns(why=why, rule=rule), edition)


def _minimal(goods: pl.DataFrame, processes: pl.DataFrame, edition: Edition) -> pl.DataFrame:
    """The goods on which nothing but minimal operations of their scheme was done, with `minimal`: which."""
    listed = edition.table("minimal_operations").select("scheme", process="operation", listed=True)
    done = processes.join(goods.select(*KEYS, "scheme"), on=KEYS).join(listed, on=["scheme", "process"], how="left")
    small = pl.col("listed").fill_null(value=False)
    return done.group_by(KEYS).agg(pl.when(small.all()).then(pl.col("process").sort().str.join(", ")).alias("minimal"))


def _required(figures: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every judged good with every requirement of each alternative open to it, and the codes these except."""
    judged = figures.filter(pl.col("why").is_null())
    requirements, exceptions = rules_table([*_ALWAYS, *judged["rule"].unique().sort()])
    general = requirements.filter(pl.col("rule").is_in(_ALWAYS)).with_columns(alternative=pl.col("q")).drop("rule")
    own = requirements.filter(~pl.col("criterion").is_in(_ALWAYS)).with_columns(
        alternative=pl.col("alternative") + len(_ALWAYS)
    )
    always = judged.join(general, how="cross")
    required = pl.concat([always, judged.join(own, on="rule", maintain_order="left").select(always.columns)])
    return required.sort(*KEYS, "alternative", "q"), exceptions


def _changes(required: pl.DataFrame, exceptions: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """For every change of classification asked for: value and weight of the foreign materials without it."""
    asked = required.filter(pl.col("kind") == "CTC").select(*KEYS, "q", "digits", good="hs6")
    materials = parts.filter("foreign", "classified").select(*KEYS, "m", "hs6", "value", "weight")
    pairs = asked.join(materials, on=KEYS, maintain_order="left")
    length = pl.col("low").str.len_bytes()
    head = pl.col("hs6").str.head(length)
    barred = pairs.join(exceptions, on="q").filter((pl.col("low") <= head) & (head <= pl.col("high")))
    same = pl.col("hs6").str.head(pl.col("digits")) == pl.col("good").str.head(pl.col("digits"))
    stays = same.fill_null(value=True) | pl.col("barred").fill_null(value=False)
    left = pairs.join(
        barred.select(*KEYS, "q", "m", barred=True).unique(), on=[*KEYS, "q", "m"], how="left", maintain_order="left"
    ).filter(stays)
    whole = [pl.when(~pl.col(name).is_null().any()).then(pl.col(name).sum()) for name in ("value", "weight")]
    return left.group_by(*KEYS, "q").agg(
        whole[0].alias("unchanged"), whole[1].alias("unchanged_weight"), stayed=pl.len()
    )


def _tried(required: pl.DataFrame, processes: pl.DataFrame) -> pl.DataFrame:
    """Each requirement of each good with whether it is `met`, and what of the tolerance it took."""
    textile = pl.col("hs6").str.head(2).is_between(pl.lit("50"), pl.lit("63"))
    by_value = pl.col("unchanged") * HUNDRED <= pl.col("tolerance_value") * pl.col("fob")
    by_weight = textile & (pl.col("unchanged_weight") * HUNDRED <= pl.col("tolerance_weight") * pl.col("weight"))
    tolerated = by_value.fill_null(value=False) | by_weight.fill_null(value=False)
    enough = pl.max_horizontal("inside_down", "inside_up") * HUNDRED >= pl.col("percent") * pl.col("fob")
    worked = processes.unique().with_columns(worked=True)
    rows = required.join(worked, on=[*KEYS, "process"], how="left", maintain_order="left")
    kind, wholly = pl.col("kind"), pl.col("wholly_obtained").fill_null(value=False)
    met = (
        pl.when(kind == "WO").then(wholly)
        .when(kind == "PE").then(~pl.col("abroad"))
        .when(kind == "RVC").then(enough)
        .when(kind == "CTC").then(pl.col("stayed").is_null() | tolerated)
        .when(kind == "process").then(pl.col("worked"))
    )  # fmt: skip
    return rows.with_columns(
        met=met.fill_null(value=False),
        tolerated=pl.when((kind == "CTC") & pl.col("stayed").is_not_null() & tolerated).then("unchanged"),
        beyond=pl.when((kind == "CTC") & pl.col("stayed").is_not_null() & ~tolerated).then("unchanged"),
    )


def _outcomes(figures: pl.DataFrame, tried: pl.DataFrame) -> pl.DataFrame:
    """The goods with the first alternative of which every requirement is met."""
    exempt = pl.col("criterion").is_in(_ALWAYS)
    met = tried.group_by(*KEYS, "alternative", "criterion", "minimal").agg(
        pl.col("met").all(), pl.col("tolerated").sum()
    )
    good = met.filter(pl.col("met") & (exempt | pl.col("minimal").is_null())).sort("alternative")
    first = good.group_by(KEYS, maintain_order=True).first().select(*KEYS, "criterion", "tolerated")
    against = (
        pl.when(pl.col("criterion").is_not_null()).then(None)
        .when(pl.col("why").is_not_null()).then("why")
        .when(pl.col("minimal").is_not_null()).then(pl.lit("minimal"))
        .otherwise(pl.lit("no criterion"))
    )  # fmt: skip
    return (
        figures.join(first, on=KEYS, how="left", maintain_order="left")
        .with_columns(qualifies=pl.when(pl.col("why").is_null()).then(pl.col("criterion").is_not_null()))
        .with_columns(why=against)
    )


def _steps(
    figures: pl.DataFrame, parts: pl.DataFrame, tried: pl.DataFrame, outcomes: pl.DataFrame
) -> list[pl.DataFrame]:
    """How each good was judged: its materials and content, each alternative as far as it counts, the outcome."""
    chosen = outcomes.select(*KEYS, chosen="criterion")
    exempt = pl.col("chosen").is_in(_ALWAYS).fill_null(value=False)
    shown = tried.join(chosen, on=KEYS, maintain_order="left").filter(
        (pl.col("criterion") == pl.col("chosen")) | ~(exempt | pl.col("criterion").is_in(_ALWAYS))
    )
    subject = pl.col("kind").replace_strict({"RVC": "value-content", "WO": "wholly-obtained"}, default="product-rules")
    verdict = pl.when(pl.col("met")).then(pl.lit("met")).otherwise(pl.lit("unmet"))
    minimal = pl.col("why") == "minimal"
    return [
        *_steps_of_content(figures, parts),
        step(shown.drop_nulls("tolerated"), "tolerated", at("de-minimis"), pl.col("tolerated")),
        step(shown.drop_nulls("beyond"), "unchanged", at("de-minimis"), pl.col("beyond")),
        step(shown, verdict, _named(subject), detail=pl.col("text")),
        step(outcomes.filter(minimal), "minimal", at("minimal-operations"), detail=pl.col("minimal")),
        step(outcomes.filter("qualifies"), "qualifies", at("origin"), detail=pl.col("criterion")),
        step(outcomes.filter(~minimal), pl.col("why"), at("origin")),
    ]


def _steps_of_content(figures: pl.DataFrame, parts: pl.DataFrame) -> list[pl.DataFrame]:
    judged = figures.filter(pl.col("why").is_null(), ~pl.col("wholly_obtained").fill_null(value=False))
    articles = [name for name in judged.columns if name.startswith("at:")]
    used = parts.join(judged.select(*KEYS, *articles), on=KEYS, maintain_order="left")
    borrowed = used.filter(~pl.col("foreign"), pl.col("origin") != pl.col("party"), pl.col("counted") > 0)
    by_good = [*KEYS, *articles]
    cumulated = borrowed.group_by(by_good, maintain_order=True).agg(pl.col("vom").sum())
    partly = used.filter(pl.col("partly") > 0).group_by(by_good, maintain_order=True).agg(pl.col("partly").sum())
    role = pl.col("role").str.replace("-", " ")
    return [
        step(used.filter(~pl.col("valued")), "left aside", _named(pl.col("subject")), pl.col("value"), role),
        step(cumulated, "cumulated", at("cumulation"), pl.col("vom")),
        step(partly, "partly cumulated", at("cumulation"), pl.col("partly")),
        *(
            step(judged.drop_nulls(name), what, at("value-content"), pl.col(name))
            for name, what in (("vnm", "vnm"), ("build_down", "build-down"), ("build_up", "build-up"))
        ),
    ]


def _named(subject: pl.Expr) -> pl.Expr:
    """The article on the subject that the column names."""
    return pl.coalesce(pl.when(subject == name).then(at(name)) for name in _SUBJECTS)
