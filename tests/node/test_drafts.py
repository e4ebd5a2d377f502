"""Drafts in both databases: durable, versioned, sealed to their place, bounded."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from databases import quiet
from landsea.errors import EnvironmentFault, InputError
from landsea.node import drafts, tables
from landsea.node.drafts import Changed, Full


def test_a_draft_is_there_after_a_restart(settings, edition):
    with quiet(settings, edition) as node:
        draft = node.drafts.make("mai", "xml", b"<a/>")
        node.drafts.keep("mai", draft.name, 1, "xml", b"<b/>")
    with quiet(settings, edition) as node:
        kept = node.drafts.read("mai", draft.name)
        assert (kept.version, kept.content) == (2, b"<b/>")
        assert [one.name for one in node.drafts.listed("mai")] == [draft.name]
        node.drafts.drop("mai", draft.name, 2)
        assert node.drafts.listed("mai") == []


def test_of_two_changes_of_one_version_one_is_made(node):
    draft = node.drafts.make("mai", "xml", b"<a/>")
    node.drafts.keep("mai", draft.name, 1, "xml", b"<b/>")
    with pytest.raises(Changed) as changed:
        node.drafts.keep("mai", draft.name, 1, "xml", b"<c/>")
    assert changed.value.stored.content == b"<b/>"


def test_a_sealed_content_fits_its_own_draft_only(node):
    one, two = (node.drafts.make(party, "xml", b"<a/>") for party in ("mai", "lee"))
    with node.store.writing() as connection:
        row = connection.execute(tables.drafts.select().where(tables.drafts.c.name == one.name)).one()
        moved = {"about": row.about, "content": row.content}
        connection.execute(update(tables.drafts).where(tables.drafts.c.name == two.name).values(**moved))
    with pytest.raises(EnvironmentFault):
        node.drafts.read("lee", two.name)


def test_nobody_reads_anothers_draft(node):
    draft = node.drafts.make("mai", "xml", b"<a/>")
    for refused in (node.drafts.read, lambda *own: node.drafts.keep(*own, 1, "xml", b"")):
        with pytest.raises(KeyError):
            refused("lee", draft.name)


def test_bytes_are_counted_over_all_drafts_of_a_party(settings, edition):
    with quiet(replace(settings, draft_bytes=1000), edition) as node:
        first = node.drafts.make("mai", "xml", b"<" + b"a" * 899)
        with pytest.raises(Full):
            node.drafts.make("mai", "xml", b"<" + b"a" * 200)
        node.drafts.make("lee", "xml", b"<" + b"a" * 200)
        node.drafts.keep("mai", first.name, 1, "xml", b"<a/>")
        node.drafts.make("mai", "xml", b"<" + b"a" * 200)


def test_a_draft_is_text(node):
    with pytest.raises(InputError, match="UTF-8"):
        node.drafts.make("mai", "xml", b"\xff\xfe")


def test_blanks_that_would_swell_a_draft_beyond_measure_are_not_filled(node, monkeypatch):
    template = node.drafts.make("mai", "json", b"[" + b'"{{a}}",' * 1_000 + b"0]")
    monkeypatch.setattr(drafts, "LARGEST", 100_000)
    swollen = []
    monkeypatch.setattr(drafts.Drafts, "make", lambda *made: swollen.append(made))
    with pytest.raises(Full):
        node.drafts.filled("mai", template.name, {"a": "\u00e9" * 50})
    assert not swollen
