"""Settings: one frozen table, read once at start from a TOML file and `LANDSEA_*`, all faults reported at once.

The environment goes before the file, the file before the default. The manual's table is generated from `FIELDS`.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from landsea.errors import InputError


@dataclass(frozen=True, slots=True)
class Settings:
    """How one node is set up. Nothing changes it while the node runs."""

    data: Path = field(
        default=Path("landsea-data"),
        metadata={"meaning": "folder of the node's keys and of its database if that is SQLite"},
    )
    database: str = field(
        default="",
        metadata={"meaning": "database URL; empty means SQLite in the data folder; postgresql://… for PostgreSQL"},
    )
    schedules: str = field(
        default="",
        metadata={"meaning": "folder of law and reference data; empty means the one shipped with the release"},
    )
    administration: str = field(default="CN", metadata={"meaning": "ISO code of the administration whose node this is"})
    authority_mode: str = field(
        default="decides",
        metadata={
            "meaning": "`decides`: the node is the authority's system; `relays`: a national system beside it decides"
        },
    )
    message_profile: str = field(
        default="landsea", metadata={"meaning": "profile of the standard that messages are read under"}
    )
    origin: str = field(
        default="",
        metadata={"meaning": "name of the log on every checkpoint; empty means landsea.invalid/<administration>"},
    )
    listen: str = field(default="127.0.0.1:8480", metadata={"meaning": "address and port the HTTP API listens on"})
    workers: int = field(
        default=0, metadata={"meaning": "processes that serve; 0 means one for each core this process may use"}
    )
    queue: int = field(
        default=1024,
        metadata={"meaning": "lodgements that may wait in each worker to be cleared; more are refused with 429"},
    )
    lot: int = field(default=256, metadata={"meaning": "most lodgements cleared in one lot"})
    chunk: int = field(
        default=20_000, metadata={"meaning": "declarations read, cleared and committed at a time on the bulk path"}
    )
    lock_timeout: int = field(
        default=30, metadata={"meaning": "seconds a commit waits for the log head before it gives up"}
    )
    clock_step: int = field(
        default=5,
        metadata={"meaning": "seconds the clock may step back and still be absorbed; further back, commits stop"},
    )
    retention: int = field(
        default=3650, metadata={"meaning": "days after which the contents of a closed dossier may be erased"}
    )

    drafts: int = field(default=200, metadata={"meaning": "drafts a party may keep"})
    draft_bytes: int = field(default=16 << 20, metadata={"meaning": "bytes a party's drafts may have together"})
    draft_days: int = field(default=180, metadata={"meaning": "days after which a draft nobody changed is deleted"})

    public_address: str = field(
        default="",
        metadata={"meaning": "address under which others reach the node, for links on papers and in notices"},
    )
    webhooks: str = field(
        default="public",
        metadata={"meaning": "where webhooks may go: `public` https addresses; `demonstration`: this machine too"},
    )
    mail_relay: str = field(default="", metadata={"meaning": "host:port of the SMTP relay; empty means no e-mail"})
    mail_sender: str = field(default="", metadata={"meaning": "address that e-mail comes from"})
    sms_gateway: str = field(
        default="", metadata={"meaning": "URL a text message is posted to, `{to}` and `{text}` in it; empty means none"}
    )
    sms_body: str = field(
        default='{"to": "{to}", "text": "{text}"}',
        metadata={"meaning": "body posted to it: JSON, or a form where it does not begin with a brace"},
    )
    sms_authorization: str = field(
        default="", metadata={"meaning": "Authorization header sent to it; better given by the environment"}
    )

    @property
    def processes(self) -> int:
        """How many processes serve."""
        return self.workers or cores()

    @property
    def relays(self) -> bool:
        """Whether a national system beside this node decides, and the node has no way to."""
        return self.authority_mode == "relays"

    @property
    def database_url(self) -> str:
        """The URL the database is opened under, its driver named."""
        if not self.database:
            return f"sqlite:///{self.data / 'node.sqlite'}"
        return self.database.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def log_origin(self) -> str:
        """The name that stands in the first line of every checkpoint."""
        return self.origin or f"landsea.invalid/{self.administration.lower()}"


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # where the system can bind processes to cores
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


FIELDS = {f.name: f for f in fields(Settings)}
_LEAST = {"workers": 0, "clock_step": 0} | dict.fromkeys(
    ("queue", "lot", "chunk", "lock_timeout", "retention", "drafts", "draft_bytes", "draft_days"), 1
)
AUTHORITY_MODES = ("decides", "relays")
WEBHOOKS = ("public", "demonstration")
_CHOICES = {"authority_mode": AUTHORITY_MODES, "webhooks": WEBHOOKS}
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this node.

    Raises InputError that names every unknown name, wrong type and value out of range, in the file and in the
    environment, at once.
    """
    given: dict[str, tuple[str, Any]] = {}
    faults: list[str] = []
    for name, value in _from_file(file).items():
        given[name] = (f"{file}: {name}", value)
    for name, value in (environment or {}).items():
        if name.startswith("LANDSEA_"):
            given[name.removeprefix("LANDSEA_").lower()] = (name, value)
    values = {}
    for name, (place, value) in given.items():
        if name not in FIELDS:
            faults.append(f"{place} is no setting")
            continue
        try:
            values[name] = _typed(name, value)
        except ValueError as fault:
            faults.append(f"{place} {fault}")
    if faults:
        raise InputError("; ".join(faults) + f"; the settings are {', '.join(FIELDS)}")
    return Settings(**values)


def _from_file(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the settings in {file} cannot be read: {error}") from error


def _typed(name: str, value: Any) -> Any:
    default: Any = FIELDS[name].default
    if isinstance(default, int):
        if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
            raise ValueError(f"is {value!r}, not a whole number")
        if int(value) < _LEAST[name]:
            raise ValueError(f"is {value}, less than {_LEAST[name]}")
        return int(value)
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - a fault of the operator, told with the others
            f"is {value!r}, not a text"
        )
    if name == "administration" and not (len(value) == 2 and value.isascii() and value.isupper()):
        raise ValueError(f"is {value!r}, not a two-letter ISO country code")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ValueError(f"is {value!r}, neither {' nor '.join(_CHOICES[name])}")
    if name == "mail_relay" and value and not value.rpartition(":")[2].isdecimal():
        raise ValueError(f"is {value!r}, not a host and port such as mail.example:25")
    if name in ("public_address", "sms_gateway") and value and not value.startswith(("https://", "http://")):
        raise ValueError("is not an address such as https://node.example")
    if name == "database" and value and not value.startswith(_DATABASES):
        raise ValueError(f"is {value.split(':')[0]}:…, which is neither SQLite nor PostgreSQL")
    return Path(value) if isinstance(default, Path) else value


def manual() -> str:
    """The table of settings for the manual, in Markdown."""
    rows = [
        f"| `{f.name}` | {type(f.default).__name__} | `{f.default}` | {f.metadata['meaning']} |"
        for f in fields(Settings)
    ]
    return "\n".join(["| name | type | default | meaning |", "|---|---|---|---|", *rows]) + "\n"
