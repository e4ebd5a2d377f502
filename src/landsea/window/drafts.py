"""Drafts over HTTP: what traders keep while they make a declaration, checked as often as they like, never lodged here.

A draft has a version, told as its entity tag; to change it is to say which version one saw (`If-Match`). The same
change sent again, because its answer was lost, is answered as the first time. Where somebody else was quicker, the
problem brings both texts. Names are drawn by the node, so that no address holds anything personal.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from landsea.declaration.stage import Lodgement
from landsea.errors import InputError
from landsea.node.drafts import Changed, Draft, Drafts, Full
from landsea.node.rehearsal import rehearsed

from .access import admitted, node_of
from .answer import encoded, told_in
from .body import JSON, XML, whole
from .problem import Problem, described

routes = APIRouter(tags=["drafts"])
_FORMS = {JSON: "json", **dict.fromkeys(sorted(XML), "xml")}
_TYPES = {"json": JSON, "xml": "application/xml"}
_TEXT = {"type": "string"}
_BODY = {"requestBody": {"required": True, "content": {kind: {"schema": {}} for kind in _FORMS}}}
_DRAFT: Mapping[str, Any] = {
    "type": "object",
    "required": ["name", "version", "form", "reference", "blanks", "changed_at", "size"],
    "properties": {
        "name": _TEXT,
        "version": {"type": "integer"},
        "form": {"enum": list(_TYPES)},
        "reference": {"type": ["string", "null"], "description": "The declarant's own reference in it"},
        "blanks": {"type": "array", "items": _TEXT, "description": "Names of blanks, written {{name}}: a template"},
        "changed_at": {"type": "string", "format": "date-time"},
        "size": {"type": "integer", "description": "In bytes"},
    },
}
_ASK: Mapping[str, Any] = {
    "type": "object",
    "required": ["item", "agency", "rule", "why", "action", "wanted", "satisfied", "fee", "fee_currency"],
}
_LISTS = {"findings": "Finding", "duties": "Duty"}
_CHECKED: Mapping[str, Any] = {
    "type": "object",
    "required": [*_LISTS, "agencies", "blanks"],
    "properties": {
        **{n: {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}} for n, of in _LISTS.items()},
        "agencies": {"type": "array", "items": _ASK, "description": "What each agency would ask of which goods item"},
        "blanks": {"type": "array", "items": _TEXT},
    },
}
_FILLING: Mapping[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_TAG = {"headers": {"ETag": {"schema": _TEXT, "description": "The version, to be sent back as If-Match"}}}
_SEEN = {"parameters": [{"name": "If-Match", "in": "header", "required": True, "schema": _TEXT}]}
_KNOWN = ("no-key", "not-allowed", "not-found")
_MADE = ("malformed", "too-large", "wrong-media-type", "full", "fault")


def _shows(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}, **_TAG}


_NEW = {201: _shows(_DRAFT, "Kept, and on the disk"), **described(*_KNOWN, *_MADE)}


@routes.post(
    "/v1/drafts",
    operation_id="draft_make",
    response_class=Response,
    status_code=201,
    openapi_extra=_BODY,
    responses=_NEW,
)
async def make(request: Request) -> Response:
    """Keeps a new draft, complete or not, as XML or JSON. Make it empty first where the connection is bad."""
    drafts, party = await _drafts(request, "draft_make")
    form, content = await _content(request)
    return _kept(await _tried(partial(drafts.make, party, form, content)), 201)


@routes.get(
    "/v1/drafts",
    operation_id="drafts",
    response_class=Response,
    responses={
        200: {"content": {JSON: {"schema": {"type": "array", "items": _DRAFT}}}},
        **described("no-key", "not-allowed"),
    },
)
async def listed(request: Request) -> Response:
    """All drafts and templates of the party, last changed first."""
    drafts, party = await _drafts(request, "drafts")
    return Response(encoded([_about(one) for one in await run_sync(drafts.listed, party)]), media_type=JSON)


@routes.put(
    "/v1/drafts/{name}",
    operation_id="draft_keep",
    response_class=Response,
    openapi_extra={**_BODY, **_SEEN},
    responses={
        200: _shows(_DRAFT, "Kept, and on the disk"),
        **described(*_KNOWN, *_MADE, "version-unsaid", "changed"),
    },
)
async def keep(request: Request, name: str) -> Response:
    """Keeps this content as the next version of the draft."""
    drafts, party = await _drafts(request, "draft_keep")
    version = _seen(request)
    form, content = await _content(request)
    return _kept(await _tried(partial(drafts.keep, party, name, version, form, content), content))


@routes.get(
    "/v1/drafts/{name}",
    operation_id="draft",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _TYPES.values()}, **_TAG}, **described(*_KNOWN)},
)
async def read(request: Request, name: str) -> Response:
    """The draft, byte for byte as it was kept."""
    drafts, party = await _drafts(request, "draft")
    draft = await _tried(partial(drafts.read, party, name))
    return Response(draft.content, media_type=_TYPES[draft.form], headers=_tag(draft))


@routes.delete(
    "/v1/drafts/{name}",
    operation_id="draft_drop",
    response_class=Response,
    status_code=204,
    openapi_extra=_SEEN,
    responses=described(*_KNOWN, "malformed", "version-unsaid", "changed", "fault"),
)
async def drop(request: Request, name: str) -> Response:
    """Deletes the draft."""
    drafts, party = await _drafts(request, "draft_drop")
    await _tried(partial(drafts.drop, party, name, _seen(request)))
    return Response(status_code=204)


@routes.post(
    "/v1/drafts/{name}/check",
    operation_id="draft_check",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": _CHECKED}}}, **described(*_KNOWN)},
)
async def check(request: Request, name: str) -> Response:
    """Findings, duties and what agencies would ask if the draft were lodged now. Nothing of it is recorded, and it says
    nothing of controls: those are chosen when a declaration is lodged."""
    drafts, party = await _drafts(request, "draft_check")
    draft = await _tried(partial(drafts.read, party, name))
    node = node_of(request)
    profile, now = node.settings.message_profile, node.clock.now()
    lodgement = Lodgement(draft.content, party, now, message_profile=profile)
    found = await run_sync(rehearsed, node.lodging, lodgement)
    told = told_in(((one.group, one.item, one.data) for one in found.blobs), request.app.state.sentences)
    return Response(encoded({**told, "agencies": found.asks, "blanks": draft.blanks}), media_type=JSON)


@routes.post(
    "/v1/drafts/{name}/fill",
    operation_id="draft_fill",
    response_class=Response,
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": _FILLING}}}},
    responses=_NEW,
)
async def fill(request: Request, name: str) -> Response:
    """Makes a new draft of this template with the blanks filled that are named; others stay."""
    drafts, party = await _drafts(request, "draft_fill")
    form, content = await _content(request)
    try:
        values = msgspec.json.decode(content if form == "json" else b"", type=dict[str, _Value])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem("malformed", f"Send an object of blanks and their texts: {error}.") from None
    return _kept(await _tried(partial(drafts.filled, party, name, values)), 201)


@routes.post(
    "/v1/declarations/{mrn}/draft",
    operation_id="draft_again",
    response_class=Response,
    status_code=201,
    responses=_NEW,
)
async def again(request: Request, mrn: str) -> Response:
    """Makes a draft of a declaration of one's own, its references, dates and numbers empty."""
    drafts, party = await _drafts(request, "draft_again")
    return _kept(await _tried(partial(drafts.again, party, mrn)), 201)


