"""Responses: customs' messages to the declarant (WCO RES) about an answer, as XML or as the JSON twin."""

from collections.abc import Mapping
from typing import Any

from landsea.declaration.finding import Severity
from landsea.units import micro
from landsea.wire.response import Breach, Function, Response, Statement, TaxLine, respond

from .answer import Answer
from .sentence import Sentences

LEGAL_GROUND, INSTRUCTION = "CUS", "ACB"  # UN/EDIFACT 4451: customs declaration information; additional information
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
        + _question(answer, function),
        taxes=[_line(duty) for duty in answer.duties if duty["amount"]] if function is Function.TAX else [],
        places=places,
    )


def _question(answer: Answer, function: Function) -> list[Statement]:
    asked = answer.act and answer.act.get("question")
    return [Statement(INSTRUCTION, "query", asked)] if asked and function is Function.QUERY else []


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
