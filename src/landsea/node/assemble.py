"""The node, put together: settings, store, keys, clock, law and the clearing thread; every outside door is here."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from landsea.codes.edition import Edition
from landsea.declaration.stage import Lodgement
from landsea.errors import EnvironmentFault, Relays
from landsea.wire import read

from . import counters, notice_sending
from .access import Access
from .acting import Acting
from .agencies import Agencies
from .arriving import Arriving
from .bulk import committed
from .cargo import Cargo
from .clearing import Clearing
from .clock import Clock, micros
from .clocks import Clocks
from .commit import Ledger, Receipt
from .determining import Determined, Determining
from .drafts import Drafts
from .keys import Keys, open_keys
from .law import edition_in, refuse_unknown
from .lodging import Lodging
from .log import Log
from .mandates import Mandates
from .observation import Observation
from .paper import Papers
from .parquet import Arrival
from .queue import Queue
from .register import Register
from .retention import Retention
from .rights import Rights
from .seeds import Seeds
from .settings import Settings
from .standings import Standings
from .stopping import Stopping
from .store import Store
from .treasury import Treasury
from .value_evidence import ValueEvidence
from .warm import warming
from .worker import Worker


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
        keys = _keys_of(settings, given=edition is not None)
        self.edition = edition or edition_in(settings.schedules, keys.profile_salt())
        self.observation = observation or Observation(self.clock)
        self.store = Store(settings)
        with ExitStack() as opened:  # nothing stays open of a node that does not come to stand
            opened.callback(self.store.close)
            self._assemble(keys)
            opened.pop_all()

    def _assemble(self, keys: Keys) -> None:
        """Every part stands on the store, and what a crash left half done is done."""
        settings = self.settings
        self.log = Log(self.store, keys, self.clock, settings.log_origin)
        self.access = Access(self.store, self.clock)
        self.seeds = Seeds(self.store, keys, self.log)
        self.retention = Retention(self.store, keys, self.log, settings.retention)
        self.ledger = Ledger(self.store, self.log, keys, relays=settings.relays)
        self.register = Register(self.ledger)
        self.papers = Papers(self.ledger, self.register)
        self.acting = Acting(self.ledger, self.edition, self.clock, self._anew)
        self.treasury = Treasury(self.acting, settings.administration)
        self.standings = Standings(self.store, self.edition, self.clock, settings.administration)
        self.mandates, self.value_evidence = Mandates(self.acting, settings.administration), ValueEvidence(self.acting)
        self.agencies = Agencies(self.ledger, self.edition)
        self.cargo = Cargo(self.acting, settings.administration)
        self.arriving = Arriving(self.acting, self.cargo)
        self.lodging = Lodging(
            *(self.ledger, self.seeds, self.edition, self.clock, settings.administration, self.observation),
            follow=self._follow,
            supplement=self._supplement,
        )
        self.rights = Rights(self.acting, settings.administration)
        self.stopping = Stopping(self.acting, settings.administration)
        self.determining = Determining(self.lodging)
        self.drafts = Drafts(self.lodging, settings)
        self.queue = Queue(Clocks(self.store, self.edition, self.clock))
        self.sending = notice_sending.opened(self.ledger, settings, self.clock, self.observation)
        self._resume()
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
        self._follow()
        self.acting.supplement()
        return done

    def warm(self) -> None:
        """Code lists are loaded, law is compiled and the day's seed is committed to; no declaration is."""
        self.lodging.drafted(read([warming(self.settings.administration, self.clock.now())], self.edition))

    def metrics(self) -> str:
        """Counters, and the size of the log, in Prometheus' text form; each process of a node tells the same, but for
        how many lodgements wait in it."""
        counters.write_down(self.store, self.observation)
        with self.store.reading() as connection:
            waiting = notice_sending.gauges(connection, micros(self.clock.now()))
            waiting["queue"] = self._clearing.waiting
            return counters.told(connection, log_size=self.log.size(connection), **waiting)

    def ready(self) -> None:
        """Nothing, if the node can take what is lodged now. Raises EnvironmentFault where its database does not answer
        or its clock stands behind its log."""
        with self.store.reading() as connection:
            self.log.time(connection)

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """What is owed to subscribers is sent meanwhile, in threads of this process."""
        worker = Worker("notices", lambda: self.sending.once() > 0, self.observation, threads=notice_sending.SENDERS)
        try:
            yield
        finally:
            worker.stop()

    def close(self) -> None:
        """Nothing more is taken; what was taken is answered; all files are closed."""
        self._clearing.stop()
        with suppress(EnvironmentFault):  # a database that is gone takes no figures
            counters.write_down(self.store, self.observation)
        self.store.close()

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _anew(self, mrn: str) -> Determined | None:
        """What the amendment requested of this declaration would lead to."""
        return self.determining.anew(mrn)

    def _follow(self, waiting: Sequence[str] | None = None, amended: Sequence[str] = ()) -> None:
        """What these declarations (None: all) wait for and can be had by itself is taken into account."""
        self.arriving.follow(waiting, amended)
        self.treasury.defer(waiting)

    def _supplement(self, mrn: str) -> None:
        """The other step of this declaration is told of it; where nothing is left to do, it is cleared."""
        self.acting.supplement(mrn)
        self.treasury.settle(mrn)

    def _resume(self) -> None:
        """What a crash left half done is done."""
        if not self.settings.relays:
            self._follow(amended=self.arriving.unfollowed())
            self.acting.supplement()

    def _deciding(self) -> None:
        """Nothing, if this node decides. Raises Relays: what it relays comes from the national system only."""
        if self.settings.relays:
            raise Relays("the national system decides here, lodge with it; this node relays what it did")

    def _profiled(self, lodgement: Lodgement) -> Lodgement:
        if lodgement.message_profile:
            return lodgement
        return replace(lodgement, message_profile=self.settings.message_profile)


def _keys_of(settings: Settings, *, given: bool) -> Keys:
    """The keys of the node. Raises EnvironmentFault where its database is there and they are gone, InputError where its
    law is not `given` and the settings name an administration that there is none of."""
    if not given:
        refuse_unknown(settings)
    database, folder = settings.data / "node.sqlite", settings.data / "keys"
    if database.exists() and not folder.is_dir():
        raise EnvironmentFault(f"{folder} is gone, its node's database is there; restore the keys from the backup")
    return open_keys(folder)
