"""The commands, as typer finds them. Each imports what it needs when it runs, so that `--help` answers at once."""

import typer

from . import (
    audit,
    bench,
    cargo,
    clear,
    demo,
    desk,
    explain,
    keys,
    notices,
    offers,
    paper,
    parties,
    reference,
    relay,
    schedule,
    serve,
    stop,
    treasury,
    upkeep,
)

app = typer.Typer(
    name="landsea",
    help="The customs node of a trade corridor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("clear")(clear.clear)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(bench.bench, name="bench")
app.command("audit")(audit.audit)
app.command("verify")(audit.verify)
app.command("relay")(relay.relay)
app.command("paper")(paper.paper)
app.command("notices")(notices.notices)
app.command("replay")(upkeep.replay)
app.command("erase")(upkeep.erase)
app.add_typer(upkeep.apikey, name="apikey")
app.add_typer(keys.keys, name="keys")
app.add_typer(schedule.schedule, name="schedule")
app.add_typer(stop.stop, name="stop")
app.command("payments")(treasury.payments)
app.command("overdue")(treasury.overdue)
app.command("statement")(treasury.statement)
app.command("owed")(treasury.owed)
app.command("cargo")(cargo.cargo)
app.command("queue")(desk.queue)
app.command("measure")(desk.measure)
app.command("offers")(offers.offers)
app.command("explain")(explain.explain)
app.add_typer(parties.mandate, name="mandate")
app.command("standing")(parties.standing)
app.command("agencies")(parties.agencies)
app.command("rules")(reference.rules)
app.command("picture")(reference.picture)


@app.callback(invoke_without_command=True)
def version(shown: bool = typer.Option(False, "--version", help="Say which release this is.")) -> None:
    """The customs node of a trade corridor."""
    if shown:
        from importlib.metadata import version as release

        typer.echo(f"landsea {release('landsea')}")
        raise typer.Exit
