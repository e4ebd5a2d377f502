"""How far long work is, on standard error, where somebody looks; nothing where it goes to a file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]


@contextmanager
def bar(what: str, least: int = 0) -> Iterator[Told]:
    """A function that is told (done, all). A bar stands on standard error if there are at least `least` to do."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None, visible=False)
        yield lambda done, everything: progress.update(
            task, completed=done, total=everything, visible=everything >= least
        )
