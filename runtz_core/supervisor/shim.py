"""Run one service in its own session and end all of it when told to, or when the supervisor vanishes.

    shim.py LIFELINE_FD STOP_SIGNAL GRACE_SECONDS IDENTITY NICENESS COMMAND...

The supervisor keeps the write end of the lifeline pipe open and never writes to it. Its death, by whatever
means, is an end-of-file here; no signal has to survive for that. Standard library only: five of these run
at once, so every import counts.
"""

import ctypes
import os
import select
import signal
import sys
import time

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWUSER = 0x10000000
ORPHAN_GRACE = 5.0  # seconds left once the supervisor is gone: the databases go at the same time
SWEEP_SECONDS = 2.0  # what is left of a service's group after its leader has gone gets this long


def prctl(option: int, value: int) -> None:
    """Set a Linux process attribute; elsewhere the lifeline alone has to do."""
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def become(identity: str) -> None:
    """Give up root the way `identity` says: "self", "namespace" or "nobody". Raises OSError.

    "namespace" makes root look like nobody to this process and its children, while every file stays root's:
    Postgres refuses to run as user id 0, and this way it needs no account and no change of owners.
    """
    if identity == "self":
        return
    import pwd

    nobody = pwd.getpwnam("nobody")
    if identity == "nobody":
        os.setgroups([])
        os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
        os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
        return
    outer_user, outer_group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{nobody.pw_uid} {outer_user} 1"),
        ("gid_map", f"{nobody.pw_gid} {outer_group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def step_back(niceness: int) -> None:
    """Let other processes go first when there are not processors enough for all (0: as everybody)."""
    if niceness == 0:
        return
    os.nice(niceness)
    try:
        # Where Linux shares its processors among sessions first, niceness counts only within one; ours is new.
        with open("/proc/self/autogroup", "w") as file:
            file.write(str(niceness))
    except OSError:
        pass  # not Linux, or its sessions are not groups


def launch(command: list[str], stop_signal: int, identity: str, niceness: int, parent: int) -> int:
    """Fork the service as the leader of its own session; returns its process id."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        step_back(niceness)
        become(identity)
        prctl(PR_SET_PDEATHSIG, stop_signal)  # after become(): a change of user clears it
        if os.getppid() == parent:
            os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{command[0]} could not be started: {error}\n")
        sys.stderr.flush()
    os._exit(127)


def signal_group(leader: int, number: int) -> bool:
    """Signal the service's process group; False when nobody is left in it."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def reap(leader: int) -> int | None:
    """Collect whatever has ended; the wait status when the leader was among it."""
    status = None
    try:
        while True:
            pid, code = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return status
            if pid == leader:
                status = code
    except ChildProcessError:
        return status


def watch(leader: int, lifeline: int, wakeup: int, stop_signal: int, grace: float) -> int:
    """Wait for the leader's end, passing on one polite stop and then force; returns its wait status."""
    asked: float | None = None
    forced = False
    while (status := reap(leader)) is None:
        listen = [wakeup] if asked else [wakeup, lifeline]
        timeout = max(0.0, asked + grace - time.monotonic()) if asked and not forced else None
        readable, _, _ = select.select(listen, [], [], timeout)
        signals = os.read(wakeup, 64) if wakeup in readable else b""
        told = any(number != signal.SIGCHLD for number in signals)
        if asked is None and (told or lifeline in readable):
            asked = time.monotonic()
            grace = grace if told else min(grace, ORPHAN_GRACE)
            os.kill(leader, stop_signal)  # the leader alone: it tells its own children
        elif asked is not None and not forced and (told or time.monotonic() >= asked + grace):
            forced = True
            signal_group(leader, signal.SIGKILL)
    return status


def sweep(leader: int) -> None:
    """End what outlived the leader: the rest of its group, and double forks handed to this process."""
    deadline = time.monotonic() + SWEEP_SECONDS
    if signal_group(leader, signal.SIGTERM):
        while signal_group(leader, 0) and time.monotonic() < deadline:
            reap(leader)
            time.sleep(0.02)
        signal_group(leader, signal.SIGKILL)
    while LINUX and time.monotonic() < deadline + SWEEP_SECONDS:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            strays = file.read().split()
        if not strays:
            return
        for stray in strays:
            os.kill(int(stray), signal.SIGKILL)
        reap(leader)
        time.sleep(0.01)


def main(arguments: list[str]) -> int:
    """Be the shim; returns the service's exit code, 128 + signal when a signal ended it."""
    lifeline, stop_signal, grace = int(arguments[0]), int(arguments[1]), float(arguments[2])
    identity, niceness, command = arguments[3], int(arguments[4]), arguments[5:]
    os.setsid()  # Ctrl-C in the terminal must not reach the service: the order of stopping is ours
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    os.set_inheritable(lifeline, False)
    leader = launch(command, stop_signal, identity, niceness, os.getpid())
    status = watch(leader, lifeline, wakeup, stop_signal, grace)
    sweep(leader)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
