"""Recall, precision, mean and share per class and bin: sklearn's with the weights that equal truth gives."""

import numpy as np
import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.finding import Limit
from ser_audit.benchmark.policy import Rule
from ser_audit.fairness import audit
from sklearn.metrics import precision_score, recall_score

CLASSES = ("angry", "happy", "neutral", "sad")
BINS = ("below .25", ".25 to .5", ".5 to .75", ".75 and above")
POLICY = policy.load("default")


@pytest.fixture(scope="module")
def frame(simulate):
    """Women's truth is spread less, their sad utterances are few, and they are heard worse."""
    frame = simulate(speakers=20, each=40, bias=lambda sex: 0.1 * (sex == "female"))
    female = frame["group.sex"] == "female"
    drop = female & (frame["truth.emotion"] == "sad") & (np.arange(len(frame)) % 4 > 0)
    frame = frame[~(drop | (female & ((frame["truth.arousal"] - 0.5).abs() > 0.3)))].reset_index(drop=True)
    rng = np.random.default_rng(0)
    frame["score.arousal"] = np.clip(frame["score.arousal"] + rng.normal(0, 0.1, len(frame)), 0, 1)
    return frame


@pytest.fixture(scope="module")
def found(frame, tmp_path_factory):
    """Findings of the frame."""
    import runpy
    from pathlib import Path

    runs = runpy.run_path(str(Path(__file__).parents[1] / "benchmark/audits/conftest.py"))
    return audit.judge(runs["write_run"](tmp_path_factory.mktemp("runs") / "run", frame), POLICY)


def labels(frame, output):
    """Truth, prediction and truth cell of each row, as codes."""
    if output == "emotion":
        truth = frame["truth.emotion"].map(dict(zip(CLASSES, range(4), strict=True))).to_numpy()
        return truth, frame[[f"score.emotion.{c}" for c in CLASSES]].to_numpy().argmax(axis=1), truth
    truth, score = (frame[f"{kind}.arousal"].to_numpy() for kind in ("truth", "score"))
    fine, said = np.minimum((truth * 16).astype(int), 15), np.minimum((score * 4).astype(int), 3)
    return fine // 4, said, fine


def overlap(cell, female):
    """Overlap weights of every row."""
    n, m = (np.bincount(cell[rows], minlength=16) for rows in (female, ~female))
    return np.where(female, m[cell], n[cell]) / (n + m)[cell]


@pytest.mark.parametrize(("output", "names"), [("emotion", CLASSES), ("arousal", BINS)])
@pytest.mark.parametrize("kind", ["recall", "precision"])
def test_recall_and_precision_are_sklearns_with_weights(found, frame, pick, output, names, kind):
    truth, said, cell = labels(frame, output)
    female = (frame["group.sex"] == "female").to_numpy()
    weights = overlap(cell, female)
    metric = recall_score if kind == "recall" else precision_score
    word, asked = "class" if output == "emotion" else "bin", 0
    for code, name in enumerate(names):
        group = f"sex: female − male, {word}: {name}"
        gaps = pick(found, "SER408", one=False, output=output, group=group, metric=f"gap of {kind}")
        base = truth if kind == "recall" else said
        rows = [int((base[side] == code).sum()) for side in (female, ~female)]
        assert len(gaps) == (min(rows) >= 10)
        for gap in gaps:
            values = [
                metric(
                    truth[s],
                    said[s],
                    labels=[code],
                    average="macro",
                    sample_weight=weights[s],
                    zero_division=0,
                )
                for s in (female, ~female)
            ]
            asked += 1
            assert gap.estimate.value == pytest.approx(values[0] - values[1], abs=1e-12)
            assert gap.details["value_first"] == pytest.approx(values[0], abs=1e-12)
            raw = metric(truth[female], said[female], labels=[code], average="macro", zero_division=0)
            assert gap.details["raw_first"] == pytest.approx(raw, abs=1e-12)
            assert (gap.details[word], gap.details["rows_first"], gap.details["rows_second"]) == (name, *rows)
            assert (gap.verdict, gap.limit) == ("not_applicable", None)
    assert asked >= 2


def test_bins_with_too_few_rows_are_counted(found, pick):
    skipped = pick(found, "SER408", output="arousal", group="sex")
    assert skipped.details["fewest"] == 10
    asked = [f for f in pick(found, "SER408", one=False, output="arousal") if f.subject.group != "sex"]
    assert len(asked) + skipped.details["skipped"] == 8
    assert f"{skipped.details['skipped']} of 8 gaps" in skipped.message


