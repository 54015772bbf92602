"""One child process that opens pictures: started when needed, asked over two pipes, replaced when it dies."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from runtz_core.images.errors import DecoderUnavailable

OUT_OF_MEMORY = 3  # exit code, as in decode_child
_CHILD = Path(__file__).with_name("decode_child.py")
_INHERITED = ("PATH", "LD_LIBRARY_PATH")  # the rest of our environment holds keys

Answer = tuple[dict[str, Any], list[bytes]]  # what decode_child says, and the thumbnails


class Died(Exception):
    """The child ended instead of answering."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Seat:
    """A place for one child, which is started when needed and again after every death."""

    def __init__(self, memory: int, seconds: float) -> None:
        self._arguments = [sys.executable, "-I", str(_CHILD), str(memory), str(seconds)]
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False

    def start(self) -> subprocess.Popen[bytes]:
        """Start the child unless it runs; does not wait for it."""
        if self._child is None:
            environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
            try:
                # A session of its own: Ctrl-C on the terminal must not cut a picture that is being drained.
                self._child = subprocess.Popen(
                    self._arguments,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as fault:
                raise DecoderUnavailable(f"The picture decoder does not start: {fault.strerror}.") from fault
            self._ready = False
        return self._child

    def wait_ready(self) -> None:
        """Wait until the child takes pictures. Raises DecoderUnavailable when it ends instead."""
        child = self.start()
        if not self._ready and _output(child).readline() != b"ready\n":
            self.stop()
            raise DecoderUnavailable(
                "The picture decoder does not start; `./runtz doctor` says what is missing."
            )
        self._ready = True

    def ask(self, request: bytes, meanwhile: Callable[[], object]) -> Answer:
        """Send a request, run `meanwhile` while the child works, and read its answer. Raises Died."""
        self.wait_ready()
        child = self.start()
        try:
            _send(child, request)
            meanwhile()
            return _receive(child)
        except BaseException:
            self.stop()  # an answer nobody read must not be taken for the next picture's
            raise

    def stop(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()
            with suppress(BrokenPipeError), child:  # closes the pipes, flushing what it never took; waits
                pass


def _output(child: subprocess.Popen[bytes]) -> IO[bytes]:
    assert child.stdout is not None  # noqa: S101  # opened as a pipe above
    return child.stdout


def _send(child: subprocess.Popen[bytes], request: bytes) -> None:
    assert child.stdin is not None  # noqa: S101  # opened as a pipe above
    try:
        child.stdin.write(request)
        child.stdin.flush()
    except BrokenPipeError:
        raise Died(child.wait()) from None


def _receive(child: subprocess.Popen[bytes]) -> Answer:
    output = _output(child)
    head = output.readline()
    if not head.endswith(b"\n"):
        raise Died(child.wait())  # its output ends only when it does
    header: dict[str, Any] = json.loads(head)
    thumbnails = [output.read(size) for size in header["sizes"]]
    if [len(data) for data in thumbnails] != header["sizes"]:
        raise Died(child.wait())
    return header, thumbnails
