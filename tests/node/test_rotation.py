"""Rotation: a new key signs from the next checkpoint on, and nothing the old one proved or sealed is lost."""

import json

import pytest
from sqlalchemy import select

from databases import quiet
from landsea.dossier.evidence import verify_receipt
from landsea.errors import EnvironmentFault
from landsea.node import records, rotation, tables
from landsea.node.keys import open_keys
from landsea.node.rotation import replaced, rotated
from landsea.transparency import checkpoint
from landsea.transparency.audit import audit
from lodged import declaration, lodgement


def lodged(node, lrn):
    return node.lodge(lodgement(declaration(lrn))).result(60).document


def turned(node):
    return rotated(node.store, node.ledger.keys, node.log, node.edition.digest)


def holds(receipt, vkey):
    return all(step.holds is not False for step in verify_receipt(receipt, str(vkey)))


def test_receipts_given_before_hold_by_their_key_and_those_after_by_the_new_one(node):
    before, first = node.log.key, lodged(node, "L1")
    after = turned(node)
    second = lodged(node, "L2")
    assert after != str(before)
    assert [holds(first, before), holds(first, after)] == [True, False]
    assert [holds(second, after), holds(second, before)] == [True, False]
    assert lodged(node, "L1") == first
    assert audit(node.log.published, checkpoint.parse_vkey(after)).lie is None


def test_the_checkpoint_over_the_rotation_is_signed_by_both_keys_and_no_other_is(node):
    before = node.log.key
    lodged(node, "L1")
    turned(node)
    lodged(node, "L2")
    with node.store.reading() as connection:
        notes = (
            connection.execute(select(tables.checkpoints.c.note).order_by(tables.checkpoints.c.size)).scalars().all()
        )
        (leaf,) = connection.execute(
            select(tables.records.c.leaf).where(tables.records.c.kind == rotation.KIND)
        ).scalars()
        said = json.loads(records.read(connection, node.ledger.keys, [leaf])[leaf].blobs[0].data)
    signers = [{line.key_id for line in checkpoint.read(bytes(note)).signatures} for note in notes]
    both = {before.id, node.log.key.id}
    assert signers.count(both) == 1
    at = signers.index(both)
    assert set(map(frozenset, signers[:at])) == {frozenset({before.id})}
    assert set(map(frozenset, signers[at + 1 :])) == {frozenset({node.log.key.id})}
    assert said == {"purpose": "log", "before": str(before), "after": str(node.log.key)}


def test_a_receipt_first_made_after_the_rotation_names_the_key_that_signed_then(node):
    before, first = node.log.key, lodged(node, "L1")
    turned(node)
    with node.store.writing() as connection:
        connection.execute(tables.lodgements.update().values(receipt=None))
    assert holds(lodged(node, "L1"), before)
    assert json.loads(lodged(node, "L1"))["vkey"] == json.loads(first)["vkey"]


def test_other_processes_take_up_the_new_key_with_their_next_commit(settings, edition):
    with quiet(settings, edition) as one, quiet(settings, edition) as other:
        lodged(other, "L1")
        after = turned(one)
        assert str(other.log.in_force()) == after
        assert holds(lodged(other, "L2"), after)
    with quiet(settings, edition) as again:
        assert str(again.log.key) == after


@pytest.mark.parametrize("stage", ["seal", "write"])
def test_a_rotation_that_breaks_off_changes_nothing_and_the_next_one_uses_its_key(
    settings, edition, monkeypatch, stage
):
    with quiet(settings, edition) as node:
        before = node.log.key

        def fall(*_):
            raise EnvironmentFault("the power went")

        with monkeypatch.context() as falling:
            falling.setattr(rotation if stage == "seal" else rotation.records, stage, fall)
            with pytest.raises(EnvironmentFault):
                turned(node)
        assert holds(lodged(node, "L1"), before)
        pending = open_keys(settings.data / "keys").public("log")
    with quiet(settings, edition) as node:
        assert node.log.key == before
        assert checkpoint.parse_vkey(turned(node)).public == pending
        assert holds(lodged(node, "L2"), node.log.key)


@pytest.mark.parametrize("purpose", ["data", "seed", "batch", "seal", "profiles"])
def test_what_older_keys_sealed_opens_after_a_rotation_and_in_processes_that_still_run(settings, edition, purpose):
    with quiet(settings, edition) as one, quiet(settings, edition) as other:
        first, id_before = lodged(one, "L1"), one.ledger.keys.id(purpose)
        assert replaced(one.ledger.keys, purpose) == one.ledger.keys.id(purpose).hex() != id_before.hex()
        second = lodged(one, "L2")
        assert (lodged(other, "L1"), lodged(other, "L2")) == (first, second)
