"""Problems follow RFC 9457, and there is one list of them."""

import json

from landsea.window.problem import MEDIA_TYPE, PROBLEMS, SCHEMA, Problem, described


def test_a_problem_says_type_title_status_and_detail():
    answer = Problem("queue-full", "Too many wait.", {"Retry-After": "1"}).response()
    assert answer.status_code == 429
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["retry-after"] == "1"
    members = json.loads(answer.body)
    assert members["type"] == "urn:landsea:problem:queue-full"
    assert (members["status"], members["detail"]) == (429, "Too many wait.")


def test_a_problem_carries_what_belongs_to_it():
    assert json.loads(Problem("conflict", "x", first="26CN1").response().body)["first"] == "26CN1"


def test_the_published_schema_knows_each_problem():
    assert len(SCHEMA["properties"]["type"]["enum"]) == len(PROBLEMS)


def test_two_problems_of_one_status_are_both_described():
    assert PROBLEMS["unreadable"][1] in described("unreadable", "not-a-declaration")[422]["description"]
    assert PROBLEMS["not-a-declaration"][1] in described("unreadable", "not-a-declaration")[422]["description"]
