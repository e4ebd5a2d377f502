"""`landsea offers`: what every regime would charge on goods, the best first, with the reasons."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

Goods = Annotated[
    list[str],
    typer.Argument(
        metavar="COMMODITY AMOUNT CURRENCY [KG]", help="Its code, what it costs, and its net mass if known."
    ),
]
Origin = Annotated[str, typer.Option("--origin", metavar="XX", help="The country the goods originate in.")]
Admin = Annotated[str, typer.Option("--admin", metavar="XX", help="The administration that would charge them.")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; without it, today.")]
Proof = Annotated[list[str], typer.Option("--proof", metavar="SCHEME", help="A good proof of origin is at hand.")]
Folder = Annotated[str, typer.Option("--schedules", metavar="FOLDER", help="The law; without it, the one shipped.")]


def offers(  # noqa: PLR0913, PLR0917 - each is an argument or option of the command
    goods: Goods,
    origin: Origin,
    admin: Admin,
    on: Day = None,
    proof: Proof = [],  # noqa: B006 - typer copies it
    schedules: Folder = "",
) -> None:
    """Show every regime beside the others: rate, amount, and why it applies or not. Nothing is declared."""
    from landsea.errors import InputError
    from landsea.node.law import edition_in
    from landsea.tariff.preference import offered

    from .table import console

    if len(goods) not in (3, 4):
        raise InputError("say a commodity code, an amount and its currency, and the net mass if you like")
    commodity, amount, currency, *mass = goods
    if not commodity.isdecimal():
        raise InputError(f"{commodity!r} is no commodity code: write its digits, as 081060")
    key = {
        "administration": admin.upper(),
        "direction": "import",
        "on": (on or datetime.now(UTC)).date(),
        "commodity_code": commodity,
        "origin": origin.upper(),
        "amount": _figure(amount),
        "currency": currency.upper(),
        "net_mass": _figure(mass[0]) if mass else None,
    }
    console().print(_beside_each_other(offered(key, {scheme.upper() for scheme in proof}, edition_in(schedules))))


def _beside_each_other(rows: "pl.DataFrame") -> "Table":
    from rich.table import Table

    from landsea.tariff.preference import offers_told
    from landsea.units import decimal_text

    table = Table(box=None, pad_edge=False)
    for title in ("", "regime", "rate", "amount", "what it comes to"):
        table.add_column(title, justify="right" if title == "amount" else "left")
    for row, sentence in zip(rows.iter_rows(named=True), offers_told(rows), strict=True):
        charged = "–" if row["amount"] is None else decimal_text(row["amount"])
        table.add_row("*" if row["rank"] == 1 else "", row["preference"], row["rate"] or "–", charged, sentence)
    return table


def _figure(text: str) -> int:
    from landsea.errors import InputError
    from landsea.units import micro

    try:
        return micro(text)
    except ValueError as error:
        raise InputError(f"{text!r} {error}") from error
