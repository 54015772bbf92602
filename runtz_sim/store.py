"""Started tasks and the pictures behind links: remembered in memory, or in a file so that a restart keeps them."""

import hashlib
import json
import secrets
import sqlite3
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runtz_sim.inputs import NOTHING, Inputs
from runtz_sim.pictures import Drawing

_TASKS = (
    "CREATE TABLE IF NOT EXISTS task "
    "(task_id TEXT PRIMARY KEY, vendor TEXT, created_at REAL, ready_at REAL, body TEXT)"
)
REMEMBERED = 32  # sets of pictures put in that need no look at the file
KEEP_SECONDS = 48 * 3600.0  # the longest link lives 24 hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One accepted order whose pictures are fetched later."""

    task_id: str
    vendor: str
    model: str
    prompt: str  # as received, markers included
    drawings: tuple[Drawing, ...]
    created_at: float  # unix seconds on the simulator's clock
    ready_at: float
    details: dict[str, str | float | None] = field(default_factory=dict)  # what the vendor's answers echo


class Store:
    """Tasks by id, and the secret that signs links. `path` None keeps them in memory only."""

    def __init__(self, path: Path | None, now: float) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute(
            "PRAGMA synchronous = OFF"
        )  # a vendor's memory here may lose its last second to a power cut
        self._db.execute(_TASKS)
        self._db.execute("CREATE TABLE IF NOT EXISTS secret (hex TEXT)")
        self._db.execute("DELETE FROM task WHERE created_at < ?", (now - KEEP_SECONDS,))
        self._db.execute("CREATE TABLE IF NOT EXISTS put_in (name TEXT PRIMARY KEY, at REAL, body TEXT)")
        self._db.execute("DELETE FROM put_in WHERE at < ?", (now - KEEP_SECONDS,))
        self._remembered: OrderedDict[str, Inputs] = OrderedDict()
        row = self._db.execute("SELECT hex FROM secret").fetchone()
        if row is None:
            row = (secrets.token_hex(32),)
            self._db.execute("INSERT INTO secret VALUES (?)", row)
        self.secret = bytes.fromhex(row[0])

    def put(self, task: Task) -> None:
        """Keep a new task."""
        body = asdict(task)
        for drawing, written in zip(task.drawings, body["drawings"], strict=True):
            written["inputs"] = self._keep(drawing.inputs, task.created_at)
        self._db.execute(
            "INSERT INTO task VALUES (?, ?, ?, ?, ?)",
            (task.task_id, task.vendor, task.created_at, task.ready_at, json.dumps(body)),
        )

    def get(self, task_id: str) -> Task | None:
        """A kept task, None for an id never given out."""
        row = self._db.execute("SELECT body FROM task WHERE task_id = ?", (task_id,)).fetchone()
        if row is None:
            return None
        body = json.loads(row[0])
        body["drawings"] = tuple(
            Drawing(**(drawing | {"inputs": self._kept(drawing["inputs"])})) for drawing in body["drawings"]
        )
        return Task(**body)

    def _keep(self, put_in: Inputs, now: float) -> str:
        """Remember pictures that were put in, once for equal ones; returns what finds them again."""
        if put_in == NOTHING:
            return ""
        body = put_in.to_json()
        name = hashlib.sha256(body.encode()).hexdigest()
        self._db.execute("INSERT OR IGNORE INTO put_in VALUES (?, ?, ?)", (name, now, body))
        self._remembered[name] = put_in
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return name

    def _kept(self, name: str) -> Inputs:
        if not name:
            return NOTHING
        if name not in self._remembered:
            row = self._db.execute("SELECT body FROM put_in WHERE name = ?", (name,)).fetchone()
            self._remembered[name] = Inputs.from_json(row[0]) if row else NOTHING
        return self._remembered[name]

    def running(self, vendor: str, now: float) -> int:
        """How many of a vendor's tasks are not ready yet."""
        found = self._db.execute("SELECT count(*) FROM task WHERE vendor = ? AND ready_at > ?", (vendor, now))
        return int(found.fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
