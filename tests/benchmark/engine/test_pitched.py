"""The column f0: where an audit asks for it, in every condition, whatever came first."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark import InputError, Spec, predict
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.engine import audio, pitched
from ser_audit.benchmark.engine.cache import Cache
from ser_audit.benchmark.engine.pitch import mean_f0
from ser_audit.benchmark.engine.store import open_store, read_index
from ser_audit.benchmark.engine.table import has_f0
from ser_audit.benchmark.progress import quiet

CORPUS = "synthetic:aru?speakers=4&utterances=2"
CONDITIONS = ("noise.white@snr_db=10", "gain@db=2")
AUDITS = ("robustness", "fairness")


def spec(checkpoints, **changes):
    base = {
        "checkpoints": checkpoints,
        "corpora": {"aru": CORPUS},
        "conditions": CONDITIONS,
        "audits": AUDITS,
        "workers": 1,
        "threads": 1,
    }
    return Spec(**(base | changes))


def tables(run):
    return {p.name: p.read_bytes() for p in sorted((run / "predictions").glob("*.parquet"))}


def column(run, checkpoint="Loudness", condition="clean", corpus="aru"):
    return run.predictions(checkpoint, corpus).condition(condition)["f0"]


@pytest.fixture
def whole(loudness, tmp_path):
    return predict(spec(loudness), tmp_path / "whole").path


@pytest.fixture
def elsewhere(tmp_path):
    """Predictions of the corpus that were made elsewhere."""
    names = [u.id for u in open_corpus("aru", CORPUS, CorpusOptions()).utterances]
    pd.DataFrame({"utterance": names, "score.arousal": 0.5}).to_csv(tmp_path / "given.csv", index=False)
    return str(tmp_path / "given.csv")


def test_it_is_the_mean_f0_of_the_clean_audio_in_every_condition_beside_seconds(loudness, tmp_path):
    run = predict(spec(loudness), tmp_path / "run")
    corpus = open_corpus("aru", CORPUS, CorpusOptions())
    expected = {u.id: mean_f0(*u.load()) for u in corpus.utterances}
    for condition in ("clean", *CONDITIONS):
        assert column(run, condition=condition).to_dict() == expected
    for path in run.path.glob("predictions/*.parquet"):
        frame = pd.read_parquet(path)
        assert list(frame.columns).index("f0") == list(frame.columns).index("seconds") + 1
        assert frame["f0"].dtype == np.float64


def test_an_utterance_that_is_not_voiced_or_has_no_audio_has_none(loudness, tmp_path):
    voice = open_corpus("aru", CORPUS, CorpusOptions()).utterances[0].load()[0]
    noise = 0.1 * np.random.default_rng(0).standard_normal(16000)
    for name, wave in {"a.wav": voice, "b.wav": noise}.items():
        soundfile.write(tmp_path / name, wave, 16000)
    frame = pd.DataFrame(
        {"file": ["a.wav", "b.wav", "c.wav"], "speaker": list("xyz"), "arousal": [0, 0.5, 1]}
    )
    frame.to_csv(tmp_path / "c.csv", index=False)
    corpora = [{"name": "c", "path": str(tmp_path / "c.csv"), "scales": {"arousal": (0, 1)}}]
    run = predict(spec(loudness, corpora=corpora), tmp_path / "run")
    frame = run.predictions("Loudness", "c").condition("clean")
    assert list(frame["status"]) == ["ok", "ok", "missing"]
    assert list(frame["f0"].isna()) == [False, True, True]


def test_a_recording_by_another_device_has_that_of_the_reference(loudness, tmp_path):
    waves = [u.load()[0] for u in open_corpus("aru", CORPUS, CorpusOptions()).utterances[:2]]
    rows = []
    for take, wave in enumerate(waves):
        for device, heard in (("headset", wave), ("phone", np.zeros_like(wave))):
            soundfile.write(tmp_path / f"{device}-{take}.wav", heard, 16000, subtype="FLOAT")
            rows.append((f"{device}-{take}.wav", f"s{take}", take, device, take))
    frame = pd.DataFrame(rows, columns=["file", "speaker", "arousal", "device", "take"])
    frame.to_csv(tmp_path / "c.csv", index=False)
    corpus = {
        "name": "c",
        "path": str(tmp_path / "c.csv"),
        "columns": {"variant": "device", "take": "take"},
        "scales": {"arousal": (0, 1)},
        "reference": "headset",
    }
    run = predict(spec(loudness, corpora=[corpus], conditions=()), tmp_path / "run")
    expected = {f"headset-{take}.wav": mean_f0(wave, 16000) for take, wave in enumerate(waves)}
    assert column(run, condition="recording.phone", corpus="c").to_dict() == expected


def test_without_an_audit_that_asks_nothing_is_measured(loudness, tmp_path, monkeypatch):
    monkeypatch.setattr("ser_audit.benchmark.engine.store.mean_f0", None)
    run = predict(spec(loudness, audits=("robustness", "correctness")), tmp_path / "run")
    assert not any(has_f0(path) for path in run.path.glob("predictions/*.parquet"))


def test_workers_change_no_byte(whole, loudness, tmp_path):
    predict(spec(loudness, workers=2), tmp_path / "second")
    assert tables(tmp_path / "second") == tables(whole)


@pytest.mark.parametrize(
    "first",
    [
        {"audits": ("robustness",)},
        {"audits": ("robustness",), "conditions": CONDITIONS[:1]},
        {"audits": ("fairness",), "conditions": ()},
        {"conditions": CONDITIONS[:1]},
    ],
    ids=["audit later", "audit and condition later", "conditions later", "condition later"],
)
def test_what_is_added_later_gives_the_bytes_that_it_gives_at_once(whole, loudness, tmp_path, first):
    grown = tmp_path / "grown"
    predict(spec(loudness, **first), grown)
    predict(spec(loudness), grown)
    assert tables(grown) == tables(whole)


def test_a_condition_added_without_the_audit_has_the_column_too(whole, loudness, tmp_path):
    grown = tmp_path / "grown"
    predict(spec(loudness, conditions=CONDITIONS[:1]), grown)
    predict(spec(loudness, audits=("robustness",)), grown)
    assert tables(grown) == tables(whole)


def test_the_audit_alone_added_later_reaches_conditions_that_it_does_not_name(whole, loudness, tmp_path):
    grown = tmp_path / "grown"
    predict(spec(loudness, audits=("robustness",)), grown)
    predict(spec(loudness, audits=("fairness",), conditions=()), grown)
    assert tables(grown) == tables(whole)


def test_a_repeated_command_changes_no_byte_and_decodes_nothing(whole, loudness, monkeypatch):
    before = tables(whole)
    monkeypatch.setattr(audio, "open_store", None)
    monkeypatch.setattr(pitched, "add_f0", None)
    predict(spec(loudness), whole)
    assert tables(whole) == before


@pytest.mark.parametrize("written", [0, 2])
@pytest.mark.parametrize("before", [AUDITS, ("robustness",)], ids=["at once", "audit later"])
def test_a_run_killed_between_two_tables_ends_with_the_same_bytes(
    whole, loudness, tmp_path, monkeypatch, written, before
):
    killed = tmp_path / "killed"
    if before != AUDITS:
        predict(spec(loudness, audits=before), killed)
    done = []

    def add_then_die(path, f0):
        if len(done) == written:
            raise KeyboardInterrupt
        done.append(path)
        add_f0(path, f0)

    add_f0 = pitched.add_f0
    with monkeypatch.context() as patched:
        patched.setattr(pitched, "add_f0", add_then_die)
        with pytest.raises(KeyboardInterrupt):
            predict(spec(loudness), killed)
    with monkeypatch.context() as patched:  # what was decoded and measured is still there
        patched.setattr("ser_audit.benchmark.engine.store.mean_f0", None)
        predict(spec(loudness), killed)
    assert tables(killed) == tables(whole)


def test_a_store_that_was_decoded_without_it_is_decoded_again_and_one_with_it_serves_both(tmp_path):
    corpus = open_corpus("aru", CORPUS, CorpusOptions())
    without = open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None))
    samples = without.path.read_bytes()
    assert without.f0 is None
    assert read_index(without.path).f0 is None
    measured = open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None), pitch=True)
    assert measured.f0 == tuple(mean_f0(*u.load()) for u in corpus.utterances)
    assert (measured.path, measured.slots, measured.path.read_bytes()) == (
        without.path,
        without.slots,
        samples,
    )
    made = measured.path.stat().st_mtime_ns
    assert open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None)) == measured
    assert open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None), pitch=True) == measured
    assert measured.path.stat().st_mtime_ns == made


def test_a_store_killed_while_it_is_decoded_again_is_not_taken_for_complete(tmp_path):
    corpus = open_corpus("aru", CORPUS, CorpusOptions())
    complete = open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None)).path.read_bytes()

    def die(what, done, total):
        if done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_store(corpus, 16000, tmp_path, "content", 1, die, Cache(None), pitch=True)
    assert open_store(corpus, 16000, tmp_path, "content", 1, quiet, Cache(None)).path.read_bytes() == complete


def test_predictions_made_elsewhere_alone_decode_nothing_and_have_none(elsewhere, tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "open_store", None)
    run = predict(spec(elsewhere, conditions=()), tmp_path / "run")
    assert not has_f0(run.path / "predictions" / "given~aru~clean.parquet")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("together", [True, False])
def test_predictions_made_elsewhere_have_that_measured_for_another_checkpoint(
    whole, elsewhere, loudness, tmp_path, order, together
):
    checkpoints = (loudness, elsewhere)[::order]
    for given in [checkpoints] if together else [(c,) for c in checkpoints]:
        run = predict(spec(given), tmp_path / "run")
    assert column(run, "given").to_dict() == column(run).to_dict()
    ours = {name: content for name, content in tables(run.path).items() if name.startswith("Loudness")}
    assert ours == tables(whole)


def test_changed_audio_is_refused_before_it_is_measured_into_old_tables(loudness, tmp_path):
    wave = open_corpus("aru", CORPUS, CorpusOptions()).utterances[0].load()[0]
    frame = pd.DataFrame({"file": ["a.wav", "b.wav"], "speaker": ["x", "y"], "arousal": [0, 1]})
    frame.to_csv(tmp_path / "c.csv", index=False)
    for name in frame["file"]:
        soundfile.write(tmp_path / name, wave, 16000)
    corpora = [{"name": "c", "path": str(tmp_path / "c.csv"), "scales": {"arousal": (0, 1)}}]
    run = predict(spec(loudness, corpora=corpora, audits=("robustness",)), tmp_path / "run")
    before = tables(run.path)
    soundfile.write(tmp_path / "b.wav", wave[:-100], 16000)
    with pytest.raises(InputError, match=r"audio of 'b\.wav' has changed|corpus 'c' is another"):
        predict(spec(loudness, corpora=corpora), run.path)
    assert tables(run.path) == before
