"""The operator's command line: `landsea COMMAND …`. Errors are one sentence on standard error, never a traceback."""

import os
import sys

COMMANDS = (
    *("clear", "serve", "demo", "audit", "verify", "relay", "paper", "notices", "replay", "erase"),
    *("apikey grant", "apikey revoke", "rules", "picture", "bench"),
    *("cargo", "queue", "measure"),
    *("payments", "overdue", "statement", "owed"),
    *("schedule preview", "schedule diff", "schedule import"),
)


def main() -> None:
    """Runs the command given; exits 0 where it was done, 1 where not, 2 for a wrong use."""
    if sys.argv[1:] == ["--version"]:  # before anything heavy is imported
        from importlib.metadata import version

        sys.stdout.write(f"landsea {version('landsea')}\n")
        return
    # Polars gives memory back after half a second, to fault it in again for the next lot: a third of a large lot's time
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")
    from landsea.errors import LandseaError

    from .app import app

    try:
        app()
    except LandseaError as error:
        sys.stderr.write(f"landsea: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("landsea: stopped\n")
        sys.exit(130)
    except BrokenPipeError:  # whoever reads our output had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"landsea: {error.filename or 'standard output'}: {error.strerror or error}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left could not be written either
        sys.exit(1)
