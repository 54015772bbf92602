"""`runtz status`: what runs, where, and how much memory it takes."""

import sys
from pathlib import Path

import click
from redis import Redis, RedisError

from runtz_core.cli.speech import data_option, read_settings
from runtz_core.events import BROKER, redis_url
from runtz_core.supervisor.instance import Instance, holder, running

NOT_RUNNING = 3
QUEUE = "celery"


@click.command()
@data_option
def status() -> None:
    """Show what runs. Exit code 0 when it runs, 3 when it does not."""
    settings = read_settings()
    instance = running(settings.data_dir)
    if instance is None:
        pid = holder(settings.data_dir)
        click.echo(f"starting (pid {pid})" if pid else f"not running on {settings.data_dir}")
        sys.exit(NOT_RUNNING)
    click.echo(
        f"running    {instance.url or 'without pages'} (pid {instance.pid}, since {instance.started_at})"
    )
    trees = {"supervisor": [instance.pid]} | {
        name: descendants(pid) for name, pid in instance.processes.items()
    }
    for name, pids in trees.items():
        click.echo(f"{name:<10} {len(pids)} processes, {memory_mib(pids):.0f} MiB (first pid {pids[0]})")
    total = {pid for pids in trees.values() for pid in pids}
    click.echo(f"{'together':<10} {len(total)} processes, {memory_mib(total):.0f} MiB")
    click.echo(f"{'queue':<10} {waiting(instance)}")


def waiting(instance: Instance) -> str:
    """How many messages nobody has taken yet."""
    try:
        settings = read_settings().model_copy(update={"redis_url": instance.redis_url})
        with Redis.from_url(redis_url(settings, BROKER), socket_timeout=5) as broker:
            return f"{broker.llen(QUEUE)} messages waiting"
    except (RedisError, OSError) as error:
        return f"cannot be asked: {error}"


def descendants(pid: int) -> list[int]:
    """`pid` and every process below it, as far as this system lets us see."""
    found = [pid]
    for parent in found:
        try:
            listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found += [int(child) for child in listed]
    return found


def memory_mib(pids: "list[int] | set[int]") -> float:
    """Memory of `pids` in MiB, shared pages counted once in proportion (PSS)."""
    kib = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
        except OSError:
            continue
    return kib / 1024
