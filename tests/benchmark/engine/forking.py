"""A script for tests: predicts in forked children, which need no time to start, and disturbs them.

Reads a JSON line per child: ``spec``, ``output``, ``cache`` (its folder), and what happens to it.
``kill_after`` (seconds) or ``kill_at`` (a file event) sends SIGKILL to it, ``kill_worker`` to one of its
workers after as many file events; ``full_at`` makes this file event and all later ones that need room fail;
``largest`` (bytes) bounds every file. Answers with a JSON line: ``code`` (exit code, negative for signals),
``seconds``, ``said`` (stderr), ``events`` (how many were counted) and ``left`` (processes of the child's
session that were still there 5 s later).

A file event is Python's own (``sys.addaudithook``): a file is about to be written, renamed, removed or cut.
"""

import errno
import json
import mmap
import os
import resource
import signal
import sys
import time
from pathlib import Path

import click
from ser_audit.benchmark import Spec, predict
from ser_audit.benchmark.cli import commands, main

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "shutil.rmtree"}


@commands.command("only-predict", hidden=True)
@click.argument("spec")
@click.argument("output")
def only_predict(spec: str, output: str) -> None:
    """Predict without judging."""
    predict(Spec(**json.loads(spec)), output)


def disturb(order: dict, counter: mmap.mmap) -> None:
    places = order["output"], order["cache"]
    count, full = 0, False

    def hook(event: str, arguments: tuple) -> None:
        nonlocal count, full
        if event not in EVENTS or not arguments or not str(arguments[0]).startswith(places):
            return
        reading = event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if reading:
            return
        count += 1
        counter[:4] = count.to_bytes(4)
        if count == order.get("kill_at"):
            os.kill(os.getpid(), signal.SIGKILL)
        if count == order.get("kill_worker"):
            os.kill(workers()[0], signal.SIGKILL)
        full = full or count == order.get("full_at")
        if full and event in ("open", "os.mkdir"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))

    sys.addaudithook(hook)
    if "largest" in order:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"],) * 2)


def workers() -> list[int]:
    """Worker processes of this one."""
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"popen_loky" in path.read_bytes() and os.getpgid(int(path.parent.name)) == os.getpgid(0)
    ]


def child(order: dict, stderr: int, counter: mmap.mmap) -> None:
    os.setsid()
    os.dup2(stderr, 1)
    os.dup2(stderr, 2)
    os.environ["SER_AUDIT_CACHE"] = order["cache"]
    disturb(order, counter)
    main(["only-predict", json.dumps(order["spec"]), order["output"]])


def of_session(leader: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(path.parent.name))
    return found


def serve(order: dict) -> dict:
    with mmap.mmap(-1, 4) as counter:
        said, stderr = os.pipe()  # no file, whose size may be bounded
        start = time.perf_counter()
        process = os.fork()
        if not process:
            try:
                child(order, stderr, counter)
            except SystemExit as stopped:
                sys.stderr.flush()
                os._exit(stopped.code or 0)
            finally:
                os._exit(99)
        if order.get("kill_after") is not None:
            time.sleep(order["kill_after"])
            os.kill(process, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        seconds = time.perf_counter() - start
        for _ in range(100):
            left = of_session(process)
            if not left:
                break
            time.sleep(0.05)
        for one in left:
            os.kill(one, signal.SIGKILL)
        os.close(stderr)
        with os.fdopen(said, errors="replace") as pipe:
            text = pipe.read()
        events = int.from_bytes(counter[:4])
    return {"code": code, "seconds": seconds, "said": text, "events": events, "left": len(left)}


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        if order.get("here"):  # in this process, so that all it imports is there
            predict(Spec(**order["spec"]), order["output"])
            print("{}", flush=True)
        else:
            print(json.dumps(serve(order)), flush=True)
