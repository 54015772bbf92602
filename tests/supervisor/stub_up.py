"""`up` with stand-ins for our own processes: real databases, a web server and a worker of a few lines.

python -m tests.supervisor.stub_up DATA [PORT] [--stubborn]
"""

import asyncio
import sys
from pathlib import Path

from runtz_core.cli.speech import fail, say
from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused, ports
from runtz_core.supervisor.installation import Installation
from runtz_core.supervisor.service import Service, answers_http, exists
from runtz_core.supervisor.up import Ready, foreground

WEB = """
import http.server, subprocess, sys
# A grandchild in a session of its own: only a thorough stop finds it.
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WORKER = """
import pathlib, signal, sys
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
while True:
    signal.pause()
"""


def main(data: str, port: str = "0", *options: str) -> int:
    """Run until told to stop."""
    settings = Settings(data_dir=Path(data), port=int(port) or ports.any_free(), _env_file=None)
    temper = "stubborn" if "--stubborn" in options else "mild"

    async def start(running: Installation) -> Ready:
        await running.start_databases(durable=True)
        await running.start(*stand_ins(running, temper))
        url = f"http://127.0.0.1:{settings.port}"
        running.announce(url)
        return Ready(seconds=0, url=url, link=url)

    def ready(told: Ready) -> None:
        say("runtz", f"ready: {told.url}")

    try:
        return asyncio.run(foreground(settings, start, say=say, verbose=False, ready=ready))
    except StartRefused as refusal:
        return fail(str(refusal))


def stand_ins(running: Installation, temper: str) -> list[Service]:
    """A web server and a worker that do nothing but be there."""
    port, mark = running.settings.port or 0, running.layout.worker_ready
    return [
        Service(
            name="worker",
            command=(sys.executable, "-c", WORKER, str(mark), temper),
            ready=exists(mark),
            before_start=lambda: mark.unlink(missing_ok=True),
            grace=600.0,
        ),
        Service(
            name="web",
            command=(sys.executable, "-c", WEB, str(port)),
            ready=answers_http("127.0.0.1", port, "/health"),
        ),
    ]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