_Value = Annotated[str, msgspec.Meta(max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")]


async def _drafts(request: Request, operation: str) -> tuple[Drafts, str]:
    caller = await admitted(request, operation)
    node = node_of(request)
    return node.drafts, caller.party


async def _content(request: Request) -> tuple[str, bytes]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        raise Problem("wrong-media-type", f"Send one of {', '.join(_FORMS)}.", {"Accept-Post": ", ".join(_FORMS)})
    return _FORMS[kind], await whole(request)


def _seen(request: Request) -> int:
    tag = request.headers.get("if-match")
    if tag is None:
        raise Problem("version-unsaid", "Say in If-Match which version you saw; GET tells it as ETag.")
    number = tag.strip().removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise Problem("malformed", "If-Match holds one entity tag as ETag told it.")
    return int(number)


async def _tried(made: Callable[[], Any], sent: bytes | None = None) -> Any:
    try:
        return await run_sync(made)
    except KeyError:
        raise Problem("not-found", "You have nothing under this name.") from None
    except Full as full:
        raise Problem("full", f"{full}.".capitalize()) from None
    except InputError as wrong:
        raise Problem("malformed", f"{wrong}.".capitalize()) from None
    except Changed as changed:
        both = {"stored": {**_about(changed.stored), "content": changed.stored.content.decode()}}
        if sent is not None:
            both["sent"] = {"content": sent.decode()}
        raise Problem("changed", f"{changed}.".capitalize(), _tag(changed.stored), **both) from None


def _about(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _DRAFT["required"]}


def _tag(draft: Draft) -> dict[str, str]:
    return {"ETag": f'"{draft.version}"'}


def _kept(draft: Draft, status: int = 200) -> Response:
    headers = {**_tag(draft), **({"Location": f"/v1/drafts/{draft.name}"} if status == 201 else {})}
    return Response(encoded(_about(draft)), status, headers, JSON)
