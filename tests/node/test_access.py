import pytest
from sqlalchemy import select

from landsea.errors import InputError
from landsea.node import tables
from landsea.node.access import ROLES, Access
from landsea.node.clock import Clock
from landsea.node.store import Store


@pytest.fixture
def access(settings):
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings)
    yield Access(store, Clock())
    store.close()


@pytest.mark.parametrize("role", ROLES)
def test_a_key_stands_for_its_party_in_its_role(access, role):
    caller = access.caller(access.grant("CN91110000X", role))
    assert (caller.party, caller.role) == ("CN91110000X", role)


def test_an_unknown_role_is_refused(access):
    with pytest.raises(InputError, match="known: trader"):
        access.grant("x", "emperor")


@pytest.mark.parametrize("spoilt", ["{0}0", "", "é", "{0}_", "_{0}", "{0[0]}"])
def test_what_is_not_exactly_a_key_opens_nothing(access, spoilt):
    key = access.grant("x", "trader")
    assert access.caller(key)
    assert access.caller(spoilt.format(key)) is None


def test_a_revoked_key_opens_nothing(access):
    key = access.grant("x", "trader")
    access.revoke(access.caller(key).key_id)
    assert access.caller(key) is None
    with pytest.raises(InputError, match="no key"):
        access.revoke(key.split("_")[1])


def test_the_store_holds_no_key(access):
    key = access.grant("x", "trader")
    with access._store.reading() as connection:
        stored = repr(connection.execute(select(tables.api_keys)).all())
    assert key.split("_")[2] not in stored


@pytest.mark.parametrize("party", ["", "  ", "mai\x00"])
def test_a_key_is_for_somebody(access, party):
    with pytest.raises(InputError, match="for somebody"):
        access.grant(party, "trader")