@pytest.mark.parametrize(("output", "names"), [("emotion", CLASSES), ("arousal", BINS)])
def test_shares_are_compared_at_equal_truth(found, frame, pick, output, names):
    _, said, cell = labels(frame, output)
    female = (frame["group.sex"] == "female").to_numpy()
    weights = overlap(cell, female)
    word = "class" if output == "emotion" else "bin"
    for code, name in enumerate(names):
        gap = pick(found, "SER409", output=output, group=f"sex: female − male, {word}: {name}")
        values = [np.average(said[s] == code, weights=weights[s]) for s in (female, ~female)]
        assert gap.estimate.value == pytest.approx(values[0] - values[1], abs=1e-12)
        assert gap.metric == "gap of share"


def test_means_are_compared_at_equal_emotions_or_else_at_equal_truth(found, frame, pick, make_run):
    female = (frame["group.sex"] == "female").to_numpy()
    for table, findings, equal in (
        (frame, found, "emotion"),
        (frame.drop(columns=["label.emotion"]), None, "truth"),
    ):
        findings = findings or audit.judge(make_run(table), POLICY)
        cell = labels(frame, "emotion" if equal == "emotion" else "arousal")[2]
        weights = overlap(cell, female)
        score = frame["score.arousal"].to_numpy()
        values = [np.average(score[s], weights=weights[s]) for s in (female, ~female)]
        gap = pick(findings, "SER409", output="arousal", group="sex: female − male")
        assert gap.estimate.value == pytest.approx(values[0] - values[1], abs=1e-12)
        assert (gap.metric, gap.details["equal"]) == ("gap of mean", equal)
        raw = score[female].mean() - score[~female].mean()
        assert gap.details["raw_gap"] == pytest.approx(raw, abs=1e-12)


def test_what_a_policy_limits_is_judged_in_the_family_of_the_column(frame, make_run, pick):
    rule = Rule(above=-0.1, below=0.1, source="ser-tests: fairness, sex")
    kinds = [
        f"gap {to}of {kind}" for to in ("", "to all ") for kind in ("recall", "precision", "mean", "share")
    ]
    by = POLICY.model_copy(update={"fairness": {"sex": POLICY.fairness["sex"] | dict.fromkeys(kinds, rule)}})
    found = audit.judge(make_run(frame), by)
    judged = [f for f in found if f.family and f.code in ("SER401", "SER408", "SER409", "SER410")]
    assert {f.code for f in judged} == {"SER401", "SER408", "SER409", "SER410"}
    assert {f.estimate.method.partition(", ")[2] for f in judged if f.estimate.method} == {
        f"simultaneous over {len(judged)}"
    }
    limits = {f.metric: f.limit for f in judged}
    assert limits["gap of recall"] == Limit(low=-0.1, high=0.1, source="ser-tests: fairness, sex")
    assert {k for k in limits if k.startswith("gap to all")} == {k for k in kinds if "to all" in k}
    truth, said, _ = labels(frame, "emotion")
    female = (frame["group.sex"] == "female").to_numpy()
    gap = pick(
        found,
        "SER410",
        output="emotion",
        group="sex: female − all, class: happy",
        metric="gap to all of recall",
    )
    expected = [np.mean(said[(truth == 1) & s] == 1) for s in (female, np.full(len(truth), True))]
    assert gap.estimate.value == pytest.approx(expected[0] - expected[1], abs=1e-12)


def test_classes_of_many_groups_are_compared_with_all(simulate, make_run, pick):
    frame = simulate(speakers=10, each=40)
    names = sorted(set(frame["speaker"]))
    frame["group.accent"] = frame["speaker"].map(dict(zip(names, "abcde" * 2, strict=True)))
    found = audit.judge(make_run(frame), POLICY)
    accents = [f for f in found if (f.subject.group or "").startswith("accent: ")]
    assert not [f for f in accents if f.code in ("SER408", "SER409")]
    gap = pick(
        accents,
        "SER410",
        output="emotion",
        group="accent: b − all, class: happy",
        metric="gap to all of recall",
    )
    truth, said, _ = labels(frame, "emotion")
    own = (frame["group.accent"] == "b").to_numpy()
    expected = np.mean(said[(truth == 1) & own] == 1) - np.mean(said[truth == 1] == 1)
    assert gap.estimate.value == pytest.approx(expected, abs=1e-12)
    assert "compared with those of all" in pick(found, "SER410", group="accent").message
