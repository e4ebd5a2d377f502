"""A request's body is bounded before it is held, and several declarations keep the bytes they came in."""

import asyncio

import pytest
from starlette.requests import Request

from landsea.window.body import TOGETHER, carried
from landsea.window.problem import Problem
from landsea.wire.limits import Limits


def request(parts, content_type="application/json", taken=None, **headers):
    """A request whose body arrives in these parts; `taken` lists the parts that were asked for."""
    waiting = list(parts)

    async def receive():
        part = waiting.pop(0)
        if taken is not None:
            taken.append(part)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    names = {"content-type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
    raw = [(k.encode(), v.encode()) for k, v in names.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


def messages(*parts, limit=1000, **how):
    return asyncio.run(carried(request(parts, **how), Limits(bytes=limit)))


def refused(*parts, limit=1000, **how):
    with pytest.raises(Problem) as problem:
        messages(*parts, limit=limit, **how)
    return problem.value


def test_one_declaration_is_one_message():
    assert messages(b'{"a"', b":1}").messages == [b'{"a":1}']
    assert not messages(b"<a/>", content_type="application/xml; charset=utf-8").several


def test_the_elements_of_an_array_keep_their_bytes():
    both = messages(b' [ {"a" : 1.50} , {"b":2}]')
    assert both.messages == [b'{"a" : 1.50}', b'{"b":2}']
    assert both.several


def test_lines_of_json_are_several_messages():
    both = messages(b'{"a":1}\n\n{"b":2}\n', content_type="application/x-ndjson")
    assert both.messages == [b'{"a":1}', b'{"b":2}']


def test_a_body_that_says_it_is_too_large_is_not_read():
    taken = []
    assert refused(b"x", taken=taken, content_length="2000").status == 413
    assert taken == []


def test_a_body_that_grows_too_large_is_given_up_on_at_once():
    taken = []
    assert refused(b"x" * 600, b"x" * 600, b"x" * 600, taken=taken).status == 413
    assert len(taken) == 2


@pytest.mark.parametrize("kind", ["", "text/plain", "application/zip", "multipart/form-data; boundary=a"])
def test_another_media_type_is_refused_unread(kind):
    taken = []
    assert refused(b"x", content_type=kind, taken=taken).status == 415
    assert taken == []


@pytest.mark.parametrize("body", [b"[1,", b"[]x", b"[" * 900])
def test_an_array_that_is_none_goes_to_the_reader_whole(body):
    assert messages(body).messages == [body]


@pytest.mark.parametrize("body", [b"[]", b" [\n]\t"])
def test_an_array_of_nothing_is_refused_and_not_recorded(body):
    problem = refused(body)
    assert (problem.status, str(problem)) == (400, "The array is empty; send at least one declaration.")


def test_no_more_come_together_than_one_lot_takes():
    assert refused(b"[" + b",".join([b"1"] * (TOGETHER + 1)) + b"]", limit=5000).status == 413
