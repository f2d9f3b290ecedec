"""The bundled checkpoint: its layout, what it can do on unseen speakers, and what it cannot."""

import csv
import json
import struct
import tomllib
from pathlib import Path

import audmetric
import numpy as np
import pytest
import ser_audit.benchmark.checkpoints.bundled as package
from ser_audit.benchmark import recipes
from ser_audit.benchmark.corpora.synthetic import open_corpus
from ser_audit.benchmark.corpus import DIMENSIONS, CorpusOptions
from ser_audit.benchmark.recipes import bundled
from ser_audit.benchmark.recipes.training import normalised, predict

FOLDER = Path(package.__file__).parent
RESULTS = Path(recipes.__file__).parent / "bundled.csv"


@pytest.fixture(scope="module")
def model():
    from ser_audit.benchmark.checkpoints.audeering_model import model_class

    found, loading = model_class().from_pretrained(FOLDER, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]
    return found.eval()


@pytest.fixture(scope="module")
def table(model):
    """Per language: truth and predictions, (utterances, 3), and each utterance's speaker and sex."""
    found = {}
    for language in ("aru", "beno"):
        spoken = open_corpus("demo", f"synthetic:{language}", CorpusOptions()).utterances
        truth = np.array([[u.truth[d] for d in DIMENSIONS] for u in spoken])
        waves = [u.load()[0] for u in spoken]
        found[language] = (truth, predict(model, [normalised(w) for w in waves]), waves, spoken)
    return found


def ccc(truth, prediction, dimension):
    i = DIMENSIONS.index(dimension)
    return audmetric.concordance_cc(truth[:, i], prediction[:, i])


def header():
    with (FOLDER / "model.safetensors").open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        found = json.loads(file.read(length))
    found.pop("__metadata__", None)
    return found


def test_the_folder_holds_no_pickle_and_at_most_2_mb():
    files = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert files - {"__init__.py", "py.typed"} == {
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "ser-audit.toml",
    }
    assert sum((FOLDER / name).stat().st_size for name in files) <= 2_000_000


def test_the_keys_are_those_of_the_released_layout():
    names = set(header())
    head = {f"classifier.{layer}.{part}" for layer in ("dense", "out_proj") for part in ("weight", "bias")}
    assert {name for name in names if not name.startswith("wav2vec2.")} == head
    assert {name: header()[name]["shape"] for name in head} == {
        "classifier.dense.weight": [64, 64],
        "classifier.dense.bias": [64],
        "classifier.out_proj.weight": [3, 64],
        "classifier.out_proj.bias": [3],
    }


def test_the_configuration_is_that_of_the_released_layout():
    config = json.loads((FOLDER / "config.json").read_text())
    expected = {
        "architectures": ["Wav2Vec2ForSpeechClassification"],
        "model_type": "wav2vec2",
        "feat_extract_norm": "layer",
        "do_stable_layer_norm": True,
        "id2label": {"0": "arousal", "1": "dominance", "2": "valence"},
        "problem_type": "regression",
        "pooling_mode": "mean",
    }
    assert {key: config.get(key) for key in expected} == expected
    preprocessor = json.loads((FOLDER / "preprocessor_config.json").read_text())
    assert preprocessor["sampling_rate"] == 16000
    assert preprocessor["do_normalize"] is True
    sidecar = tomllib.loads((FOLDER / "ser-audit.toml").read_text())
    assert sidecar == {
        "dimensions": ["arousal", "dominance", "valence"],
        "value_range": [0, 1],
        "sampling_rate": 16000,
        "activation": "none",
        "shortest_input": 0.075,
        "licence": "Apache-2.0",
        "trained_on": [{"corpus": "synthetic aru, training pool"}],
    }


def test_the_shortest_input_is_one_frame_of_the_convolutions(model):
    sidecar = tomllib.loads((FOLDER / "ser-audit.toml").read_text())
    samples = round(sidecar["shortest_input"] * sidecar["sampling_rate"])
    frames = model.wav2vec2._get_feat_extract_output_lengths
    assert (int(frames(samples - 1)), int(frames(samples))) == (0, 1)


def test_the_recipe_writes_the_folder_that_is_bundled(tmp_path):
    bundled.save(bundled.untrained(seed=0), tmp_path)
    for name in ("preprocessor_config.json", "ser-audit.toml"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
    written, kept = (json.loads((folder / "config.json").read_text()) for folder in (tmp_path, FOLDER))
    written.pop("transformers_version"), kept.pop("transformers_version")
    assert written == kept
    found = header()
    from safetensors import safe_open

    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert {key: list(file.get_slice(key).get_shape()) for key in file.keys()} == {  # noqa: SIM118
            key: found[key]["shape"] for key in found
        }


def test_arousal_of_unseen_speakers_is_found(table):
    truth, found, _, _ = table["aru"]
    assert 0.80 <= ccc(truth, found, "arousal") < 0.97
    assert ccc(truth, found, "dominance") > 0.3
    assert ccc(truth, found, "valence") > 0.3


def test_the_recorded_figures_are_the_checkpoints(table):
    rows = list(csv.DictReader(RESULTS.open()))
    first = rows[0]
    for language, (truth, found, _, _) in table.items():
        for dimension in DIMENSIONS:
            assert ccc(truth, found, dimension) == pytest.approx(
                float(first[f"{language}.{dimension}"]), abs=0.002
            )
    repeats = [float(row["aru.arousal"]) for row in rows if row["seed"] == first["seed"]]
    assert len(repeats) >= 2
    assert max(repeats) - min(repeats) <= 0.02


def test_the_scored_speakers_are_not_those_it_learnt_from(table):
    from ser_audit.benchmark.corpora.synthetic.lexicon import ARU
    from ser_audit.benchmark.corpora.synthetic.speakers import training_speakers

    pool = training_speakers(ARU, bundled.SPEAKERS + bundled.DEVELOPMENT, bundled.WOMEN, bundled.POOL_SEED)
    heard = {s.id for s in pool}
    scored = {u.load.speaker.id for _, _, _, spoken in table.values() for u in spoken}
    assert not heard & scored
    voices = {(s.f0, s.tract) for s in pool}
    assert not voices & {
        (u.load.speaker.f0, u.load.speaker.tract) for *_, spoken in table.values() for u in spoken
    }


def test_noise_hurts(model, table):
    truth, found, waves, _ = table["aru"]
    rng = np.random.default_rng(0)
    noisy = [
        normalised(w + np.sqrt(np.mean(w**2) / 10) * rng.standard_normal(len(w)).astype(np.float32))
        for w in waves
    ]  # 10 dB SNR
    assert ccc(truth, predict(model, noisy), "arousal") < ccc(truth, found, "arousal") - 0.05


def test_valence_does_not_carry_over_to_the_other_language(table):
    (truth, found, *_), (other_truth, other_found, *_) = table["aru"], table["beno"]
    assert ccc(other_truth, other_found, "valence") < ccc(truth, found, "valence") - 0.3


def test_women_score_worse(table):
    truth, found, _, spoken = table["aru"]
    women = np.array([u.groups["sex"] == "female" for u in spoken])
    gap = ccc(truth[women], found[women], "arousal") - ccc(truth[~women], found[~women], "arousal")
    assert gap < -0.02
