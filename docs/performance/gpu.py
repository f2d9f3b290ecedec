"""The same on a GPU: `python docs/performance/gpu.py [UTTERANCES]`, with what the machine has.

The shape of wav2vec2-large with random weights, in 20 conditions, on speech that is synthesised here, so that
no corpus is needed. Prints the audit's throughput beside the bare forward passes over its own batches and
beside the ways of today, how far scores on the GPU lie from those on the CPU, and what happens where the
GPU has too little memory for a batch; writes `gpu.csv` beside this file. Fails where a bound is broken.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import soundfile
from ratios import way
from ser_audit.benchmark import Spec, predict
from ser_audit.benchmark.checkpoints import open_checkpoint
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.engine.forward import rows_of
from ser_audit.benchmark.engine.machine import machine
from ser_audit.benchmark.engine.perturb import Perturbed
from work import CLASSES, LARGE, RATE, heavy, write_table

HERE = Path(__file__).parent
DEVICE = "cuda"
BOUNDS = {"bare forward / audit": 0.9, "pipeline / audit": 5.0, "audinterface / audit": 5.0}


def main() -> None:
    """Measure, print, write."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 240
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        waves = speech(folder, count)
        name = heavy(folder / "wav2vec2-large", **LARGE).name
        found = speed(folder, name) | differences(folder / name, waves) | out_of_memory(folder / name, waves)
    about = machine(DEVICE) | {n: installed(n) for n in ("torch", "transformers", "audinterface")}
    rows = {**{k: f"{v:.4g}" for k, v in found.items()}, "utterances": count, **about}
    with (HERE / "gpu.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("what", "value"), *rows.items()])
    print("\n".join(f"{k}: {v}" for k, v in rows.items()))
    broken = [k for k, bound in BOUNDS.items() if k in found and found[k] < bound]
    sys.exit(f"broken: {', '.join(broken)}" if broken else 0)


def speech(folder: Path, count: int) -> list[np.ndarray]:
    """Write synthetic utterances as WAV files with their table, and return them."""
    corpus = open_corpus("aru", f"synthetic:aru?speakers=24&utterances={-(-count // 24)}", CorpusOptions())
    rows, waves = [], []
    for i, utterance in enumerate(corpus.utterances[:count]):
        wave, rate = utterance.load()
        assert rate == RATE
        soundfile.write(folder / f"{i}.wav", wave, rate, subtype="FLOAT")
        label = CLASSES[i % len(CLASSES)]
        rows.append({"file": str(folder / f"{i}.wav"), "speaker": utterance.speaker, "emotion": label})
        waves.append(wave)
    write_table(folder / "table.csv", rows)
    return waves


def speed(folder: Path, name: str) -> dict[str, float]:
    """The audit beside bare forward passes over its own batches, and beside the ways of today."""
    from ser_audit.benchmark.spec import cores

    audit = way(folder, "audit", checkpoints=name, workers=cores(), device=DEVICE)
    manifest = json.loads(next(folder.glob("run-*/manifest.json")).read_bytes())
    plan = {"size": manifest["batch_size"], "longest": manifest["batch_seconds"]}
    bare = way(folder, "bare", checkpoint=name, threads=cores(), passes=1, device=DEVICE, **plan)
    found = {"audit [s]": audit["seconds"], "bare forward [s]": bare["seconds"]}
    found["bare forward / audit"] = bare["seconds"] / audit["seconds"]
    for today in ("pipeline", "audinterface"):
        if today == "audinterface" and installed("audinterface") == "not installed":
            continue
        seconds = way(folder, today, checkpoint=name, threads=cores(), device=DEVICE)["seconds"]
        found |= {f"{today} [s]": seconds, f"{today} / audit": seconds / audit["seconds"]}
    return found


def differences(checkpoint: Path, waves: list[np.ndarray]) -> dict[str, float]:
    """Scores of the GPU against the CPU's, and against themselves when repeated in a run."""
    on = {device: open_checkpoint(checkpoint, device=device) for device in (DEVICE, "cpu")}
    some = waves[:16]
    gpu, cpu = (on[device].predict(some) for device in (DEVICE, "cpu"))
    alone = np.concatenate([on[DEVICE].predict([w]) for w in some])
    with tempfile.TemporaryDirectory() as temporary:
        tables = [repeated(checkpoint, Path(temporary) / str(i)) for i in range(2)]
    return {
        "GPU against CPU, largest difference": float(np.abs(gpu - cpu).max()),
        "GPU, batch against one by one, largest difference": float(np.abs(gpu - alone).max()),
        "GPU, tables of two runs are the same bytes": float(tables[0] == tables[1]),
    }


def repeated(checkpoint: Path, output: Path) -> list[bytes]:
    """The tables of a small run."""
    spec = Spec(
        checkpoints=(str(checkpoint),),
        corpora={"table": {"path": str(checkpoint.parent / "table.csv")}},
        conditions=("noise.white@snr_db=10",),
        audits=("robustness",),
        limit=48,
        device=DEVICE,
        cache=False,
    )
    run = predict(spec, output)
    return [p.read_bytes() for p in sorted(run.path.glob("predictions/*.parquet"))]


def out_of_memory(checkpoint: Path, waves: list[np.ndarray]) -> dict[str, float]:
    """A batch that does not fit is halved until it does; scores against those of the whole batch."""
    import torch

    model = open_checkpoint(checkpoint, device=DEVICE)
    inputs = [Perturbed(w, "ok", None, None) for w in waves[:128]]
    whole, halved = rows_of(model, inputs)
    assert not halved, "give a GPU with room for 128 utterances"
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    rows_of(model, inputs)
    needed, total = torch.cuda.max_memory_allocated(), torch.cuda.get_device_properties(0).total_memory
    weights = torch.cuda.memory_allocated()
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction((weights + (needed - weights) / 3) / total)
    cut, halved = rows_of(model, inputs)
    torch.cuda.set_per_process_memory_fraction(1.0)
    assert halved, "the batch still fitted"
    difference = max(
        abs(a - b) for x, y in zip(whole, cut, strict=True) for a, b in zip(x[3], y[3], strict=True)
    )
    return {"out of memory: halved batches, largest difference": difference}


def installed(name: str) -> str:
    """A version."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
