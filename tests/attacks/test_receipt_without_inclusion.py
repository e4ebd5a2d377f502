"""The lie: a receipt for a record that never entered the log."""

import honest
from landsea.dossier import record


def test_a_record_that_never_entered_the_log_has_no_receipt():
    node, receipt = honest.case()
    unlogged = record.seal(honest.records("LRN-1")[:1], honest.randomness(32 * 6, "another salt"))[0]
    receipt["records"] = receipt["records"][:1]
    receipt["records"][0]["header"] = unlogged.header.decode()
    assert honest.verdict(honest.document(receipt), str(node.key)) == "inclusion"


def test_a_proof_left_out_proves_nothing():
    node, receipt = honest.case()
    receipt["records"][0]["proof"] = []
    assert honest.verdict(honest.document(receipt), str(node.key)) == "inclusion"
