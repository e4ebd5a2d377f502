"""The node, put together: settings, store, keys, clock, law and the clearing thread; every outside door is here."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from landsea.codes.edition import Edition
from landsea.declaration.stage import Lodgement
from landsea.errors import EnvironmentFault, Relays
from landsea.wire import read

from . import counters
from .access import Access
from .acting import Acting
from .arriving import Arriving
from .bulk import committed
from .clearing import Clearing
from .clock import Clock
from .commit import Ledger, Receipt
from .keys import open_keys
from .law import edition_in, refuse_unknown
from .lodging import Lodging
from .log import Log
from .observation import Observation
from .parquet import Arrival
from .register import Register
from .retention import Retention
from .seeds import Seeds
from .settings import Settings
from .store import Store
from .warm import warming


class Node:
    """One administration's running instance. Close it: what was accepted is then finished."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        edition: Edition | None = None,
        observation: Observation | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock(settings.clock_step)
        database, keys_folder = settings.data / "node.sqlite", settings.data / "keys"
        if database.exists() and not keys_folder.is_dir():
            raise EnvironmentFault(
                f"{keys_folder} is gone, its node's database is there; restore the keys from the backup"
            )
        if edition is None:
            refuse_unknown(settings)
        keys = open_keys(keys_folder)
        self.edition = edition or edition_in(settings.schedules, keys.profile_salt())
        self.observation = observation or Observation(self.clock)
        self.store = Store(settings)
        self.log = Log(self.store, keys, self.clock, settings.log_origin)
        self.access = Access(self.store, self.clock)
        self.seeds = Seeds(self.store, keys, self.log)
        self.retention = Retention(self.store, keys, self.log, settings.retention)
        self.ledger = Ledger(self.store, self.log, keys, relays=settings.relays)
        self.register = Register(self.ledger)
        self.acting = Acting(self.ledger, self.edition, self.clock)
        self.arriving = Arriving(self.acting)
        self.lodging = Lodging(
            *(self.ledger, self.seeds, self.edition, self.clock, settings.administration, self.observation),
            follow=self.arriving.follow,
        )
        if not settings.relays:
            self.arriving.follow()  # what a crash left half done
        self._clearing: Clearing[Lodgement, Receipt] = Clearing(self.lodging.answers, settings.queue, settings.lot)

    def lodge(self, lodgement: Lodgement) -> Future[Receipt]:
        """The receipt to come. Raises Busy where the queue is full, Stopping where the node is closing, Relays
        where a national system decides.

        The future raises Conflict where another body was lodged under the reference, EnvironmentFault where nothing
        could be committed.
        """
        self._deciding()
        return self._clearing.put(self._profiled(lodgement))

    def clear(self, lodgements: Sequence[Lodgement]) -> list[Receipt | Exception]:
        """The receipts of these, or why there is none, in order; cleared at once, past the queue."""
        self._deciding()
        given = [self._profiled(lodgement) for lodgement in lodgements]
        lots = [given[at : at + self.settings.lot] for at in range(0, len(given), self.settings.lot)]
        return [answer for lot in lots for answer in self.lodging.answers(lot)]

    def bulk(self, folder: Path, sender: str, progress: Callable[[int], None] = lambda _done: None) -> Counter[str]:
        """The lot in this folder of Parquet files is committed, chunk by chunk; how many were recorded, how many were
        there before, and how many conflict. Lodging the folder again goes on where it broke off.

        `progress` hears how many declarations are through. Raises InputError where the folder holds no lot.
        """
        self._deciding()
        settings, done = self.settings, Counter[str]()
        arrival = Arrival(sender, self.clock.now(), settings.administration, settings.message_profile)
        for chunk in committed(settings, self.ledger, folder, arrival):
            self.observation.tell("committed in bulk", **chunk)
            done += chunk
            progress(done.total())
        self.arriving.follow()
        return done

    def warm(self) -> None:
        """Code lists are loaded, law is compiled and the day's seed is committed to; no declaration is."""
        self.lodging.drafted(read([warming(self.settings.administration, self.clock.now())], self.edition))

    def metrics(self) -> str:
        """Counters, and the size of the log, in Prometheus' text form; each process of a node tells the same."""
        with self.store.reading() as connection:
            return counters.told(connection, log_size=self.log.size(connection))

    def close(self) -> None:
        """Nothing more is taken; what was taken is answered; all files are closed."""
        self._clearing.stop()
        self.store.close()

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _deciding(self) -> None:
        """Nothing, if this node decides. Raises Relays: what it relays comes from the national system only."""
        if self.settings.relays:
            raise Relays("the national system decides here, lodge with it; this node relays what it did")

    def _profiled(self, lodgement: Lodgement) -> Lodgement:
        if lodgement.message_profile:
            return lodgement
        return replace(lodgement, message_profile=self.settings.message_profile)
