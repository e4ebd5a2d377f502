"""The commands, as typer finds them. Each imports what it needs when it runs, so that `--help` answers at once."""

import typer

app = typer.Typer(
    name="landsea",
    help="The customs node of a trade corridor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
