"""The whole path on real speech: published and measured numbers come out, and equal what others compute."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

import audmetric
import numpy as np
import pandas as pd
import pytest
from ser_audit.benchmark import Run, Spec, predict, render, score

pytestmark = [pytest.mark.shared, pytest.mark.xdist_group("real audit")]  # its fixtures are made once

NOISE = tuple(f"noise.white@snr_db={snr}" for snr in (30, 20, 10, 0))
GAIN = ("gain@db=2", "gain@db=-2")
CLASSES = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
TRAINED = [f"ravdess_{i:02d}" for i in range(1, 17)]
INFO = f"""
classes = {json.dumps(CLASSES)}
activation = "softmax"
sampling_rate = 16000
shortest_input = 1.0
[[trained_on]]
corpus = "ravdess"
speakers = {json.dumps(TRAINED)}
"""
MAPPING = 'anger = "angry"\nfear = "fearful"\nhappiness = "happy"\nsadness = "sad"\n'


UNSEEN = tuple(f"ravdess_{i:02d}" for i in range(17, 25))
BOTH = ("byols-ravdess", "w2v2-mini-ravdess")


@pytest.fixture(scope="module")
def audit(shared, tmp_path_factory):
    """Audits of the real checkpoints by the command's own steps."""
    folder = tmp_path_factory.mktemp("audit")
    byols, mini = folder / "byols.toml", folder / "mini.toml"
    byols.write_text(INFO)
    mini.write_text(INFO[INFO.index("[[trained_on]]") :])
    (folder / "mapping.toml").write_text(MAPPING)
    checkpoints = {
        "byols-ravdess": {"path": str(shared / "checkpoints" / "byols-ravdess.onnx"), "info": str(byols)},
        "w2v2-mini-ravdess": {"path": str(shared / "checkpoints" / "w2v2-mini-ravdess"), "info": str(mini)},
    }
    table = str(shared / "corpora" / "ravdess-nemo" / "metadata.csv")

    def make(name: str, corpus: str, names=BOTH, rows=None, conditions=("clean",)) -> Run:
        spec = Spec(
            checkpoints=[checkpoints[n] for n in names],
            corpora=[{"name": corpus, "path": table, "rows": {"corpus": corpus, **(rows or {})}}],
            labels=str(folder / "mapping.toml") if corpus == "nemo" else None,
            conditions=conditions,
            threads=1,
            workers=1,
        )
        predict(spec, folder / name)
        score(folder / name)
        render(folder / name)
        return Run(folder / name)

    return make


@pytest.fixture(scope="module")
def noisy(audit) -> Run:
    """Both checkpoints under noise and gain, on the eight speakers that neither was trained on."""
    return audit("noisy", "ravdess", rows={"speaker": UNSEEN}, conditions=(*NOISE, *GAIN))


@pytest.fixture(scope="module")
def run(audit) -> Run:
    """The light checkpoint on all of both corpora, in two steps into one run."""
    audit("whole", "ravdess", ("byols-ravdess",))
    return audit("whole", "nemo")


def find(run: Run, code: str, checkpoint: str = "byols-ravdess", **subject):
    """The one finding of a code on a subject."""
    wanted = {"checkpoint": checkpoint, **subject}
    found = [
        f
        for f in run.findings.findings
        if f.code == code and all(getattr(f.subject, k) == v for k, v in wanted.items())
    ]
    assert len(found) == 1, [f.subject for f in found]
    return found[0]


def rows(run: Run, corpus: str, condition: str = "clean", checkpoint: str = "byols-ravdess") -> pd.DataFrame:
    """Rows read from the Parquet files, without the project's own reader."""
    frames = [pd.read_parquet(p) for p in (run.path / "predictions").glob("*.parquet")]
    frame = pd.concat(frames)
    keep = (frame.corpus == corpus) & (frame.condition == condition) & (frame.checkpoint == checkpoint)
    return frame[keep]


def labels(frame: pd.DataFrame, among=CLASSES) -> list[str]:
    scores = frame[[f"score.emotion.{c}" for c in among]].to_numpy()
    return [among[i] for i in scores.argmax(1)]


def uar(frame: pd.DataFrame, among=CLASSES) -> float:
    """Mean recall of the classes that truth holds; a prediction of any other class is a miss."""
    recall = audmetric.recall_per_class(frame["truth.emotion"].tolist(), labels(frame, among), labels=CLASSES)
    return float(np.mean([recall[c] for c in CLASSES if c in set(frame["truth.emotion"])]))


