"""`python -m runtz_sim`: read the arguments, serve until told to stop."""

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import random
import signal
import sys
import time
from pathlib import Path

from runtz_sim.app import application
from runtz_sim.server import serving
from runtz_sim.simulation import Options, Simulation
from runtz_sim.vendors import EVERYBODY


def main() -> int:
    """Exit status: 0 after an ordinary stop, 1 when the address is taken, 2 for wrong arguments."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    if not _is_loopback(arguments.host):
        sys.stderr.write(
            f"The simulator answers on this machine only: {arguments.host} is no loopback address.\n"
        )
        return 2
    options = Options(fast=arguments.fast, latency_scale=arguments.latency_scale, state=arguments.state)
    try:
        asyncio.run(_serve(options, arguments.host, arguments.port, arguments.until_stdin_closes))
    except OSError as problem:
        sys.stderr.write(
            f"Cannot serve on {arguments.host}:{arguments.port}: {problem.strerror or problem}.\n"
        )
        return 1
    return 0


async def _serve(options: Options, host: str, port: int, until_stdin_closes: bool) -> None:
    simulation = Simulation(options=options, vendors=EVERYBODY, clock=time.time, dice=random.Random())
    try:
        async with serving(application(simulation), host, port) as bound:
            sys.stdout.write(f"http://{f'[{host}]' if ':' in host else host}:{bound}\n")
            sys.stdout.flush()
            await _until_stopped(until_stdin_closes)
    finally:
        simulation.close()


async def _until_stopped(until_stdin_closes: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    with contextlib.ExitStack() as undo:
        if until_stdin_closes:
            loop.add_reader(sys.stdin, stopped.set)
            undo.callback(loop.remove_reader, sys.stdin)
        await stopped.wait()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="runtz_sim", description="Simulated image vendors on one local address."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=0, help="0, the default, takes a free one; the address is printed"
    )
    parser.add_argument("--fast", action="store_true", help="answer at once and draw simply")
    parser.add_argument(
        "--latency-scale", type=float, default=1.0, help="multiplies the vendors' usual seconds"
    )
    parser.add_argument("--state", type=Path, help="file that keeps tasks and links over a restart")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="also stop when whoever started this is gone"
    )
    return parser
