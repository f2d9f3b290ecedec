"""`ser-audit inspect`: a checkpoint in words, and as one JSON object."""

import hashlib
import json
import re
import tomllib

import pytest
from ser_audit.benchmark.checkpoints import BUNDLED, inspection, python
from ser_audit.benchmark.cli import main
from ser_audit.benchmark.cli.inspect import POLICIES

KEYS = [
    *("name", "format", "source", "architecture", "outputs", "output", "activation", "value_range"),
    *(
        "sampling_rate",
        "shortest_input",
        "longest_input",
        "parameters",
        "macs_per_second",
        "padding",
        "proofs",
        "licence",
    ),
    *("trained_on", "files", "revision", "revision_is_complete", "device", "threads", "table"),
]
MODEL = """
import numpy as np

class Level:
    dimensions = ["arousal"]
    classes = ["loud", "quiet"]
    activation = "softmax"
    value_range = [1, 7]
    sampling_rate = 8000
    shortest_input = 0.25

    def predict(self, waves, sampling_rate):
        return [[np.abs(w).max(), np.abs(w).mean(), 1] for w in waves]

def unknown(wave):
    return [1.0]

def broken(wave):
    return [float("nan")]
broken.__dict__.update(dimensions=["arousal"], value_range=[0.0, 1.0], sampling_rate=8000)
"""
FACTS = 'dimensions = ["arousal"]\nvalue_range = [0, 1]\nsampling_rate = 16000\n'
TABLE = "file,condition,score.arousal\na,clean,0.5\nb,clean,\na,gain@db=2,0.25\nb,gain@db=2,1\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "level.py").write_text(MODEL)
    (tmp_path / "scores.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture
def inspect(here, capfd):
    """Exit code, stdout and stderr of the command."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main(["inspect", *map(str, arguments), "--device", "cpu", "--threads", "1"])
        return stopped.value.code, *capfd.readouterr()

    return run


@pytest.fixture
def said(inspect):
    """The JSON object."""

    def run(*arguments):
        code, out, err = inspect(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def lines(inspect):
    """Head -> its lines of text."""

    def run(*arguments):
        code, out, err = inspect(*arguments)
        assert (code, err) == (0, "")
        indent = len(re.match(r"Checkpoint +", out)[0])
        found, head = {}, ""
        for line in out.splitlines():
            head = line[:indent].strip() or head
            found.setdefault(head, []).append(line[indent:])
        return found

    return run


def test_a_model_is_told_as_its_files_hold_it(said):
    from safetensors.numpy import load_file

    folder = inspection.Path(inspection.__file__).parent / BUNDLED
    found = said("bundled")
    assert list(found) == KEYS
    tensors = load_file(folder / "model.safetensors")
    assert found["parameters"] == sum(tensor.size for tensor in tensors.values())
    assert found["outputs"] == [{"name": n, "kind": "dimension"} for n in ("arousal", "dominance", "valence")]
    assert (found["activation"], found["value_range"]) == (None, [0.0, 1.0])
    assert found["sampling_rate"] == 16000
    assert (found["format"], found["architecture"]) == ("audeering", "Wav2Vec2ForSpeechClassification")
    names = ["config.json", "model.safetensors", "preprocessor_config.json"]
    assert sorted(f["name"] for f in found["files"]) == names
    assert all(f["bytes"] == (folder / f["name"]).stat().st_size for f in found["files"])
    digests = [f"{n}\0{hashlib.sha256((folder / n).read_bytes()).hexdigest()}\n" for n in names]
    assert found["revision"] == f"sha256:{hashlib.sha256(''.join(digests).encode()).hexdigest()}"
    assert found["revision_is_complete"] is True
    assert found["proofs"]["weights"] == f"all {len(tensors)} tensors loaded"
    assert 0 <= found["proofs"]["batch_relative_l2"] <= 1e-6
    assert found["proofs"]["repeat_max_difference"] == 0
    assert (found["device"], found["threads"], found["table"]) == ("cpu", 1, None)


def test_a_model_is_told_in_words(lines, said):
    found, data = lines("bundled"), said("bundled")
    outputs = "3 dimensions in this order, raw values from 0 to 1: arousal, dominance, valence"
    assert " ".join(found["Outputs"]) == outputs
    assert found["Parameters"] == [f"{data['parameters']:,}"]
    assert found["Batches"] == [f"{data['padding']}: {POLICIES[data['padding']]}"]
    assert " ".join(found["Proof"]) == (
        f"on {data['proofs']['probe_utterances']} probe utterances a batch differs from one by one by"
        f" {data['proofs']['batch_relative_l2']:.1e} (relative L2); the same batch twice differs by 0 at most"
    )
    assert found["Weights"] == [data["proofs"]["weights"]]
    assert found["Revision"] == [data["revision"]]  # whole, to be copied
    assert found["Trained on"] == ["synthetic aru, training pool, all speakers"]
    assert found["Machine"] == ["cpu, 1 thread"]


def test_outputs_of_both_kinds_and_unknown_facts_are_told_in_words(lines):
    found = lines("level.py:Level")
    assert found["Outputs"] == [
        "1 dimension, raw values from 1 to 7: arousal",
        "2 classes in this order, through softmax: loud, quiet",
    ]
    assert found["Shortest input"] == ["0.25 s (2000 samples); shorter audio gets zeros at its end"]
    assert found["Batches"] == [f"one by one: {POLICIES['one by one']}"]
    assert "and changes 0 labels" in " ".join(found["Proof"])
    unknown = ("Parameters", "Cost", "Licence", "Trained on")
    assert [found[head] for head in unknown] == [["unknown"]] * len(unknown)
    assert found["Revision"][1] == "of these files; what else it reads is not declared"


def test_what_is_unknown_is_null(said):
    found = said("level.py:Level")
    assert list(found) == KEYS
    unknown = ("architecture", "longest_input", "parameters", "macs_per_second", "licence", "trained_on")
    assert [found[key] for key in unknown] == [None] * len(unknown)
    assert found["revision_is_complete"] is False


def test_a_declared_file_is_listed_by_name_and_never_by_path(here, said):
    weights = here / "far" / "away.npy"
    weights.parent.mkdir()
    weights.write_bytes(b"12345")
    (here / "level.toml").write_text(f'files = ["{weights}"]\n')
    found = said(here / "level.py:Level")
    assert {"name": "far/away.npy", "bytes": 5} in found["files"]
    assert found["revision_is_complete"] is True
    (here / "deep").mkdir()
    (here / "level.py").rename(here / "deep" / "level.py")
    (here / "level.toml").rename(here / "deep" / "level.toml")
    found = said(here / "deep" / "level.py:Level")
    assert {"name": "away.npy", "bytes": 5} in found["files"]
    assert str(here) not in json.dumps(found)


def test_a_table_tells_its_rows_corpora_and_conditions(here, said, lines):
    found = said("scores.csv")
    assert list(found) == KEYS
    assert found["table"] == {
        "rows": 4,
        "rows_without_scores": 1,
        "corpora": None,
        "conditions": ["clean", "gain@db=2"],
    }
    no_audio = ("sampling_rate", "shortest_input", "proofs", "macs_per_second", "device", "threads")
    assert [found[key] for key in no_audio] == [None] * len(no_audio)
    assert lines("scores.csv")["Rows"] == ["4, 1 of them without scores"]
    head, *rows = TABLE.splitlines()
    (here / "scores.csv").write_text(
        "\n".join([f"corpus,{head}", *(f"{'x' if r[0] == 'b' else 'y'},{r}" for r in rows)])
    )
    assert lines("scores.csv")["Corpora"] == ["x, y"]


def test_missing_facts_exit_2_with_the_template_of_run(here, inspect, capfd):
    code, out, err = inspect("level.py:unknown", "--json")
    assert (code, out) == (2, "")
    assert "level.py:unknown does not tell its classes or dimensions, activation and sampling_rate" in err
    template = err.partition("\n\n")[2]
    assert tomllib.loads(template)["sampling_rate"] == 0
    with pytest.raises(SystemExit):
        main(["run", "level.py:unknown", "--corpus", "aru=synthetic:aru?speakers=2", "-o", "run"])
    assert capfd.readouterr().err == err
    (here / "facts.toml").write_text(FACTS)
    code, out, _ = inspect("level.py:unknown", "--checkpoint-info", "facts.toml", "--json")
    assert code == 0
    assert json.loads(out)["sampling_rate"] == 16000


def test_what_is_refused_exits_2_in_one_line(here, inspect):
    (here / "model.pt").write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    for reference, reason in (
        ("model.pt", "model.pt is a pickle"),
        ("absent", "no such checkpoint: absent"),
        ("level.py:broken", "level.py:broken gives outputs that are not finite"),
    ):
        code, out, err = inspect(reference)
        assert (code, out) == (2, "")
        assert reason in err
        assert len(err.splitlines()) == 1
    assert not (here / "owned").exists()


def test_code_of_its_own_is_run_only_where_it_is_trusted(inspect, monkeypatch):
    monkeypatch.setattr(python, "TRUST", "runs code of its own", raising=False)
    code, _, err = inspect("level.py:Level")
    assert code == 2
    assert err == "error: level.py:Level runs code of its own: give --trust if you trust who made it\n"
    assert inspect("level.py:Level", "--trust")[0] == 0


def test_the_cost_is_of_one_second_also_where_the_shortest_input_is_longer():
    class Linear:
        class info:
            sampling_rate = 100
            shortest_input = 2.5

        def macs(self, samples):
            return 7 * samples

    assert inspection._macs_per_second(Linear()) == 700
    Linear.info.shortest_input = 0.1
    assert inspection._macs_per_second(Linear()) == 700


@pytest.mark.parametrize(
    ("kind", "settings", "seconds"),
    [
        ("WhisperFeatureExtractor", {"chunk_length": 30}, 30.0),
        ("ASTFeatureExtractor", {"max_length": 1024, "sampling_rate": 16000}, 0.025 + 1023 * 0.010),
        ("Wav2Vec2FeatureExtractor", {}, None),
    ],
)
def test_what_the_model_cuts_is_told(tmp_path, kind, settings, seconds):
    content = json.dumps({"feature_extractor_type": kind, **settings})
    (tmp_path / "preprocessor_config.json").write_text(content)
    assert inspection._longest(str(tmp_path)) == pytest.approx(seconds)


def test_every_policy_is_explained():
    from typing import get_args

    from ser_audit.benchmark.checkpoint import Padding

    assert set(POLICIES) == set(get_args(Padding))


@pytest.mark.shared
def test_a_real_graph_is_told_with_its_output(here, shared, said):
    from ser_audit.benchmark.checkpoints import onnx_graph

    names = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
    (here / "byols.toml").write_text(
        f'classes = {names}\nactivation = "softmax"\nsampling_rate = 16000\nshortest_input = 1.0\n'
    )
    path = shared / "checkpoints" / "byols-ravdess.onnx"
    found = said(path, "--checkpoint-info", "byols.toml")
    graph = onnx_graph.read(path).graph
    assert found["output"] in [value.name for value in graph.output]
    assert [output["name"] for output in found["outputs"]] == names
    assert found["files"] == [{"name": path.name, "bytes": path.stat().st_size}]
    assert found["padding"] == "equal lengths"


@pytest.mark.shared
def test_a_real_model_is_told_with_its_proof(shared, said):
    found = said(shared / "checkpoints" / "w2v2-mini-ravdess")
    assert found["activation"] == "softmax"
    assert found["padding"] == "masked group norm"
    assert found["proofs"]["batch_changed_labels"] == 0
    # 2.3 M parameters, nearly all used once in each of 50 frames a second, and the convolutions before
    assert 2.3e6 * 50 <= found["macs_per_second"] <= 2 * 2.3e6 * 50