def test_clean_uar_on_unseen_speakers_is_the_measured_one(run):
    finding = find(run, "SER205", corpus="ravdess", cohort="unseen speakers")
    assert finding.estimate.value == pytest.approx(0.527, abs=0.02)
    assert finding.estimate.low < 0.527 < finding.estimate.high
    assert (finding.estimate.n, finding.estimate.speakers) == (240, 8)


@pytest.mark.parametrize(("checkpoint", "measured"), [("byols-ravdess", 0.527), ("w2v2-mini-ravdess", 0.508)])
def test_chosen_rows_give_the_measured_uar(noisy, checkpoint, measured):
    finding = find(noisy, "SER205", checkpoint, corpus="ravdess")
    assert finding.estimate.value == pytest.approx(measured, abs=0.02)


def test_training_speakers_are_scored_apart_and_the_report_says_so(run):
    finding = find(run, "SER205", corpus="ravdess", cohort="training speakers")
    assert finding.estimate.value == pytest.approx(0.92, abs=0.02)
    assert finding.verdict == "not_applicable"
    overlap = find(run, "SER104", corpus="ravdess")
    assert overlap.details == {"training_speakers": 16, "scored_speakers": 24}
    assert "training speakers" in (run.path / "report.html").read_text()


def test_nemo_is_scored_over_its_six_mapped_classes(run):
    """Unmapped predictions count as wrong; the restricted argmax, measured as .237, stands beside it."""
    finding = find(run, "SER205", corpus="nemo", cohort="all speakers")
    restricted = find(run, "SER207", corpus="nemo", cohort="all speakers")
    assert finding.details["classes"] == restricted.details["classes"] == 6
    assert restricted.estimate.value == pytest.approx(0.237, abs=0.005)
    assert 0.2 < finding.estimate.value < restricted.estimate.value
    mini = find(run, "SER205", "w2v2-mini-ravdess", corpus="nemo", cohort="all speakers")
    assert mini.estimate.value == pytest.approx(0.037, abs=0.005)


def test_faint_noise_lowers_uar_with_an_interval_that_excludes_zero(noisy):
    change = find(noisy, "SER302", corpus="ravdess", condition=NOISE[0]).estimate
    assert change.value == pytest.approx(0.316 - 0.527, abs=0.05)
    assert change.pointwise_high < 0


@pytest.mark.parametrize("checkpoint", BOTH)
def test_no_stronger_noise_lies_above_a_weaker_one_with_an_interval_excluding_zero(noisy, checkpoint):
    """Paired differences by the plain cluster bootstrap of numpy: not the project's own."""
    frames = {c: rows(noisy, "ravdess", c, checkpoint).set_index("utterance").sort_index() for c in NOISE}
    hit = {c: np.array(labels(f)) == f["truth.emotion"] for c, f in frames.items()}
    speakers = frames[NOISE[0]]["speaker"]
    draws = np.random.default_rng(0).integers(0, 8, (2000, 8))
    for weaker, stronger in itertools.combinations(NOISE, 2):
        gain = (hit[stronger].astype(float) - hit[weaker].astype(float)).groupby(speakers).mean().to_numpy()
        assert np.quantile(gain[draws].mean(1), 0.025) <= 0, (weaker, stronger)


@pytest.mark.parametrize("condition", GAIN)
def test_gain_changes_no_prediction_where_the_checkpoint_normalises_the_level_and_some_elsewhere(
    noisy, condition
):
    """w2v2-mini brings each utterance to unit variance; byols takes log-mel energies as they are."""
    invariant = find(noisy, "SER303", "w2v2-mini-ravdess", corpus="ravdess", condition=condition).estimate
    assert invariant.value >= 0.99  # its normaliser adds 1e-7 to the variance, which soft speech can feel
    dependent = find(noisy, "SER303", "byols-ravdess", corpus="ravdess", condition=condition).estimate
    assert 0.5 < dependent.value < 0.99
    frames = [rows(noisy, "ravdess", c).set_index("utterance").sort_index() for c in ("clean", condition)]
    same = np.mean([a == b for a, b in zip(*map(labels, frames), strict=True)])
    assert dependent.value == pytest.approx(same, abs=1e-12)


