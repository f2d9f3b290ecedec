"""Runs made of simulated scores: no audio, no model."""

from collections.abc import Callable

import audmetric
import numpy as np
import pandas as pd
import pytest
from ser_audit.benchmark.manifest import (
    CheckpointRecord,
    ConditionRecord,
    CorpusRecord,
    Manifest,
    OutputRecord,
    TrainingRecord,
)
from ser_audit.benchmark.run import Run, table_path

CLASSES = ("angry", "happy", "neutral", "sad")


def ratings(
    corpus: str = "one",
    speakers: int = 20,
    each: int = 25,
    seed: int = 0,
    noise: float = 0.05,
    errors: float = 0.2,
    conditions: dict[str, tuple[float, float]] | None = None,
    bias: Callable[[str], float] = lambda sex: 0.0,
    language: str = "en",
) -> pd.DataFrame:
    """Simulate a table of arousal and emotion, half of its speakers of each sex.

    ``noise`` is the sd of arousal's error, ``errors`` the share of random labels; ``conditions`` gives
    further (noise, errors) to add; ``bias`` adds to the noise of a sex's speakers.
    """
    rng = np.random.default_rng(seed)
    names = np.repeat([f"{corpus}-{i:02d}" for i in range(speakers)], each)
    sexes = np.where(np.arange(speakers) < speakers // 2, "female", "male").repeat(each)
    n = len(names)
    truth, label = np.clip(rng.normal(0.5, 0.15, n), 0, 1), rng.integers(0, 4, n)
    sd = np.array([noise + bias(sex) for sex in sexes])
    clean = np.clip(truth + rng.normal(0, 1, n) * sd + rng.normal(0, 0.02, speakers).repeat(each), 0, 1)
    guess = np.where(rng.random(n) < errors, rng.integers(0, 4, n), label)
    frames = []
    for condition, (more, wrong) in {"clean": (0.0, 0.0), **(conditions or {})}.items():
        said = np.where(rng.random(n) < wrong, rng.integers(0, 4, n), guess)
        frames.append(
            pd.DataFrame(
                {
                    "checkpoint": "model",
                    "corpus": corpus,
                    "utterance": [f"{corpus}/{i:05d}.wav" for i in range(n)],
                    "condition": condition,
                    "status": "ok",
                    "detail": None,
                    "input_hash": "",
                    "speaker": names,
                    "seconds": 1.0,
                    "group.sex": sexes,
                    "group.language": language,
                    "label.emotion": np.array(CLASSES)[label],
                    "truth.arousal": truth,
                    "truth.emotion": np.array(CLASSES)[label],
                    "score.arousal": np.clip(clean + rng.normal(0, 1, n) * more, 0, 1),
                    **{f"score.emotion.{c}": (said == i) + 0.1 * i for i, c in enumerate(CLASSES)},
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def write_run(path, *frames: pd.DataFrame, trained_on=(), preserving: bool = True, records=None) -> Run:
    """Write tables, one per checkpoint and corpus, as the run that the engine would have left.

    ``records`` gives facts of conditions, such as their reference, by their id.
    """
    (path / "predictions").mkdir(parents=True)
    for frame in frames:
        for (checkpoint, corpus, condition), rows in frame.groupby(["checkpoint", "corpus", "condition"]):
            rows.to_parquet(table_path(path, checkpoint, corpus, condition))
    scores = [c for c in frames[0] if c.startswith("score.")]
    outputs = tuple(
        OutputRecord(name=c.split(".")[-1], kind="class" if "emotion" in c else "dimension") for c in scores
    )
    conditions = dict.fromkeys(c for frame in frames for c in frame["condition"])
    manifest = Manifest(
        version="0",
        seed=0,
        device="cpu",
        threads=1,
        batch_size=1,
        limit=None,
        policy="default",
        audits=(),
        conditions=tuple(
            ConditionRecord(
                **{"id": c, "family": c.split("@")[0], "version": 1, "label_preserving": preserving}
                | (records or {}).get(c, {})
            )
            for c in conditions
        ),
        checkpoints=tuple(
            CheckpointRecord(
                name=name,
                format="table",
                source="model.csv",
                revision="sha256:0",
                licence=None,
                sampling_rate=16000,
                shortest_input=0,
                activation="none",
                value_range=(0, 1),
                outputs=outputs,
                trained_on=trained_on,
                parameters=None,
                padding="no audio",
            )
            for name in dict.fromkeys(frame["checkpoint"].iat[0] for frame in frames)
        ),
        corpora=tuple(
            CorpusRecord(
                name=frame["corpus"].iat[0],
                format="table",
                source="table.csv",
                revision="sha256:0",
                languages=tuple(sorted(set(frame["group.language"]))),
                utterances=int((frame["condition"] == "clean").sum()),
                speakers=frame["speaker"].nunique(),
                seconds=1,
                dimensions=("arousal",),
                labels={},
                groups={},
                scales={},
                handled={},
            )
            for frame in {frame["corpus"].iat[0]: frame for frame in frames}.values()
        ),
        tables=(),
        coverage=(),
        versions={},
        machine={},
    )
    (path / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Run(path)


def by_audmetric(frame, rows=slice(None)):
    """UAR of emotion and CCC of arousal in each condition, by audmetric."""
    found = {}
    for name, part in frame.groupby("condition", sort=False):
        part = part.sort_values("utterance").iloc[rows]
        guess = np.array(CLASSES)[part[[f"score.emotion.{c}" for c in CLASSES]].to_numpy().argmax(axis=1)]
        label = part["truth.emotion"].to_numpy(dtype=str)
        found[name, "emotion"] = audmetric.unweighted_average_recall(label, guess, labels=CLASSES)
        truth, score = part["truth.arousal"].to_numpy(), part["score.arousal"].to_numpy()
        found[name, "arousal"] = audmetric.concordance_cc(truth, score)
    return found


@pytest.fixture(scope="session")
def simulate():
    """Give :func:`ratings`."""
    return ratings


@pytest.fixture
def make_run(tmp_path):
    """Give :func:`write_run`, into a folder of the test's own."""
    count = iter(range(100))
    return lambda *frames, **facts: write_run(tmp_path / f"run{next(count)}", *frames, **facts)


@pytest.fixture(scope="session")
def pick():
    """Choose findings by code, metric and parts of their subject; the only one where ``one``."""

    def choose(findings, code, one=True, **fields):
        metric = fields.pop("metric", None)
        found = [
            f
            for f in findings
            if f.code == code
            and (metric is None or f.metric == metric)
            and all(getattr(f.subject, name) == value for name, value in fields.items())
        ]
        if one:
            assert len(found) == 1, [f.subject for f in findings if f.code == code]
            return found[0]
        return found

    return choose


@pytest.fixture(scope="session")
def training():
    """Make a training record."""
    return lambda corpus, *names: TrainingRecord(corpus=corpus, speakers=names or None)


@pytest.fixture(scope="session")
def values():
    """Give :func:`by_audmetric`."""
    return by_audmetric
