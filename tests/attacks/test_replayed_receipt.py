"""The lie: a genuine receipt, shown for another declaration or as another node's."""

import base64

import honest
from landsea.transparency import proof


def test_a_receipt_of_another_declaration_is_not_about_mine():
    node, receipt = honest.case()
    content = honest.document(receipt)
    assert honest.verdict(content, str(node.key), reference="LRN-1") is None
    assert honest.verdict(content, str(node.key), reference="D-LRN-1") is None
    assert honest.verdict(content, str(node.key), reference="LRN-2") == "reference"


def test_a_receipt_of_another_body_is_not_about_mine():
    node, receipt = honest.case()
    content = honest.document(receipt)
    assert honest.verdict(content, str(node.key), body=honest.LODGED.replace(b"LRN-1", b"LRN-2")) == "body"


def test_a_receipt_of_one_node_is_not_anothers():
    _, receipt = honest.case()
    other = honest.Node("hanoi.example/log")
    assert honest.verdict(honest.document(receipt), str(other.key)) == "key"
    receipt["node"] = other.key.name
    assert honest.verdict(honest.document(receipt), str(other.key)) == "key"


def test_the_decision_on_another_declaration_does_not_belong():
    node = honest.Node()
    first, second = honest.receipt(node, "LRN-1"), honest.receipt(node, "LRN-2")
    # both records are truly in the log; only their belonging together is the lie
    second["records"].append(with_proof_at_the_later_size(node, first["records"][1]))
    assert honest.verdict(honest.document(second), str(node.key)) == "belonging"


def with_proof_at_the_later_size(node, record):
    shown = proof.inclusion(node.files.get, record["index"], node.edge.size)
    return {**record, "proof": [base64.b64encode(one).decode() for one in shown]}
