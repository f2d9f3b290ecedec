"""Models, folders and files of strangers: whatever they do, no number goes wrong in silence."""

import json
import shutil

import pandas as pd
import pytest
from ser_audit.benchmark import InputError, Run, Spec, predict, score
from ser_audit.benchmark.cli import main

MODELS = '''
import sys
import numpy as np

class Base:
    dimensions = ["arousal"]
    value_range = [0.0, 1.0]
    sampling_rate = 16000

    def predict(self, waves, rate):
        return [[float(abs(w).mean())] for w in waves]

class TooMany(Base):
    """Two rows for waves of an odd length."""
    def predict(self, waves, rate):
        return [[0.5]] * (2 if len(waves[0]) % 2 else 1)

class None_(Base):
    def predict(self, waves, rate):
        return np.zeros((0, 1)) if len(waves[0]) % 2 else [[0.5]]

class TooWide(Base):
    def predict(self, waves, rate):
        return [[0.5, 0.5]] if len(waves[0]) % 2 else [[0.5]]

class Leaves(Base):
    def predict(self, waves, rate):
        if len(waves[0]) % 2:
            sys.exit(0)
        return [[0.5]]

class Raises(Base):
    def predict(self, waves, rate):
        if len(waves[0]) % 2:
            raise KeyError("/home/somebody/model.bin")
        return [[0.5]]

class LeavesAtOnce(Base):
    def __init__(self):
        sys.exit(0)

class NoRate(Base):
    sampling_rate = None

class Huge(Base):
    shortest_input = 1e7
'''


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(MODELS)
    return tmp_path


def spec(model="Base", **changes):
    base = {
        "checkpoints": f"models.py:{model}",
        "corpora": {"aru": "synthetic:aru?speakers=4&utterances=4"},
        "conditions": ["clean"],
        "workers": 1,
        "threads": 1,
    }
    return Spec(**(base | changes))


@pytest.mark.parametrize("model", ["TooMany", "None_", "TooWide", "Leaves", "Raises"])
def test_a_model_that_misbehaves_on_some_waves_fails_those_rows_alone(here, model):
    run = predict(spec(model), "run")
    score(run)
    frame = run.predictions(model, "aru").frame
    odd = (frame["seconds"] * 16000).round().astype(int) % 2 == 1
    assert 0 < odd.sum() < len(odd)
    assert (frame["status"] == odd.map({True: "model_failed", False: "ok"})).all()
    assert (frame.loc[~odd, "score.arousal"] == 0.5).all()
    assert not frame["detail"].dropna().str.contains("/home").any()


@pytest.mark.parametrize("model", ["LeavesAtOnce", "NoRate", "Huge"])
def test_a_model_that_cannot_be_used_is_refused_in_words(here, model):
    with pytest.raises(InputError):
        predict(spec(model), "run")
    assert not (here / "run").exists()


def test_a_run_that_was_cut_short_is_neither_scored_nor_passed(here, capsys):
    run = predict(spec(conditions=["gain@db=2"]), "run")
    score(run)
    (here / "run" / "predictions" / run.manifest.tables[-1]).unlink()
    with pytest.raises(InputError, match="incomplete: 1 of 2 tables"):
        score("run")
    with pytest.raises(SystemExit) as stopped:
        main(["gate", "run"])
    assert stopped.value.code != 0
    assert "incomplete" in capsys.readouterr().out


def test_audio_that_changed_since_is_refused(here):
    import numpy as np
    import soundfile

    rng = np.random.default_rng(0)
    for i in range(4):
        soundfile.write(f"{i}.wav", rng.normal(0, 0.1, 8000), 16000)
    rows = {"file": [f"{i}.wav" for i in range(4)], "speaker": list("aabb"), "arousal": [0.1, 0.2, 0.3, 0.9]}
    pd.DataFrame(rows).to_csv("c.csv", index=False)
    corpora = [{"name": "c", "path": "c.csv", "scales": {"arousal": (0, 1)}}]
    predict(spec(corpora=corpora), "run")
    soundfile.write("2.wav", rng.normal(0, 0.1, 8000), 16000)  # of the same size
    with pytest.raises(InputError, match=r"audio of '2\.wav' has changed"):
        predict(spec(corpora=corpora, conditions=["gain@db=2"]), "run")


def test_a_policy_file_is_copied_so_that_a_run_can_be_moved(here):
    from importlib.resources import files

    text = (files("ser_audit.benchmark.policies") / "default.toml").read_text()
    (here / "mine.toml").write_text(text.replace('name = "default"', 'name = "mine"'))
    predict(spec(policy=str(here / "mine.toml")), "run")
    (here / "mine.toml").unlink()
    shutil.move("run", "moved")
    assert score("moved").policy == "mine"
    assert str(here) not in (here / "moved" / "manifest.json").read_text()


def test_somebody_elses_folder_is_left_as_it_was(here):
    (here / "other").mkdir()
    (here / "other" / "manifest.json").write_text(json.dumps({"name": "my extension"}))
    with pytest.raises(InputError, match=r"manifest\.json is none of this version"):
        predict(spec(), "other")
    assert [p.name for p in (here / "other").iterdir()] == ["manifest.json"]
    (here / "mine" / "work").mkdir(parents=True)
    (here / "mine" / "work" / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="no run"):
        predict(spec(), "mine")
    assert (here / "mine" / "work" / "thesis.txt").read_text() == "precious"


def test_a_table_of_predictions_without_clean_rows_is_refused_and_nothing_is_written(here):
    frame = predict(spec(conditions=["gain@db=2"]), "run").predictions("Base", "aru").frame
    columns = ["utterance", "condition", "score.arousal"]
    frame[columns].to_csv("whole.csv", index=False)
    frame.loc[frame["condition"] != "clean", columns].to_csv("noclean.csv", index=False)
    frame.iloc[:0][columns].to_csv("empty.csv", index=False)
    again = predict(spec(checkpoints="whole.csv", conditions=["gain@db=2"]), "again")
    assert (
        again.predictions("whole", "aru").frame["score.arousal"].tolist() == frame["score.arousal"].tolist()
    )
    for name in ("noclean", "empty"):
        with pytest.raises(InputError, match=name):
            predict(spec(checkpoints=f"{name}.csv"), "refused")
        assert not (here / "refused").exists()


def test_conditions_that_are_asked_for_by_name_are_predicted_whatever_the_audits(here):
    run = Run(predict(spec(conditions=["gain@db=2"], audits=("correctness",)), "run").path)
    assert [c.id for c in run.manifest.conditions] == ["clean", "gain@db=2"]
    assert Run("run").missing() == []
