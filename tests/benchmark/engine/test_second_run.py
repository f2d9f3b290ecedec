"""What was computed once is not computed again; what could be another number is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark import InputError, Run, Spec, predict

CONDITIONS = ("gain@db=2", "noise.babble@snr_db=10,voices=2")
UTTERANCES = 12


def spec(home: Path, **changes) -> Spec:
    scales = {"arousal": (0, 1)}
    base = {
        "checkpoints": str(home / "model" / "tiny.onnx"),
        "corpora": [{"name": "tones", "path": str(home / "tones" / "table.csv"), "scales": scales}],
        "conditions": CONDITIONS,
        "audits": ("integrity", "correctness", "robustness"),
        "workers": 1,
        "threads": 1,
    }
    return Spec(**(base | changes))


@pytest.fixture(scope="module")
def origin(tmp_path_factory, make):
    """A checkpoint, a corpus, a noise pack, and a run of them with what it left in the cache."""
    home = tmp_path_factory.mktemp("origin")
    make.graph(home / "model" / "tiny.onnx")
    make.corpus(home / "tones", UTTERANCES)
    rng = np.random.default_rng(0)
    for name in ("kettle", "fan"):
        (home / "pack" / "kitchen").mkdir(parents=True, exist_ok=True)
        soundfile.write(home / "pack" / "kitchen" / f"{name}.wav", 0.1 * rng.standard_normal(16000), 16000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_AUDIT_CACHE", str(home / "cache"))
        predict(spec(home), home / "run")
    return home


@pytest.fixture
def home(origin, tmp_path, own_cache):
    """A copy of it, elsewhere."""
    shutil.copytree(origin, tmp_path / "home")
    shutil.copytree(origin / "cache", own_cache, dirs_exist_ok=True)
    return tmp_path / "home"


def nothing(watched) -> bool:
    return not (watched.predicted or watched.opened or watched.decoded)


def test_a_second_run_into_the_same_folder_computes_nothing_and_changes_no_byte(home, watched, tables_of):
    before, manifest = tables_of(home / "run"), (home / "run" / "manifest.json").read_bytes()
    predict(spec(home), home / "run")
    assert nothing(watched)
    assert tables_of(home / "run") == before
    assert (home / "run" / "manifest.json").read_bytes() == manifest


def test_a_second_run_into_a_new_folder_computes_nothing_and_writes_the_same_bytes(home, watched, tables_of):
    predict(spec(home), home / "new")
    assert nothing(watched)
    assert len(tables_of(home / "new")) == 3
    assert tables_of(home / "new") == tables_of(home / "run")
    assert (home / "new" / "manifest.json").read_bytes() == (home / "run" / "manifest.json").read_bytes()


def test_what_is_taken_over_is_what_would_be_computed(home, watched, tables_of):
    predict(spec(home, cache=False), home / "new")
    assert watched.predicted == ["tiny"] * 3 * UTTERANCES
    assert watched.opened == ["tiny"]
    assert sorted(watched.decoded) == sorted(f"{i}.wav" for i in range(UTTERANCES))
    assert tables_of(home / "new") == tables_of(home / "run")


def test_without_the_cache_the_same_folder_still_computes_nothing(home, watched):
    predict(spec(home, cache=False), home / "run")
    assert nothing(watched)


def test_a_run_of_the_whole_command_line_computes_nothing_the_second_time(home, watched, tables_of, capsys):
    from ser_audit.benchmark.cli import main

    def run(folder: Path) -> None:
        arguments = ["run", home / "model" / "tiny.onnx", "-o", folder, "--workers", 1, "--threads", 1]
        arguments += ["--corpus", f"tones={home / 'tones' / 'table.csv'}", "--scale", "arousal=0-1"]
        arguments += ["--condition", CONDITIONS[0]]
        for audit in ("integrity", "correctness", "robustness", "fairness", "transfer"):
            arguments += ["--audit", audit]
        with pytest.raises(SystemExit) as stopped:
            main([str(a) for a in arguments])
        assert stopped.value.code == 0, capsys.readouterr().err

    run(home / "first")  # it wants pitch as well, so that audio is decoded once more
    assert watched.decoded
    for seen in vars(watched).values():
        seen.clear()
    run(home / "second")
    assert nothing(watched)
    assert tables_of(home / "first") == tables_of(home / "second")
    for name in ("manifest.json", "findings.json"):
        assert (home / "first" / name).read_bytes() == (home / "second" / name).read_bytes()


def test_a_condition_added_costs_its_own_passes(home, watched, tables_of):
    more = (*CONDITIONS, "telephone")
    predict(spec(home, conditions=more), home / "new")
    assert watched.predicted == ["tiny"] * UTTERANCES
    assert watched.opened == ["tiny"]
    watched.predicted.clear()
    predict(spec(home, conditions=more), home / "run")
    assert not watched.predicted  # the other folder's
    assert tables_of(home / "new") == tables_of(home / "run")


def test_a_checkpoint_added_costs_its_own_passes(home, watched, make, tables_of):
    make.graph(home / "model" / "other.onnx", seed=1)
    both = [str(home / "model" / f"{name}.onnx") for name in ("tiny", "other")]
    predict(spec(home, checkpoints=both), home / "new")
    assert watched.predicted == ["other"] * 3 * UTTERANCES
    assert watched.opened == ["other"]
    alone = {n: t for n, t in tables_of(home / "new").items() if n.startswith("tiny~")}
    assert alone == tables_of(home / "run")


def test_a_corpus_added_costs_its_own_passes(home, watched, make):
    make.corpus(home / "more", utterances=4, seed=5)
    scales = {"arousal": (0, 1)}
    corpora = [
        {"name": name, "path": str(home / name / "table.csv"), "scales": scales} for name in ("tones", "more")
    ]
    predict(spec(home, corpora=corpora), home / "new")
    assert watched.predicted == ["tiny"] * 3 * 4
    assert len(watched.decoded) == 4


def weights(home, make, monkeypatch):
    make.graph(home / "model" / "tiny.onnx", seed=1)


def sidecar(home, make, monkeypatch):
    path = home / "model" / "tiny.toml"
    path.write_text(path.read_text().replace("[0.0, 1.0]", "[0.0, 2.0]"))


def audio(home, make, monkeypatch):
    wave, rate = soundfile.read(home / "tones" / "3.wav")
    soundfile.write(home / "tones" / "3.wav", -wave, rate)


def missing_audio(home, make, monkeypatch):
    (home / "tones" / "3.wav").unlink()


def table(home: Path, change) -> None:
    frame = pd.read_csv(home / "tones" / "table.csv")
    change(frame).to_csv(home / "tones" / "table.csv", index=False)


def a_speaker(home, make, monkeypatch):  # whose voice others must not hear in their babble
    table(home, lambda f: f.assign(speaker=["s1", *f["speaker"][1:]]))


def the_order(home, make, monkeypatch):
    table(home, lambda f: f.iloc[::-1])


def an_utterance_less(home, make, monkeypatch):
    table(home, lambda f: f.iloc[1:])


def free_memory(home, make, monkeypatch):
    monkeypatch.setattr("ser_audit.benchmark.engine.settings.batch_seconds", lambda *_: 7.5)


def library(name: str):
    def change(home, make, monkeypatch):
        from importlib.metadata import version

        monkeypatch.setattr(
            "ser_audit.benchmark.engine.settings.version", lambda n: "0.0" if n == name else version(n)
        )

    change.__name__ = name
    return change


def processor(home, make, monkeypatch):
    from ser_audit.benchmark.engine import settings

    about = settings.machine("cpu")
    monkeypatch.setattr(settings, "machine", lambda d: {**about, "CPU features": "sse"})


def own_code(home, make, monkeypatch):
    from ser_audit.benchmark.engine import settings

    monkeypatch.setattr(settings, "_code", lambda: "another checkout of the same version")


@pytest.mark.parametrize(
    "change",
    [
        weights,
        sidecar,
        audio,
        missing_audio,
        a_speaker,
        the_order,
        an_utterance_less,
        free_memory,
        *map(library, ("ser-audit", "scipy", "onnxruntime", "soxr", "soundfile", "av")),
        own_code,
        processor,
    ],
    ids=lambda f: f.__name__,
)
def test_whatever_rows_could_depend_on_is_computed_anew(home, watched, make, monkeypatch, tables_of, change):
    change(home, make, monkeypatch)
    predict(spec(home), home / "new")
    there = len(pd.read_csv(home / "tones" / "table.csv")) - (change is missing_audio)
    assert watched.predicted == ["tiny"] * 3 * there
    predict(spec(home, cache=False), home / "control")
    assert tables_of(home / "new") == tables_of(home / "control")


@pytest.mark.parametrize("change", [{"seed": 1}, {"threads": 2}, {"batch_size": 3}, {"limit": 8}], ids=str)
def test_a_setting_that_rows_depend_on_computes_them_anew(home, watched, tables_of, change):
    predict(spec(home, **change), home / "new")
    assert len(watched.predicted) == 3 * change.get("limit", UTTERANCES)
    predict(spec(home, cache=False, **change), home / "control")
    assert tables_of(home / "new") == tables_of(home / "control")


def test_a_clip_of_a_noise_pack_that_changes_is_heard(home, watched, tables_of):
    packs = {"noise_packs": {"pack": str(home / "pack")}, "conditions": ["noise.pack.kitchen@snr_db=10"]}
    predict(spec(home, **packs), home / "first")
    watched.predicted.clear()
    predict(spec(home, **packs), home / "second")
    assert not watched.predicted
    clip = home / "pack" / "kitchen" / "fan.wav"
    wave, rate = soundfile.read(clip)
    soundfile.write(clip, wave[::-1], rate)
    predict(spec(home, **packs), home / "third")
    assert len(watched.predicted) >= UTTERANCES
    assert tables_of(home / "third") != tables_of(home / "first")
    predict(spec(home, cache=False, **packs), home / "control")
    assert tables_of(home / "third") == tables_of(home / "control")


def other_truth(home, monkeypatch):
    table(home, lambda f: f.assign(arousal=1 - f["arousal"], emotion=[*list(f["emotion"][1:]), "calm"]))
    return {}


def other_groups(home, monkeypatch):
    table(home, lambda f: f.assign(sex=["f", "m"] * 6))
    return {}


def other_mapping(home, monkeypatch):
    (home / "labels.toml").write_text('[tones]\ncalm = "merry"\nmerry = "calm"\ncross = "cross"\n')
    return {"labels": str(home / "labels.toml")}


def other_policy(home, monkeypatch):
    from importlib.resources import files

    text = (files("ser_audit.benchmark.policies") / "default.toml").read_text()
    (home / "mine.toml").write_text(text.replace('name = "default"', 'name = "mine"'))
    return {"policy": str(home / "mine.toml")}


def other_names(home, monkeypatch):
    corpora = [{"name": "c", "path": str(home / "tones" / "table.csv"), "scales": {"arousal": (0, 1)}}]
    checkpoints = [{"path": str(home / "model" / "tiny.onnx"), "name": "k"}]
    return {"corpora": corpora, "checkpoints": checkpoints, "conditions": CONDITIONS[:1]}


def other_workers(home, monkeypatch):
    return {"workers": 3}


def touched_files(home, monkeypatch):
    for path in [*(home / "tones").iterdir(), *(home / "model").iterdir()]:
        path.touch()
    return {}


@pytest.mark.parametrize(
    "change",
    [other_truth, other_groups, other_mapping, other_policy, other_names, other_workers, touched_files],
    ids=lambda f: f.__name__,
)
def test_what_rows_do_not_depend_on_costs_nothing_and_is_in_the_new_tables(
    home, watched, monkeypatch, tables_of, change
):
    changes = change(home, monkeypatch)
    predict(spec(home, **changes), home / "new")
    assert nothing(watched)
    predict(spec(home, cache=False, **changes), home / "control")
    assert tables_of(home / "new") == tables_of(home / "control")
    if change is not other_workers and change is not touched_files and change is not other_policy:
        assert tables_of(home / "new") != tables_of(home / "run")


def test_the_new_truth_is_the_tables_truth(home, watched):
    other_truth(home, None)
    rows = predict(spec(home), home / "new").predictions("tiny", "tones").frame
    truth = pd.read_csv(home / "tones" / "table.csv").set_index("file")
    clean = rows[rows["condition"] == "clean"].set_index("utterance")
    assert np.allclose(clean["truth.arousal"], truth["arousal"].loc[clean.index])
    assert (clean["truth.emotion"] == truth["emotion"].loc[clean.index]).all()


def test_timings_are_taken_over_and_stay_with_their_checkpoint(home, watched, monkeypatch):
    import ser_audit.benchmark.throughput as throughput

    measured = []

    def measure(checkpoint, waves, **settings):
        measured.append(checkpoint.name)
        return {"benchmarks": [{"name": checkpoint.name, "seconds": len(measured)}]}

    monkeypatch.setattr(throughput, "measure", measure)
    timed = {"audits": ("throughput",)}
    predict(spec(home, **timed), home / "first")
    for seen in vars(watched).values():
        seen.clear()
    predict(spec(home, **timed), home / "second")
    assert nothing(watched)
    assert measured == ["tiny"]
    first, second = (home / run / "throughput" / "tiny.json" for run in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    renamed = [{"path": str(home / "model" / "tiny.onnx"), "name": "k"}]
    predict(spec(home, checkpoints=renamed, **timed), home / "third")
    said = json.loads((home / "third" / "throughput" / "k.json").read_text())
    assert said["benchmarks"][0]["name"] == "k"


OBJECT = """
import json
from pathlib import Path

