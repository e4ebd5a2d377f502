from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from landsea.errors import InputError
from landsea.node.settings import Settings, manual, settings


def test_without_anything_given_the_defaults_hold():
    assert settings() == Settings()
    assert settings().database_url == "sqlite:///landsea-data/node.sqlite"
    assert settings().log_origin == "landsea.invalid/cn"


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path):
    file = tmp_path / "node.toml"
    file.write_text('administration = "LA"\nqueue = 7\n')
    read = settings(file, {"LANDSEA_QUEUE": "9", "LANDSEA_DATA": "there", "PATH": "untouched"})
    assert (read.administration, read.queue, read.data, read.lot) == ("LA", 9, Path("there"), 256)


def test_a_postgresql_url_names_its_driver():
    given = settings(environment={"LANDSEA_DATABASE": "postgresql://customs@db/node"})
    assert given.database_url == "postgresql+psycopg://customs@db/node"


def test_all_faults_are_told_at_once(tmp_path):
    file = tmp_path / "node.toml"
    file.write_text('lot = "many"\nqueues = 3\nadministration = "Laos"\nlisten = 80\nqueue = true\n')
    with pytest.raises(InputError) as told:
        settings(file, {"LANDSEA_CHUNK": "0", "LANDSEA_DATABASE": "mysql://root:secret@db"})
    for part in ("lot", "queues is no setting", "'Laos'", "listen", "queue is True", "LANDSEA_CHUNK is 0", "DATABASE"):
        assert part in str(told.value)
    assert "secret" not in str(told.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"missing\.toml"):
        settings(tmp_path / "missing.toml")


def test_settings_never_change():
    with pytest.raises(FrozenInstanceError):
        settings().queue = 2


def test_the_manual_lists_every_setting_with_its_meaning():
    for field in fields(Settings):
        assert f"| `{field.name}` |" in manual()
        assert field.metadata["meaning"] in manual()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("WEBHOOKS", "everywhere", "neither public nor demonstration"),
        ("PUBLIC_ADDRESS", "node.example", "not an address"),
        ("SMS_GATEWAY", "ftp://user:secret@gateway", "not an address"),
        ("MAIL_RELAY", "mail.example", "not a host and port"),
    ],
)
def test_a_setting_of_notices_that_leads_nowhere_is_refused(name, value, why):
    with pytest.raises(InputError, match=why) as told:
        settings(environment={f"LANDSEA_{name}": value})
    assert "secret" not in str(told.value)
