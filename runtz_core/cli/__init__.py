"""The command line: `./runtz COMMAND`. Each command lives in its own module and is imported when used."""

import importlib

import click

from runtz_core.cli.speech import data_option

COMMANDS = {
    "up": "Start everything and open the pages.",
    "web": "Run one web process on databases by URL.",
    "worker": "Run one worker process on databases by URL.",
    "link": "Print a new one-time link that signs the owner in.",
    "status": "Show what runs: services, address, memory, queue.",
    "doctor": "Check this machine and the configuration, and say what to do.",
    "migrate": "Bring the database to the schema of this version.",
    "check-books": "Check that every credit adds up.",
    "scrub": "Check that every stored picture is what was stored.",
    "backup": "Write the database and all pictures into one file.",
    "restore": "Put such a file back.",
    "generate": "Make pictures from a prompt, without a browser.",
    "test": "Run the tests.",
    "check": "Check format, lint, types and import contracts.",
    "audit": "List the parts, and check them for published flaws.",
    "conformance": "Hold the simulator against the vendors' OpenAPI documents.",
    "bench": "Measure something.",
}


class LazyGroup(click.Group):
    """Knows every command's name and sentence; imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order people meet them, not by the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, e.g. `runtz_core.cli.up:up`."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"runtz_core.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@data_option
def main() -> None:
    """One prompt, several image providers at once, every result side by side, kept for good."""