@pytest.mark.parametrize(
    ("checkpoint", "corpus", "cohort"),
    [
        ("byols-ravdess", "ravdess", "unseen speakers"),
        ("byols-ravdess", "nemo", "all speakers"),
        ("w2v2-mini-ravdess", "nemo", "all speakers"),
    ],
)
def test_uar_and_f1_equal_audmetric_on_the_parquet_files(run, checkpoint, corpus, cohort):
    frame = rows(run, corpus, checkpoint=checkpoint)
    if cohort == "unseen speakers":
        frame = frame[~frame["speaker"].isin(TRAINED)]
    estimate = find(run, "SER205", checkpoint, corpus=corpus, cohort=cohort).estimate
    assert estimate.value == pytest.approx(uar(frame), abs=1e-12)
    present = [c for c in CLASSES if c in set(frame["truth.emotion"])]
    restricted = find(run, "SER207", checkpoint, corpus=corpus, cohort=cohort).estimate
    assert restricted.value == pytest.approx(uar(frame, present), abs=1e-12)
    f1 = find(run, "SER206", checkpoint, corpus=corpus, cohort=cohort).estimate.value
    per_class = audmetric.fscore_per_class(frame["truth.emotion"].tolist(), labels(frame), labels=CLASSES)
    assert f1 == pytest.approx(np.mean([per_class[c] for c in present]), abs=1e-12)


@pytest.mark.parametrize("condition", NOISE)
@pytest.mark.parametrize("checkpoint", BOTH)
def test_changes_and_pup_equal_audmetric_on_the_parquet_files(noisy, checkpoint, condition):
    both = [rows(noisy, "ravdess", c, checkpoint) for c in ("clean", condition)]
    clean, loud = (f.set_index("utterance").sort_index() for f in both)
    change = find(noisy, "SER302", checkpoint, corpus="ravdess", condition=condition).estimate.value
    assert change == pytest.approx(uar(loud) - uar(clean), abs=1e-12)
    pup = find(noisy, "SER303", checkpoint, corpus="ravdess", condition=condition).estimate.value
    assert pup == pytest.approx(np.mean(np.array(labels(clean)) == np.array(labels(loud))), abs=1e-12)


def test_sex_groups_and_their_gap_equal_fairlearn_on_the_parquet_files(run):
    from fairlearn.metrics import MetricFrame

    frame = rows(run, "ravdess")
    frame = frame[~frame["speaker"].isin(TRAINED)]
    table = MetricFrame(
        metrics=lambda truth, predicted: audmetric.unweighted_average_recall(
            truth.tolist(), predicted.tolist(), labels=CLASSES
        ),
        y_true=frame["truth.emotion"].to_numpy(dtype=object),
        y_pred=np.array(labels(frame), dtype=object),
        sensitive_features=frame["group.sex"].to_numpy(dtype=object),
    )
    for sex, expected in table.by_group.items():
        found = find(run, "SER402", corpus="ravdess", output="emotion", group=f"sex: {sex}")
        assert found.estimate.value == pytest.approx(expected, abs=1e-12)
    gap = find(run, "SER401", corpus="ravdess", output="emotion", group="sex: female − male")
    difference = table.by_group["female"] - table.by_group["male"]
    assert gap.estimate.value == pytest.approx(difference, abs=1e-12)


@pytest.mark.parametrize(
    ("checkpoint", "padding"), [*zip(BOTH, ("equal lengths", "masked group norm"), strict=True)]
)
def test_every_row_was_predicted_and_the_proofs_hold(noisy, checkpoint, padding):
    record = next(c for c in noisy.manifest.checkpoints if c.name == checkpoint)
    assert record.padding == padding
    assert find(noisy, "SER101", checkpoint).verdict == "pass"
    assert find(noisy, "SER102", checkpoint).estimate.value == 0
    assert find(noisy, "SER103", checkpoint).estimate.value < 1e-6
    assert find(noisy, "SER106", checkpoint, corpus="ravdess").verdict == "pass"


def test_timings_are_read_by_pytest_benchmark(noisy):
    paths = sorted((noisy.path / "throughput").glob("*.json"))
    assert len(paths) == 2
    command = [Path(sys.executable).with_name("pytest-benchmark"), "compare", *paths]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "single stream byols-ravdess" in printed
    assert "offline w2v2-mini-ravdess" in printed
