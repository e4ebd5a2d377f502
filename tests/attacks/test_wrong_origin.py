"""The lie: a checkpoint of one log, shown as another's."""

import honest
from landsea.transparency.audit import audit


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused():
    node, receipt = honest.case()
    receipt["checkpoint"] = node.note(node.edge.size, node.edge.root, origin="vientiane.example/old").decode()
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


def test_a_node_cannot_be_renamed_in_a_receipt():
    node, receipt = honest.case()
    receipt["node"] = "hanoi.example/log"
    assert honest.verdict(honest.document(receipt), str(node.key)) == "key"


def test_an_origin_edited_under_the_signature_is_refused():
    node, receipt = honest.case()
    receipt["checkpoint"] = receipt["checkpoint"].replace("vientiane.example/log\n", "hanoi.example/log\n", 1)
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


def test_an_audit_does_not_take_another_logs_checkpoint():
    node, _ = honest.case()
    node.files["checkpoint"] = node.note(node.edge.size, node.edge.root, origin="vientiane.example/old")
    found = audit(node.files.get, node.key).lie
    assert found
    assert (found.kind, found.path) == ("signature", "checkpoint")