class Level:
    dimensions = ["arousal"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000
    {files}

    def predict(self, waves, sampling_rate):
        factor = json.loads((Path(__file__).parent / "factor.json").read_text())
        return [[factor * float(abs(w).mean())] for w in waves]
"""


@pytest.mark.parametrize("declared", [True, False])
def test_an_object_whose_files_are_not_declared_is_not_believed_in_another_folder(home, watched, declared):
    (home / "factor.json").write_text("0.5")
    (home / "level.py").write_text(OBJECT.format(files='files = ["factor.json"]' if declared else ""))
    model = {"checkpoints": f"{home / 'level.py'}:Level"}
    predict(spec(home, **model), home / "first")
    assert watched.predicted == ["Level"] * 3 * UTTERANCES
    for seen in vars(watched).values():
        seen.clear()
    predict(spec(home, **model), home / "first")
    assert nothing(watched)
    predict(spec(home, **model), home / "second")
    assert watched.predicted == ([] if declared else ["Level"] * 3 * UTTERANCES)
    watched.predicted.clear()
    (home / "factor.json").write_text("0.25")
    run = predict(spec(home, **model), home / "third")
    assert watched.predicted == ["Level"] * 3 * UTTERANCES
    ratio = (
        run.predictions("Level", "tones").frame["score.arousal"]
        / Run(home / "first").predictions("Level", "tones").frame["score.arousal"]
    )
    assert np.allclose(ratio, 0.5)


def test_rows_of_a_model_that_failed_are_not_kept_for_it_may_be_well_again(home, watched, monkeypatch):
    from ser_audit.benchmark.checkpoints.audio import AudioCheckpoint

    def broken(self, waves):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setenv("SER_AUDIT_CACHE", str(home / "fresh"))
    with monkeypatch.context() as patch:
        patch.setattr(AudioCheckpoint, "predict", broken)
        rows = predict(spec(home), home / "ill").predictions("tiny", "tones").frame
    assert (rows["status"] == "model_failed").all()
    rows = predict(spec(home), home / "well").predictions("tiny", "tones").frame
    assert (rows["status"] == "ok").all()


def test_a_checkpoint_that_changes_between_plan_and_loading_is_refused(home, make, monkeypatch):
    from ser_audit.benchmark import checkpoints

    opened = checkpoints.open_checkpoint

    def opening(reference, **settings):
        make.graph(home / "model" / "tiny.onnx", seed=7)
        return opened(reference, **settings)

    monkeypatch.setattr(checkpoints, "open_checkpoint", opening)
    with pytest.raises(InputError, match=r"tiny\.onnx changed meanwhile"):
        predict(spec(home, conditions=("telephone",)), home / "new")
