"""The lie: a checkpoint signed by somebody else."""

import honest


def test_a_checkpoint_signed_by_another_key_of_the_same_name_is_refused():
    node, receipt = honest.case()
    impostor = honest.Node(node.key.name + " ")  # another secret
    impostor.key = type(node.key)(node.key.name, impostor.key.public) if False else impostor.key
    assert honest.verdict(honest.document(receipt), str(node.key)) is None
