"""Offers over HTTP: what every regime would charge on goods that are not declared yet, the best first, and why."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from landsea.tariff.preference import offered, offers_told
from landsea.units import decimal_text, micro

from .access import allowed, node_of
from .answer import encoded
from .body import JSON
from .problem import described
from .said import asked, inlined, read, tried

if TYPE_CHECKING:
    from landsea.node.assemble import Node

routes = APIRouter(tags=["tariff"])
_Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
_Decimal = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})?$(?!\n)")]


class Goods(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The goods asked for; `proofs` are the schemes of which a good proof of origin is at hand."""

    commodity: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,12}$(?!\n)")]
    origin: _Country
    amount: _Decimal
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
    on: date | None = None
    administration: _Country | None = None
    export: bool = False
    net_mass: _Decimal | None = None
    proofs: Annotated[list[Annotated[str, msgspec.Meta(max_length=20)]], msgspec.Meta(max_length=20)] = []


_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_OFFER: Final = {
    "rank": {"type": "integer"},
    "preference": _TEXT,
    "name": _TEXT,
    **dict.fromkeys(("rate", "amount", "currency", "why"), _MAYBE),
    "applies": {"type": "boolean"},
    "sentence": _TEXT,
}
_OFFERS: Final = {"type": "array", "items": {"type": "object", "required": list(_OFFER), "properties": _OFFER}}


@routes.post(
    "/v1/offers",
    operation_id="offers",
    response_class=Response,
    dependencies=[Depends(allowed("offers"))],
    openapi_extra=asked(inlined(Goods)),
    responses={
        200: {"description": "Every regime, the best first", "content": {JSON: {"schema": _OFFERS}}},
        **described("malformed", "no-key", "not-allowed", "too-large", "wrong-media-type", "fault"),
    },
)
async def offers(request: Request) -> Response:
    """Tells what every regime would charge, by the law of the day; nothing is declared, and nothing is kept."""
    node = node_of(request)
    goods: Goods = await read(request, Goods)
    return Response(encoded(await tried(partial(_offered, node, goods))), media_type=JSON)


def _offered(node: "Node", goods: Goods) -> list[dict[str, Any]]:
    key = {
        "administration": goods.administration or node.settings.administration,
        "direction": "export" if goods.export else "import",
        "on": goods.on or node.clock.now().date(),
        "commodity_code": goods.commodity,
        "origin": goods.origin,
        "amount": micro(goods.amount),
        "currency": goods.currency,
        "net_mass": micro(goods.net_mass) if goods.net_mass else None,
    }
    rows = offered(key, goods.proofs, node.edition)
    told = zip(rows.iter_rows(named=True), offers_told(rows), strict=True)
    return [
        {name: row[name] for name in _OFFER if name in row} | {"amount": _written(row["amount"]), "sentence": sentence}
        for row, sentence in told
    ]


def _written(amount: int | None) -> str | None:
    return None if amount is None else decimal_text(amount)
