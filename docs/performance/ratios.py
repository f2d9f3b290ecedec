"""How near the audit comes to its forward passes, and how far from the ways that people take today.

`tox -e performance` runs it on an idle machine (about 40 minutes on two cores) and writes `ratios.csv`
beside this file. Everything is done in turn, each way in a process of its own, on the same utterances of the
shared corpora in the same 20 conditions; start-up and loading are apart. It fails where a bound is broken.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from ser_audit.benchmark.engine.machine import machine
from work import CONDITIONS, INFO, LIGHT, MAPPING, SHARED, heavy, rows, write_table

HERE = Path(__file__).parent
CORES = 2
EVERY = 4  # of the slowest ways, one condition in so many is timed and counted as all
Row = tuple[str, str, float, str, float | None]  # checkpoint, what, value, unit, bound


def main() -> None:
    """Measure, print, write, and fail where a bound is broken."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "info.toml").write_text(INFO)
        chosen = sys.argv[1:] or ["light", "heavy", "harm"]
        if "light" in chosen:
            found += light(folder)
        if "heavy" in chosen:
            found += heavy_(folder)
        if "harm" in chosen:
            found += harm(folder)
    write(found)
    broken = [r for r in found if r[4] is not None and not within(r)]
    for row in broken:
        print(f"BROKEN: {row[0]}: {row[1]} is {row[2]:.3f}, bound {row[4]}", file=sys.stderr)
    sys.exit(bool(broken))


def within(row: Row) -> bool:
    """Whether a value keeps its bound: from above where it is a share of something, else from below."""
    _, what, value, _, bound = row
    return bound is None or (value <= bound if what.startswith("audit /") else value >= bound)


def light(folder: Path) -> list[Row]:
    """A checkpoint of some 4 core-milliseconds per second of audio: the harness is what costs."""
    for source in LIGHT.values():
        shutil.copy(source, folder / source.name)
        shutil.copy(source, folder / f"second-{source.name}")
    one = next(iter(LIGHT.values())).name
    two = f"{one},second-{one}"
    write_table(folder / "table.csv", rows("ravdess", 60))
    found: list[Row] = []
    for name, checkpoints, bound in (("byols-ravdess", one, 1.5), ("byols-ravdess, twice", two, 1.8)):
        audit = way(folder, "audit", checkpoints=checkpoints)
        floor = on_all_cores(folder, checkpoints)
        today = {
            threads: sum(
                way(folder, "audinterface", checkpoint=c, threads=threads)["seconds"]
                for c in checkpoints.split(",")
            )
            for threads in (1, 2)
        }
        threaded = sum(
            way(folder, "audinterface", checkpoint=c, threads=1, workers=CORES)["seconds"]
            for c in checkpoints.split(",")
        )
        best = min(today, key=lambda threads: today[threads])
        found += [
            (name, "audit", audit["seconds"], "s", None),
            (name, "audit, judging and reporting", audit["judge and report"], "s", None),
            (name, "floor", floor, "s", None),
            *((name, f"audinterface, {t} threads", s, "s", None) for t, s in today.items()),
            (name, f"audinterface, {CORES} files at a time, 1 thread each", threaded, "s", None),
            (name, "audit / floor", audit["seconds"] / floor, "", 1.25),
            (name, f"audinterface, {best} threads / audit", today[best] / audit["seconds"], "", bound),
            (name, f"audinterface, {CORES} files at a time / audit", threaded / audit["seconds"], "", None),
        ]
    return found


def heavy_(folder: Path) -> list[Row]:
    """The shape of wav2vec2-base, random weights, 60 utterances."""
    name = heavy(folder / "wav2vec2-base").name
    write_table(folder / "table.csv", rows("nemo", 60))
    (folder / "mapping.toml").write_text(MAPPING)
    audit = way(folder, "audit", checkpoints=name)
    bare = {
        (threads, passes): way(folder, "bare", checkpoint=name, threads=threads, passes=passes, every=EVERY)[
            "seconds"
        ]
        for threads, passes in ((CORES, 1), (1, CORES))
    }
    best = min(bare, key=lambda at: bare[at])
    bare[best] = way(folder, "bare", checkpoint=name, threads=best[0], passes=best[1], every=EVERY)[
        "seconds"
    ]  # once more: the ratio rests on it
    fastest = f"bare forward, {best[1]} × {best[0]} threads"
    loop = way(folder, "pipeline", checkpoint=name, threads=CORES, every=EVERY)["seconds"]
    return [
        (name, "audit", audit["seconds"], "s", None),
        (name, "audit, judging and reporting", audit["judge and report"], "s", None),
        *((name, f"bare forward, {p} × {t} threads", s, "s", None) for (t, p), s in bare.items()),
        (name, "pipeline in a loop", loop, "s", None),
        (
            name,
            f"audit / {fastest}",
            audit["seconds"] / bare[best],
            "",
            1.05,
        ),
        (name, "pipeline in a loop / audit", loop / audit["seconds"], "", None),
    ]


def harm(folder: Path) -> list[Row]:
    """What padding without care does to a group-norm model."""
    name = "w2v2-mini-ravdess"
    shutil.copytree(SHARED / "checkpoints" / name, folder / name, dirs_exist_ok=True)
    write_table(folder / "table.csv", rows("nemo", 240))
    found = way(folder, "harm", checkpoint=name)
    return [(name, f"pipeline(batch_size=16), {what}", value, "", None) for what, value in found.items()]


def on_all_cores(folder: Path, checkpoints: str) -> float:
    """The floor: seconds until the last of as many processes as cores has done its share."""
    begin = time.time() + 15
    running = [
        start(folder, "floor", checkpoints=checkpoints, part=i, parts=CORES, begin=begin)
        for i in range(CORES)
    ]
    return max(finish(process)["seconds"] for process in running)


def way(folder: Path, name: str, **options: object) -> dict[str, float]:
    """Run one way to its end; printed as soon as it is known."""
    found = finish(start(folder, name, **options))
    said = ", ".join(f"{k} {v:.3f}" for k, v in found.items())
    print(f"{name} {options}: {said}; load {os.getloadavg()[0]:.2f}", flush=True)
    return found


def start(folder: Path, name: str, **options: object) -> subprocess.Popen:
    """Begin one way in its own process."""
    given = [f"{k}={v}" for k, v in options.items()]
    command = [sys.executable, str(HERE / "ways.py"), name, str(folder), *given]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> dict[str, float]:
    """What a way printed."""
    out, _ = process.communicate()
    if process.returncode:
        sys.exit(f"a way failed: {process.args}")
    return json.loads(out.splitlines()[-1])


def write(found: list[Row]) -> None:
    """Print the table, and write it with the machine and the versions."""
    with (HERE / "ratios.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["checkpoint", "what", "value", "unit", "bound"])
        for checkpoint, what, value, unit, bound in found:
            out.writerow([checkpoint, what, f"{value:.4g}", unit, "" if bound is None else bound])
            print(f"{checkpoint}: {what}: {value:.4g} {unit} {'' if bound is None else f'(bound {bound})'}")
        about = {**machine("cpu"), "cores": str(CORES), "conditions": str(len(CONDITIONS))}
        about |= {n: version(n) for n in ("torch", "transformers", "onnxruntime", "audinterface")}
        out.writerows([("", what, said, "", "") for what, said in about.items() if what != "CPU features"])


if __name__ == "__main__":
    main()
