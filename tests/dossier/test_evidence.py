"""The receipt: an honest one holds, any other does not, and both verifiers always agree."""

import copy
import json
import pathlib

from hypothesis import given, settings
from hypothesis import strategies as st

import honest
from landsea.dossier import evidence

FIXED = (pathlib.Path(__file__).parents[1] / "cases" / "receipt.json").read_bytes()
NODE, RECEIPT = honest.case()


def test_a_receipt_written_long_ago_still_holds():
    vkey = json.loads(FIXED)["vkey"]
    assert honest.verdict(FIXED, vkey, body=honest.LODGED, reference="LRN-1") is None


def test_a_receipt_is_written_in_these_bytes_for_ever():
    node = honest.Node()
    node.append(honest.noise(300))
    assert honest.written(node) == FIXED.removesuffix(b"\n")


def test_a_receipt_tells_what_each_step_saw():
    steps = evidence.verify_receipt(honest.document(RECEIPT), str(NODE.key), body=honest.LODGED, reference="LRN-1")
    assert [step.name for step in steps] == [
        *("form", "key", "checkpoint", "headers", "inclusion", "blobs", "belonging", "body", "reference")
    ]
    assert all(step.holds for step in steps)
    saw = {step.name: step.saw for step in steps}
    assert saw["inclusion"] == "entries 300, 301"
    assert saw["blobs"] == "the headers hold 7 parts: 4 stand here, 1 by digest alone, 2 are for others to see"
    assert "not witnessed" in saw["checkpoint"]


def test_what_was_not_given_was_not_checked():
    steps = evidence.verify_receipt(honest.document(RECEIPT))
    assert [step.name for step in steps if step.holds is None] == ["key", "body", "reference"]


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


PLACES = list(places(RECEIPT))
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from(PLACES), st.data())
@settings(max_examples=300, deadline=None)
def test_a_receipt_changed_anywhere_does_not_hold_and_both_verifiers_say_so_at_the_same_step(path, data):
    changed = copy.deepcopy(RECEIPT)
    holder = {"": changed}
    at, last = holder, ""
    for key in path:
        at, last = at[last], key
    was = at[last]
    if isinstance(was, str) and was and data.draw(st.booleans()):
        cut = data.draw(st.integers(0, len(was) - 1))
        at[last] = was[:cut] + data.draw(st.sampled_from(["", "A", "\n", "é"])) + was[cut + 1 :]
    elif isinstance(was, list) and was and data.draw(st.booleans()):
        at[last] = data.draw(st.permutations(was)) + was[: data.draw(st.integers(0, 1))]
    else:
        at[last] = data.draw(JUNK)
    failed = honest.verdict(honest.document(holder[""]), str(NODE.key), body=honest.LODGED)
    assert (failed is None) == (in_order(holder[""]) == in_order(RECEIPT))


def in_order(receipt) -> bytes:
    """The receipt written with its blobs by position: they may be shown in any order."""
    receipt = copy.deepcopy(receipt)
    records = receipt.get("records") if isinstance(receipt, dict) else None
    for record in records if isinstance(records, list) else []:
        shown = record.get("shown") if isinstance(record, dict) else None
        if isinstance(shown, list) and all(isinstance(one, dict) and type(one.get("position")) is int for one in shown):
            shown.sort(key=lambda one: one["position"])
    return honest.document(receipt)
