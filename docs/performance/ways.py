"""One way to do the work, timed in its own process: `python ways.py NAME FOLDER KEY=VALUE…`, JSON on stdout.

``FOLDER`` holds ``table.csv`` (the utterances), the checkpoints, and ``mapping.toml`` where labels need one.
All ways time what comes after imports, loading and a warm-up; thread counts are explicit.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

os.environ.update(HF_HUB_OFFLINE="1", ORT_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")

import numpy as np
from work import CONDITIONS, RATE, perturber

SOUNDS = 60  # drawn from a bank of far fewer, so that each is met


def table(folder: Path) -> list[str]:
    """The files of the utterances."""
    with (folder / "table.csv").open(encoding="utf-8") as file:
        return [row["file"] for row in csv.DictReader(file)]


def audit(
    folder: Path, checkpoints: str, workers: int = 2, threads: int = 0, device: str = "cpu"
) -> dict[str, float]:
    """`ser-audit run` on the work: decode, perturb, predict, write; then judge and report, timed apart.

    The worker processes are started, and the checkpoints loaded and proven, before the clock starts.
    """
    from ser_audit.benchmark import Spec
    from ser_audit.benchmark.engine.ahead import ahead
    from ser_audit.benchmark.engine.session import predict
    from ser_audit.benchmark.steps import render, score

    mapping = folder / "mapping.toml"
    list(ahead(warm, list(range(2 * workers)), workers))
    spec = Spec(
        checkpoints=[
            {"path": str(folder / c), "info": str(folder / "info.toml") if c.endswith(".onnx") else None}
            for c in checkpoints.split(",")
        ],
        corpora={"speech": str(folder / "table.csv")},
        labels=str(mapping) if mapping.is_file() else None,
        conditions=CONDITIONS,
        audits=("integrity", "correctness", "robustness"),
        workers=workers,
        threads=threads or None,
        device=device,
        cache=False,
    )
    first: list[float] = []

    def progress(*_: object) -> None:
        first.append(perf_counter()) if not first else None

    begin = perf_counter()
    run = predict(spec, folder / f"run-{os.getpid()}", progress)
    predicted = perf_counter()
    score(run.path)
    render(run.path)
    return {
        "seconds": predicted - first[0],
        "load": first[0] - begin,
        "judge and report": perf_counter() - predicted,
    }


def warm(_: int) -> None:
    """Import what perturbing needs, and generate the sounds that take the place of a noise pack."""
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) / 10
    for condition in CONDITIONS:
        perturb = perturber(condition)
        for i in range(SOUNDS if condition.startswith("noise") else 1):
            perturb(noise, f"warm {i}")


def bare(
    folder: Path,
    checkpoint: str,
    threads: int,
    passes: int,
    device: str = "cpu",
    size: int = 16,
    longest: float = 60.0,
    every: int = 4,
) -> dict[str, float]:
    """Nothing but forward passes of the stock model, over the audit's own batches of its own waves.

    Args:
        folder: of the work.
        checkpoint: a Hugging Face folder in it.
        threads: of a pass.
        passes: side by side.
        device: such as cpu or cuda.
        size: utterances per batch, as the audit's manifest has it.
        longest: seconds of audio per batch, likewise.
        every: so many conditions, of which one is timed and counted as all.
    """
    import torch
    from ser_audit.benchmark.checkpoints.batching import pad
    from ser_audit.benchmark.checkpoints.torch_model import zero_mean_unit_variance
    from ser_audit.benchmark.engine.batches import batches
    from transformers import AutoModelForAudioClassification

    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    model = AutoModelForAudioClassification.from_pretrained(folder / checkpoint).to(device).eval()
    clean = decoded(folder)
    plan = batches([len(w) for w in clean.values()], size, RATE, longest)
    names = list(clean)

    @torch.inference_mode()
    def forward(batch: torch.Tensor) -> None:
        model(batch.to(device)).logits.cpu()

    seconds = 0.0
    with ThreadPoolExecutor(passes, initializer=torch.set_num_threads, initargs=(threads,)) as pool:
        for condition in CONDITIONS[::every]:
            perturb = perturber(condition)
            inputs = [
                torch.from_numpy(
                    pad([zero_mean_unit_variance(perturb(clean[names[i]], names[i])) for i in b])[0]
                )
                for b in plan
            ]
            if condition == CONDITIONS[0]:
                list(pool.map(forward, inputs[:passes]))
            begin = perf_counter()
            list(pool.map(forward, inputs))
            seconds += perf_counter() - begin
    return {"seconds": seconds * every}


def decoded(folder: Path) -> dict[str, np.ndarray]:
    """File -> wave, float32 (samples,)."""
    import soundfile

    return {file: soundfile.read(file, dtype="float32")[0] for file in table(folder)}


def floor(folder: Path, checkpoints: str, part: int, parts: int, begin: float) -> dict[str, float]:
    """One core's share of the work, and nothing else: decode once, then perturb and forward each utterance.

    ``parts`` such processes start at the same moment, ``begin`` (of the system's clock, seconds).
    """
    import time

    import soundfile

    sessions = [session(folder / c, 1) for c in checkpoints.split(",")]
    perturbers = [perturber(c) for c in CONDITIONS]
    files = table(folder)[part::parts]
    warm(0)
    for run in sessions:
        run(np.zeros(RATE, np.float32))
    time.sleep(max(0.0, begin - time.time()))
    start = perf_counter()
    for file in files:
        clean = soundfile.read(file, dtype="float32")[0]
        for perturb in perturbers:
            wave = perturb(clean, file)
            for run in sessions:
                run(wave)
    return {"seconds": perf_counter() - start}


def session(path: Path, threads: int, device: str = "cpu") -> Callable[[np.ndarray], np.ndarray]:
    """An ONNX graph or a Hugging Face folder as a function of one wave, as one would write it."""
    if path.suffix == ".onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        graph = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        name = graph.get_inputs()[0].name
        return lambda wave: graph.run(None, {name: np.pad(wave, (0, max(0, RATE - len(wave))))[None]})[0]
    import torch
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    torch.set_num_threads(threads)
    extractor = AutoFeatureExtractor.from_pretrained(path)
    model = AutoModelForAudioClassification.from_pretrained(path).to(device).eval()

    @torch.inference_mode()
    def predict(wave: np.ndarray) -> np.ndarray:
        inputs = extractor(wave, sampling_rate=RATE, return_tensors="pt").to(device)
        return model(**inputs).logits.cpu().numpy()

    return predict


def audinterface(
    folder: Path, checkpoint: str, threads: int, workers: int = 1, device: str = "cpu"
) -> dict[str, float]:
    """One file at a time through audinterface, once per condition: decode, perturb, predict."""
    import audinterface as library

    run = session(folder / checkpoint, threads, device)
    files = table(folder)

    def process(condition: str, chosen: list[str]) -> None:
        perturb = perturber(condition)
        library.Process(
            process_func=lambda signal, rate: run(perturb(signal[0], "")),
            sampling_rate=RATE,
            num_workers=workers,
        ).process_files(chosen)

    warm(0)
    process("clean", files[:2])
    begin = perf_counter()
    for condition in CONDITIONS:
        process(condition, files)
    return {"seconds": perf_counter() - begin}


def pipeline(
    folder: Path, checkpoint: str, threads: int, device: str = "cpu", every: int = 1
) -> dict[str, float]:
    """The pipeline of transformers in a loop, once per condition: decode, perturb, predict."""
    import soundfile
    import torch
    from transformers import pipeline as make_pipeline

    torch.set_num_threads(threads)
    run = make_pipeline("audio-classification", model=str(folder / checkpoint), device=device)
    files = table(folder)
    warm(0)
    run(np.zeros(RATE, np.float32))
    begin = perf_counter()
    for condition in CONDITIONS[::every]:
        perturb = perturber(condition)
        for file in files:
            run(perturb(soundfile.read(file, dtype="float32")[0], file))
    return {"seconds": (perf_counter() - begin) * every}


def harm(folder: Path, checkpoint: str, size: int = 16) -> dict[str, float]:
    """What ``pipeline(batch_size=16)`` does to the scores of a group-norm model, against one at a time."""
    import torch
    from transformers import pipeline as make_pipeline

    torch.set_num_threads(2)
    run = make_pipeline("audio-classification", model=str(folder / checkpoint), device="cpu", top_k=None)
    waves = list(decoded(folder).values())
    single = scores([run(w) for w in waves])
    batched = scores(run([w.copy() for w in waves], batch_size=size))
    return {
        "utterances": len(waves),
        "relative L2": float(np.linalg.norm(batched - single) / np.linalg.norm(single)),
        "largest change": float(np.abs(batched - single).max()),
        "labels changed": int((batched.argmax(1) != single.argmax(1)).sum()),
    }


def scores(found: list[list[dict]]) -> np.ndarray:
    """Probabilities, (utterances, classes), classes by name."""
    return np.array([[e["score"] for e in sorted(f, key=lambda e: e["label"])] for f in found])


WAYS = {w.__name__: w for w in (audit, bare, floor, audinterface, pipeline, harm)}

if __name__ == "__main__":
    name, where, *given = sys.argv[1:]
    options = dict(g.split("=", 1) for g in given)
    kinds = {k: v for k, v in WAYS[name].__annotations__.items() if k in options}
    cast = {"int": int, "float": float, "str": str}
    print(json.dumps(WAYS[name](Path(where), **{k: cast[kinds[k]](v) for k, v in options.items()})))
