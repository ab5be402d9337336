#!/usr/bin/env python3
# Copyright: Chiffon contributors
"""Starts one command and sees to it that nothing of it outlives a stop.

The agent starts this program in place of ansible-playbook:

    python3 -I -S guard.py [--grace SECONDS] [--report FD] -- COMMAND [ARGUMENT...]

and talks to it over standard input. Nothing runs until the line `go` comes, so that the agent can write the process id
to its journal first. `stop` ends the command, and so does the end of standard input: when the agent dies, by whatever
signal, its end of the pipe closes.

A stop is SIGINT to the command's process group, a grace period in which Ansible tidies up, then SIGKILL to every
descendant. Ansible's workers lead sessions of their own, and a task's children may have moved to theirs, so the group
is not enough: on Linux this program makes itself the subreaper, where every orphan of the run ends up as a child.

When the command ends by itself, what it left running is left alone: starting a service is what many playbooks are for.
"""
import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
KILL_ROUNDS_SECONDS = 10
REPORT = '{"guard": {"exit": %s, "signal": %s, "stopped": %s, "killed": %d, "alive": %s}}\n'


def main(arguments):
    grace, report_fd, command = parse(arguments)
    try:
        os.setsid()
    except OSError:
        pass  # leads a session already
    subreaper = adopt_orphans()
    wakeup = watch_signals()
    if not wait_for_go():
        return 0
    child = start(command, report_fd)
    ending = wait(child, wakeup)
    status, killed, alive = (ending, 0, []) if isinstance(ending, int) else stop(child, grace, subreaper)
    code = os.waitstatus_to_exitcode(status)
    report = REPORT % (code if code >= 0 else "null", -code if code < 0 else "null",
                       "null" if isinstance(ending, int) else '"%s"' % ending[0], killed, alive)
    try:
        os.write(report_fd, report.encode())
    except OSError:
        pass  # nobody listens any more
    return code if code >= 0 else 128 - code


def parse(arguments):
    grace, report_fd = 10.0, 3
    while arguments and arguments[0] != "--":
        option = arguments.pop(0)
        if option == "--grace":
            grace = float(arguments.pop(0))
        elif option == "--report":
            report_fd = int(arguments.pop(0))
        else:
            sys.exit("guard: unknown option " + option)
    if len(arguments) < 2:
        sys.exit("guard: no command")
    return grace, report_fd, arguments[1:]


def adopt_orphans():
    """Linux only: orphans become children of this process, and it hears of its parent's death. True when it worked."""
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


def watch_signals():
    """A pipe that becomes readable when a child ends or somebody wants this process to stop."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reader


def wait_for_go():
    return read_line() == b"go"


def read_line():
    """One line of standard input without its end; None at the end of input. Byte by byte, to take no more than a line."""
    line = b""
    while True:
        byte = os.read(0, 1)
        if byte in (b"", b"\n"):
            return line if byte else None
        line += byte


def start(command, report_fd):
    child = os.fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":  # should this guard be killed, Ansible itself goes with it
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(1, 2)  # one pipe for both, so that lines stay in the order in which they were printed
        os.set_inheritable(report_fd, True)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(1, ("guard: cannot start %s: %s\n" % (command[0], error.strerror)).encode())
    os._exit(127)


def wait(child, wakeup):
    """The command's wait status when it ends by itself; else a tuple with the reason to stop it."""
    while True:
        readable, _, _ = select.select([0, wakeup], [], [])
        if wakeup in readable:
            numbers = drain(wakeup)
            status, _ = reap(child)
            if status is not None:
                return status
            if any(number != signal.SIGCHLD for number in numbers):
                return ("signal",)
        if 0 in readable:
            line = read_line()
            if line is None:
                return ("parent gone",)
            if line == b"stop":
                return ("asked",)


def drain(wakeup):
    try:
        return os.read(wakeup, 4096)
    except BlockingIOError:
        return b""


def reap(child):
    """Collects every child that has ended: (the command's status when it is among them, whether any child is left)."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found, False
        if pid == 0:
            return found, True
        if pid == child:
            found = status


def stop(child, grace, subreaper):
    """Ends the command and all that came of it: (its status, how many were killed, the pids that would not die)."""
    signal_group(child, signal.SIGINT)
    status = None
    end = time.monotonic() + grace
    while status is None and time.monotonic() < end:
        time.sleep(0.01)
        status, _ = reap(child)
    killed = set()
    end = time.monotonic() + KILL_ROUNDS_SECONDS
    while True:
        if status is None or not subreaper:
            signal_group(child, signal.SIGKILL)
        living = descendants() if subreaper else []
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            except OSError:
                pass  # gone already, or another user's
        time.sleep(0.005)
        ended, more = reap(child)
        status = ended if status is None else status
        # A subreaper without a child has no descendant: the kernel says so, no scan has to be believed.
        if (not more if subreaper else status is not None) or time.monotonic() > end:
            return signal.SIGKILL if status is None else status, len(killed), descendants() if subreaper and more else []


def signal_group(child, number):
    try:
        os.killpg(child, number)
    except OSError:
        pass  # gone already


def descendants():
    """Every living process below this one, from one pass over /proc. Zombies do not count."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as stat:
                state, parent = stat.read().rpartition(b")")[2].split()[:2]
        except OSError:
            continue
        if state != b"Z":
            children.setdefault(int(parent), []).append(int(name))
    found, queue = [], [os.getpid()]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
