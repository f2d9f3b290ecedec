"""The prediction step: what a run's table may and may not depend on."""

from pathlib import Path

import pandas as pd
import pytest
from ser_audit.benchmark import InputError, Run, Spec, predict
from ser_audit.benchmark.engine.cache import Cache
from ser_audit.benchmark.engine.store import open_store

CONDITIONS = ("noise.white@snr_db=10", "telephone", "gain@db=2")
CORPUS = "synthetic:aru?speakers=4&utterances=3"


def spec(loudness: str, **changes) -> Spec:
    base = {
        "checkpoints": loudness,
        "corpora": {"aru": CORPUS},
        "conditions": CONDITIONS,
        "audits": ("integrity", "correctness", "robustness"),
        "workers": 1,
        "threads": 1,
    }
    return Spec(**(base | changes))


def tables(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((path / "predictions").glob("*.parquet"))}


def frame(path: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(p) for p in sorted((path / "predictions").glob("*.parquet"))])


def hashes(path: Path) -> dict:
    return frame(path).set_index(["utterance", "condition"])["input_hash"].to_dict()


@pytest.fixture
def first(loudness, tmp_path) -> Path:
    return predict(spec(loudness), tmp_path / "first").path


def test_the_table_holds_every_utterance_in_every_condition_with_finite_scores(first):
    rows = frame(first)
    assert len(rows) == 12 * 4
    assert set(rows["condition"]) == {"clean", *CONDITIONS}
    assert (rows["status"] == "ok").all()
    assert rows[["score.arousal", "score.valence", "truth.arousal"]].notna().all().all()


def test_worker_count_and_batch_size_change_no_byte_of_the_perturbed_inputs(first, loudness, tmp_path):
    predict(spec(loudness, workers=3, batch_size=5), tmp_path / "second")
    assert hashes(tmp_path / "second") == hashes(first)


def test_the_order_of_utterances_changes_no_byte_of_the_perturbed_inputs(loudness, tmp_path):
    import numpy as np
    import soundfile

    rng = np.random.default_rng(1)
    names = [f"{i}.wav" for i in range(6)]
    for i, name in enumerate(names):
        soundfile.write(tmp_path / name, rng.normal(0, 0.1, 8000 + 500 * i), 16000)
    rows = pd.DataFrame({"file": names, "speaker": list("aabbcc"), "arousal": np.linspace(0, 1, 6)})
    results = []
    for name, order in (("forward", rows), ("backward", rows.iloc[::-1])):
        order.to_csv(tmp_path / f"{name}.csv", index=False)
        corpora = [{"name": "c", "path": str(tmp_path / f"{name}.csv"), "scales": {"arousal": (0, 1)}}]
        predict(spec(loudness, corpora=corpora, batch_size=2), tmp_path / name)
        results.append(hashes(tmp_path / name))
    assert results[0] == results[1]


def test_the_folder_may_be_relative_and_another_than_that_of_the_last_run(
    first, loudness, tmp_path, monkeypatch
):
    for name in ("here", "there"):  # the worker processes of the first run serve the second
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert hashes(predict(spec(loudness, workers=2), "run").path) == hashes(first)


def test_another_seed_changes_the_noise_and_leaves_clean_speech(first, loudness, tmp_path):
    predict(spec(loudness, seed=1), tmp_path / "second")
    before, after = hashes(first), hashes(tmp_path / "second")
    changed = {condition for (u, condition), h in before.items() if after[u, condition] != h}
    assert changed == {"noise.white@snr_db=10"}


def test_a_repeated_command_changes_no_byte_and_decodes_nothing(first, loudness, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("decoded again")

    monkeypatch.setattr("ser_audit.benchmark.engine.audio.open_store", refuse)
    before = tables(first)
    predict(spec(loudness), first)
    assert tables(first) == before


def test_a_condition_added_later_gives_the_bytes_that_it_gives_at_once(first, loudness, tmp_path):
    predict(spec(loudness, conditions=CONDITIONS[:1]), tmp_path / "grown")
    predict(spec(loudness, conditions=CONDITIONS), tmp_path / "grown")
    assert tables(tmp_path / "grown") == tables(first)
    assert [c.id for c in Run(tmp_path / "grown").manifest.conditions] == ["clean", *CONDITIONS]


def test_a_corpus_added_later_leaves_the_first_one(first, loudness):
    before = tables(first)
    predict(spec(loudness, corpora={"beno": "synthetic:beno?speakers=2&utterances=2"}), first)
    after = tables(first)
    assert {name: after[name] for name in before} == before
    assert [c.name for c in Run(first).manifest.corpora] == ["aru", "beno"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 1}, "seed"),
        ({"threads": 2}, "threads"),
        ({"batch_size": 3}, "batch_size"),
        ({"corpora": {"aru": "synthetic:aru?speakers=4&utterances=3&seed=9"}}, "corpus 'aru'"),
        ({"limit": 5}, "corpus 'aru'"),
    ],
)
def test_a_changed_meaning_of_what_a_run_holds_is_refused(first, loudness, change, named):
    before = tables(first)
    with pytest.raises(InputError, match=named):
        predict(spec(loudness, **change), first)
    assert tables(first) == before


def test_a_changed_checkpoint_of_the_same_name_is_refused(first, loudness):
    path = Path(loudness.split(":")[0])
    path.write_text(path.read_text() + "\n# another revision\n")
    with pytest.raises(InputError, match=r"checkpoint 'Loudness'.*revision"):
        predict(spec(loudness), first)


def test_another_folder_is_refused_and_left_as_it_was(loudness, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match=r"thesis\.txt"):
        predict(spec(loudness), tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_refused_input_leaves_no_folder_behind(loudness, tmp_path):
    rows = pd.DataFrame({"file": ["a.wav", "b.wav"], "speaker": ["x", "y"], "arousal": [0.1, 0.9]})
    rows.to_csv(tmp_path / "c.csv", index=False)
    corpora = [{"name": "c", "path": str(tmp_path / "c.csv"), "scales": {"arousal": (0, 1)}}]
    with pytest.raises(InputError, match=r"none of its 2 utterances can be read.*missing"):
        predict(spec(loudness, corpora=corpora), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_process_at_a_time_holds_a_run(first, loudness):
    from filelock import FileLock

    with FileLock(first / ".lock"), pytest.raises(InputError, match="another process"):
        predict(spec(loudness), first)


def test_no_artefact_holds_an_absolute_path(first, tmp_path):
    for path in first.rglob("*"):
        if path.is_file():
            assert str(tmp_path).encode() not in path.read_bytes(), path


def test_the_store_holds_what_the_corpus_gives(tmp_path):
    from ser_audit.benchmark.corpora import open_corpus
    from ser_audit.benchmark.corpus import CorpusOptions

    corpus = open_corpus("aru", CORPUS, CorpusOptions())
    store = open_store(corpus, 16000, tmp_path, "content", 2, lambda *_: None, Cache(None))
    for i, utterance in enumerate(corpus.utterances):
        assert (store.wave(i) == utterance.load()[0]).all()
