"""The lie: a checkpoint signed by somebody else."""

import honest
from landsea.transparency import checkpoint


def test_a_log_of_an_impostor_under_the_same_name_is_found_out_by_who_knows_the_key():
    node, _ = honest.case()
    impostor = honest.Node(node.key.name, secret="impostor")
    content = honest.document(honest.receipt(impostor))
    assert honest.verdict(content, str(node.key)) == "key"
    # who knows no key is told so: the step is not asked, and nothing else can tell the two apart
    assert honest.verdict(content) is None


def test_a_checkpoint_not_signed_by_the_log_is_refused():
    node, receipt = honest.case()
    impostor = honest.Node(node.key.name, secret="impostor")
    receipt["checkpoint"] = impostor.note(node.edge.size, node.edge.root).decode()
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


def test_a_signature_by_another_key_under_the_id_of_the_true_one_is_refused():
    node, receipt = honest.case()
    impostor = honest.Node(node.key.name, secret="impostor")
    forged = checkpoint.signed(checkpoint.read(node.files["checkpoint"]), node.key, impostor.secret.sign)
    receipt["checkpoint"] = forged.decode()
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


def test_a_checkpoint_without_its_signature_is_refused():
    node, receipt = honest.case()
    receipt["checkpoint"] = receipt["checkpoint"].partition("\n\n")[0] + "\n\n"
    assert honest.verdict(honest.document(receipt), str(node.key)) == "checkpoint"


def test_a_key_that_does_not_have_the_id_it_says_is_refused():
    node, receipt = honest.case()
    name, _, key = receipt["vkey"].split("+", 2)
    receipt["vkey"] = f"{name}+00000000+{key}"
    assert honest.verdict(honest.document(receipt), str(node.key)) == "key"
