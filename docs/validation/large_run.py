"""A run of simulated scores of any size, as the engine would have left it: what judging is timed on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ser_audit.benchmark.manifest import (
    CheckpointRecord,
    ConditionRecord,
    CorpusRecord,
    Manifest,
    OutputRecord,
    TrainingRecord,
)
from ser_audit.benchmark.run import table_path
from ser_audit.perturbations.make import make
from ser_audit.perturbations.sets import conditions

DIMENSIONS = ("arousal", "dominance", "valence")
SEXES, LANGUAGES = ("female", "male"), ("de", "en")
AUDITS = ("integrity", "correctness", "robustness", "fairness", "transfer")


def raters(speakers: int, each: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth and predictions of a rater with real effects: per-speaker CCC sd near .09 around .6.

    Returns:
        Index of the speaker int64 (rows,), truth and prediction float64 (rows, dimensions), in [0, 1].
    """
    owner = np.repeat(np.arange(speakers), each)
    size = len(DIMENSIONS)
    own = {
        name: rng.normal(0, sd, (speakers, size))[owner]
        for name, sd in (("truth", 0.05), ("bias", 0.04), ("slope", 0.12), ("noise", 0.2))
    }
    truth = 0.5 + own["truth"] + rng.normal(0, 0.15, (len(owner), size))
    error = rng.normal(0, 0.12, (len(owner), size)) * np.exp(own["noise"])
    said = 0.5 + own["bias"] + (1 + own["slope"]) * 0.8 * (truth - 0.5) + error
    return owner, np.clip(truth, 0, 1), np.clip(said, 0, 1)


def write_run(folder: Path, utterances: int, speakers: int, count: int, seed: int = 0) -> None:
    """Write the run that the engine would have left: ``count`` conditions, clean among them.

    Args:
        folder: of the run; made here.
        utterances: rows of each table; a multiple of ``speakers``.
        speakers: half of each sex, every fourth one of German.
        count: number of conditions.
        seed: of the generator.
    """
    rng = np.random.default_rng(seed)
    owner, truth, said = raters(speakers, utterances // speakers, rng)
    ids = ("clean", *chosen(count - 1))
    (folder / "predictions").mkdir(parents=True)
    fixed = described(owner, truth)
    for number, name in enumerate(ids):
        noise = rng.standard_normal(said.shape, dtype=np.float32) * 0.002 * number
        scores = np.clip(said + noise, 0, 1).astype(np.float32).astype(np.float64)
        texts = {"condition": pa.array([name]).take(pa.array(np.zeros(utterances, dtype=np.int32)))}
        table = pa.table(
            {c: texts.get(c, column) for c, column in fixed.items()}
            | {f"score.{d}": pa.array(scores[:, i]) for i, d in enumerate(DIMENSIONS)}
        )
        pq.write_table(table, table_path(folder, "model", "corpus", name), compression="zstd")
    (folder / "manifest.json").write_text(manifest(ids, owner, speakers).model_dump_json(), encoding="utf-8")


def chosen(count: int) -> tuple[str, ...]:
    """Choose conditions of the ladder, evenly over its families."""
    ladder = conditions("ladder")
    return tuple(ladder[i * len(ladder) // count] for i in range(count))


def described(owner: np.ndarray, truth: np.ndarray) -> dict[str, pa.Array]:
    """The columns of a table before its scores, in the order and the types of ``engine/table.py``."""
    n = len(owner)

    def repeated(values: list[str | None], codes: np.ndarray) -> pa.Array:
        return pa.array(values, pa.string()).take(pa.array(codes))

    alike = np.zeros(n, dtype=np.int64)
    names = [f"speaker_{i:04d}" for i in range(owner[-1] + 1)]
    return {
        "checkpoint": repeated(["model"], alike),
        "corpus": repeated(["corpus"], alike),
        "utterance": pa.array([f"{names[s]}/{i:07d}.wav" for i, s in enumerate(owner)], pa.string()),
        "condition": repeated(["clean"], alike),
        "status": repeated(["ok"], alike),
        "detail": repeated([None], alike),
        "input_hash": pa.array([f"{i * 2654435761 % 2**32:064x}" for i in range(n)], pa.string()),
        "speaker": repeated(names, owner),
        "seconds": pa.array(np.full(n, 3.0)),
        "group.language": repeated(list(LANGUAGES), (owner % 4 > 0).astype(np.int64)),
        "group.sex": repeated(list(SEXES), owner % 2),
        **{f"truth.{d}": pa.array(truth[:, i]) for i, d in enumerate(DIMENSIONS)},
    }


def manifest(ids: tuple[str, ...], owner: np.ndarray, speakers: int) -> Manifest:
    """What the engine would have written beside the tables."""
    made = {name: make(name) for name in ids}
    return Manifest(
        version="0",
        seed=0,
        device="cpu",
        threads=2,
        batch_size=16,
        limit=None,
        policy="default",
        audits=AUDITS,
        conditions=tuple(
            ConditionRecord(id=name, family=p.family, version=p.version, label_preserving=p.label_preserving)
            for name, p in made.items()
        ),
        checkpoints=(
            CheckpointRecord(
                name="model",
                format="table",
                source="model.csv",
                revision="sha256:0",
                licence=None,
                sampling_rate=None,
                shortest_input=0,
                activation="none",
                value_range=(0, 1),
                outputs=tuple(OutputRecord(name=d, kind="dimension") for d in DIMENSIONS),
                trained_on=(TrainingRecord(corpus="another"),),
                parameters=None,
                padding="no audio",
            ),
        ),
        corpora=(
            CorpusRecord(
                name="corpus",
                format="table",
                source="table.csv",
                revision="sha256:0",
                languages=LANGUAGES,
                utterances=len(owner),
                speakers=speakers,
                seconds=3.0 * len(owner),
                dimensions=DIMENSIONS,
                labels={},
                groups={},
                scales={},
                handled={},
            ),
        ),
        tables=(),
        coverage=(),
        versions={},
        machine={},
    )
