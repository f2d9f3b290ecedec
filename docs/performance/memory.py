"""Measure whether memory grows with the corpus: writes memory.csv beside this file. Run it by hand, on Linux.

RssAnon, summed over all processes of a command and sampled every 50 ms: what they share (libraries, and the
audio that is mapped into memory) is not in it.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

UTTERANCES = (100, 10_000)
SPEAKERS, RATE = 20, 16_000  # Hz
CONDITIONS = ("gain@db=2", "noise.white@snr_db=10", "clipping@percent=5")
EVERY = 0.05  # seconds
PREDICT = """
import json, sys
from ser_audit.benchmark import Spec, predict
predict(Spec(**json.loads(sys.argv[1])), sys.argv[2])
"""


def corpus(folder: Path, utterances: int) -> Path:
    """Noisy tones of .5 to 1 s, whose level is their arousal; a table."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    rows = ["file,speaker,sex,arousal,emotion"]
    for i in range(utterances):
        seconds = np.arange(int(RATE * rng.uniform(0.5, 1.0))) / RATE
        level, speaker = rng.uniform(0.05, 0.5), i % SPEAKERS
        wave = level * np.sin(2 * np.pi * rng.uniform(90, 300) * seconds)
        wave += 0.01 * rng.standard_normal(len(seconds))
        soundfile.write(folder / f"{i}.wav", wave, RATE)
        emotion = ("neutral", "happy", "angry", "sad")[i // SPEAKERS % 4]
        rows.append(f"{i}.wav,s{speaker},{'fm'[speaker % 2]},{level:.4f},{emotion}")
    (folder / "table.csv").write_text("\n".join(rows))
    return folder / "table.csv"


def anonymous(session: int) -> int:
    """RssAnon of all processes of a session, in bytes."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                lines = (folder / "status").read_text().splitlines()
                total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
        except OSError:  # it has ended
            continue
    return total


def peak(command: list[str], cache: Path) -> float:
    """The most that a command has at any time, in MB."""
    environment = {**os.environ, "SER_AUDIT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0
    while process.poll() is None:
        most = max(most, anonymous(process.pid))
        time.sleep(EVERY)
    if process.returncode:
        raise SystemExit(f"{command[:3]} ended with {process.returncode}")
    return most / 1e6


def main(checkpoint: str = "bundled") -> None:
    """Measure both steps with few utterances and with many."""
    rows = []
    with tempfile.TemporaryDirectory() as home:
        for utterances in UTTERANCES:
            place = Path(home, str(utterances))
            table = str(corpus(place, utterances))
            spec = {
                "checkpoints": checkpoint,
                "corpora": [{"name": "tones", "path": table, "scales": {"arousal": [0, 1]}}],
                "conditions": CONDITIONS,
                "device": "cpu",
            }
            command = str(Path(sys.executable).with_name("ser-audit"))
            run = [command, "run", checkpoint, "-o", str(place / "run"), "--corpus", f"tones={table}"]
            run += ["--scale", "arousal=0-1", "--device", "cpu"]
            run += [part for c in CONDITIONS for part in ("--condition", c)]
            steps = {
                "predict": [sys.executable, "-c", PREDICT, json.dumps(spec), str(place / "predicted")],
                "run": run,
            }
            for step, command in steps.items():
                rows.append((step, utterances, round(peak(command, place / f"cache of {step}"), 1)))
                print(*rows[-1], flush=True)
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("step", "utterances", "peak_mb"), *sorted(rows)])


if __name__ == "__main__":
    main(*sys.argv[1:])
