"""Responses: customs' messages to the declarant (WCO RES) about an answer, as XML or as the JSON twin."""

from collections.abc import Mapping
from typing import Any

from landsea.declaration.element import element
from landsea.declaration.finding import Severity
from landsea.declaration.pointer import pointer
from landsea.units import micro
from landsea.wire.response import Breach, Function, Response, Statement, TaxLine, numeric, respond

from .answer import Answer
from .sentence import Sentences

LEGAL_GROUND, INSTRUCTION = "CUS", "ACB"  # UN/EDIFACT 4451: customs declaration information; additional information
GENERAL = "AAI"  # UN/EDIFACT 4451: general information
_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"
_TEXT = 512  # characters of a statement, WCO 225
_CONTROLLING = frozenset({Function.CONTROL, Function.DOCUMENTS})


def responses(answer: Answer, sentences: Sentences, administration: str, places: int) -> list[Response]:
    """The responses owed for this answer, in order."""
    return [
        _response(answer, Function(f"{code:02}"), sentences, administration, places)
        for code in answer.told["responses"]
    ]


def together(given: list[Response], form: str) -> bytes:
    """Several responses as one body: a JSON array, or the messages inside one XML element."""
    bodies = [respond(response, form).strip() for response in given]
    if form == "json":
        return b"[" + b",".join(bodies) + b"]"
    bare = [body.partition(b"?>")[2].strip() if body.startswith(b"<?xml") else body for body in bodies]
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<Responses xmlns="urn:landsea:responses:1">%s</Responses>\n' % (
        b"\n".join(bare)
    )


def _response(answer: Answer, function: Function, sentences: Sentences, administration: str, places: int) -> Response:
    told = answer.told
    errors = [f for f in answer.findings if f.severity is Severity.ERROR] if function is Function.REJECTED else []
    controlled = function in _CONTROLLING
    return Response(
        function=function,
        reference=f"{answer.record}-{function.value}"[:35],
        issued_at=answer.decided_at,
        lrn=answer.references.get("lrn"),
        mrn=answer.mrn,
        version=told["version"],
        administration=administration,
        breaches=[Breach(f.rule, f.pointer, sentences.message(f)) for f in errors],
        statements=[
            Statement(kind, told["ground"] or "", text)
            for kind, text in ((LEGAL_GROUND, told["law"]), (INSTRUCTION, told["action"]))
            if controlled and text
        ]
        + _question(answer, function)
        + _agencies(answer, function)
        + (_rates(answer) if function is Function.TAX else []),
        taxes=[_line(duty) for duty in answer.duties if duty["amount"]] if function is Function.TAX else [],
        places=places,
    )


def _question(answer: Answer, function: Function) -> list[Statement]:
    asked = answer.act and answer.act.get("question")
    return [Statement(INSTRUCTION, "query", asked)] if asked and function is Function.QUERY else []


def _agencies(answer: Answer, function: Function) -> list[Statement]:
    """What agencies want and is not there, told when a declaration is taken up; and what one of them answered."""
    if function is Function.REQUESTED and answer.act and answer.act["kind"] == "agency-answered":
        said = answer.act["reason"] or answer.act["agency"]
        return [Statement(INSTRUCTION, answer.act["answer"], said[:_TEXT])]
    if function not in (Function.ACCEPTED, Function.RECEIVED) or answer.act:
        return []
    return [
        Statement(INSTRUCTION, ask["rule"], _wanted(ask)[:_TEXT], pointer=pointer(element(_ITEM).at, ask["item"]))
        for ask in answer.agencies
        if not ask["satisfied"] and ask["action"] != "none"
    ]


def _wanted(ask: Mapping[str, Any]) -> str:
    papers = f", or declare {' or '.join(ask['wanted'].split())}" if ask["wanted"] else ""
    return f"{ask['name'] or ask['agency']}: {ask['action']} for {ask['why']}{papers}"


def _rates(answer: Answer) -> list[Statement]:
    """Rates that are no single number, in words, at the goods item they are of."""
    return [
        Statement(GENERAL, duty["tax"], duty["rate"], pointer=pointer(element(_ITEM).at, duty["item"]))
        for duty in answer.duties
        if duty["amount"] and duty["rate"] and numeric(duty["rate"]) is None
    ]


def _line(duty: Mapping[str, Any]) -> TaxLine:
    amount = micro(duty["amount"])
    return TaxLine(
        item=duty["item"],
        type=duty["tax"],
        assessed=amount,
        payable=amount if duty["state"] == "payable" else 0,
        currency=duty["currency"],
        base=duty["base"] and micro(duty["base"]),
        quantity=duty["quantity"] and micro(duty["quantity"]),
        unit=duty["unit"],
        rate=duty["rate"],
        regime=duty["regime"],
    )
