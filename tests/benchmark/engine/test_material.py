"""Noise packs and voices in a run: named in the manifest, the same for every order and worker."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark import InputError, Spec, predict
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.engine.cache import Cache
from ser_audit.benchmark.engine.material import StoredVoices
from ser_audit.benchmark.engine.store import open_store
from ser_audit.benchmark.errors import HarnessError
from ser_audit.benchmark.progress import quiet

RATE = 16000
BABBLE = "noise.babble@snr_db=5,voices=3"
CORPUS = "synthetic:aru?speakers=6&utterances=2"


@pytest.fixture
def office(tmp_path):
    """A noise pack: two noises and a room."""
    folder = tmp_path / "office"
    rng = np.random.default_rng(0)
    decay = 10 ** (-3 * np.arange(RATE) / RATE / 0.5)
    for name, wave in {
        "kitchen/kettle.wav": 0.1 * rng.standard_normal(RATE),
        "printer/pages.wav": 0.1 * np.sign(np.sin(np.arange(RATE) / 9)),
        "rooms/hall.wav": 0.5 * decay * rng.standard_normal(RATE),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, wave, RATE)
    return folder


def spec(loudness, conditions, **changes):
    base = {
        "checkpoints": loudness,
        "corpora": {"aru": CORPUS},
        "conditions": conditions,
        "audits": ("robustness",),
        "workers": 1,
        "threads": 1,
    }
    return Spec(**(base | changes))


def hashes(run, corpus="aru"):
    frame = run.predictions("Loudness", corpus).frame
    assert (frame["status"] == "ok").all()
    return frame.set_index(["condition", "utterance"])["input_hash"].to_dict()


def test_packs_and_sources_stand_in_the_manifest_and_a_packs_own_families_can_be_asked_for(
    loudness, office, tmp_path
):
    conditions = ("noise.environmental@snr_db=10", "noise.office.kitchen@snr_db=10", "room.office", BABBLE)
    run = predict(spec(loudness, conditions, noise_packs={"office": str(office)}), tmp_path / "run")
    (pack,) = run.manifest.packs
    assert (pack.name, pack.layout) == ("office", "folders")
    assert sum(pack.clips.values()) == 3
    assert pack.clips["room"] == 1
    assert pack.revision.startswith("sha256:")
    sources = {c.id: c.source for c in run.manifest.conditions}
    assert sources["clean"] == ""
    assert "pack office" in sources["noise.environmental@snr_db=10"]
    assert sources["noise.office.kitchen@snr_db=10"] == "pack office (1 clip)"
    assert sources[BABBLE] == "other speakers of aru"
    hashes(run)


def test_the_folder_of_a_pack_may_move_and_workers_may_be_more(loudness, office, tmp_path):
    conditions = ("noise.environmental@snr_db=10", "room.office", BABBLE)
    first = predict(spec(loudness, conditions, noise_packs={"office": str(office)}), tmp_path / "first")
    moved = office.rename(tmp_path / "elsewhere")
    again = spec(loudness, conditions, noise_packs={"office": str(moved)}, workers=3, batch_size=5)
    assert hashes(predict(again, tmp_path / "second")) == hashes(first)


def test_a_run_does_not_go_on_with_another_pack_of_the_name_or_without_it(loudness, office, tmp_path):
    conditions = ("noise.environmental@snr_db=10",)
    packs = {"office": str(office)}
    predict(spec(loudness, conditions, noise_packs=packs), tmp_path / "run")
    more = {"corpora": {"beno": "synthetic:beno?speakers=4&utterances=2"}}
    with pytest.raises(InputError, match="'noise.environmental@snr_db=10' is another .* sources was"):
        predict(spec(loudness, (*conditions, "gain@db=2")), tmp_path / "run")
    soundfile.write(office / "kitchen" / "kettle.wav", np.full(RATE, 0.1), RATE)
    with pytest.raises(InputError, match="noise pack 'office' is another than in this run: its revision was"):
        predict(spec(loudness, conditions, noise_packs=packs, **more), tmp_path / "run")


@pytest.mark.parametrize(
    ("packs", "conditions", "message"),
    [
        ({"office": "nowhere"}, ("noise.white@snr_db=20",), "noise pack office: nowhere is not a folder"),
        ({"a b": "{office}"}, ("noise.white@snr_db=20",), "noise pack 'a b': a name has letters"),
        ({"office": "{office}"}, ("noise.ofice@snr_db=20",), "did you mean 'noise.office'"),
        ({}, ("noise.office@snr_db=20",), "unknown perturbation 'noise.office'"),
    ],
)
def test_what_is_no_pack_is_refused(loudness, office, tmp_path, packs, conditions, message):
    given = {name: folder.format(office=office) for name, folder in packs.items()}
    with pytest.raises(InputError, match=message):
        predict(spec(loudness, conditions, noise_packs=given), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_babble_is_of_the_corpus_and_does_not_depend_on_the_order_of_its_rows(loudness, tmp_path):
    rng = np.random.default_rng(1)
    names = [f"{i}.wav" for i in range(10)]
    for i, name in enumerate(names):
        soundfile.write(tmp_path / name, rng.normal(0, 0.1, 8000 + 500 * i), RATE)
    rows = pd.DataFrame({"file": names, "speaker": list("aabbccddee"), "arousal": np.linspace(0, 1, 10)})
    results = []
    for name, order in (("forward", rows), ("backward", rows.iloc[::-1]), ("fewer", rows.iloc[:8])):
        order.to_csv(tmp_path / f"{name}.csv", index=False)
        corpora = [{"name": "c", "path": str(tmp_path / f"{name}.csv"), "scales": {"arousal": (0, 1)}}]
        results.append(hashes(predict(spec(loudness, (BABBLE,), corpora=corpora), tmp_path / name), "c"))
    forward, backward, fewer = results
    assert forward == backward
    assert any(forward[key] != fewer[key] for key in fewer)


def test_voices_are_those_of_other_speakers_at_the_length_asked_for(tmp_path):
    corpus = open_corpus("aru", CORPUS, CorpusOptions())
    store = open_store(corpus, RATE, tmp_path, "content", 1, quiet, Cache(None))
    me = corpus.utterances[0].speaker
    voices = StoredVoices("aru", store.path, me)
    assert voices.speakers == tuple(sorted({u.speaker for u in corpus.utterances} - {me}))
    theirs = {u.speaker: [] for u in corpus.utterances}
    for i, utterance in enumerate(corpus.utterances):
        theirs[utterance.speaker].append(store.wave(i))
    for speaker in voices.speakers:
        long = voices.read(speaker, 200_000, np.random.default_rng(0))
        assert long.shape == (200_000,)
        piece = voices.read(speaker, 4000, np.random.default_rng(1))
        both = [np.concatenate([a, b]) for a in theirs[speaker] for b in theirs[speaker]]
        found = [np.array_equal(piece, w[i : i + 4000]) for w in both for i in _starts(w, piece)]
        assert any(found)


def _starts(wave, piece):
    """Where a wave holds a piece's first ten samples."""
    windows = np.lib.stride_tricks.sliding_window_view(wave, 10)
    return np.flatnonzero((windows == piece[:10]).all(axis=1))


def test_the_manifest_says_of_each_corpus_whose_voices_babble_is(loudness, tmp_path):
    corpora = {"many": CORPUS, "few": "synthetic:beno?speakers=4&utterances=1"}
    run = predict(spec(loudness, (BABBLE,), corpora={"many": CORPUS}), tmp_path / "run")
    run = predict(spec(loudness, (BABBLE,), corpora=corpora), tmp_path / "run")
    record = next(c for c in run.manifest.conditions if c.id == BABBLE)
    assert record.sources == {"many": "other speakers of many", "few": "generated talkers"}
    assert record.source == "other speakers of many for many; generated talkers for few"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_pack_that_changes_or_vanishes_while_a_run_goes_on_stops_it_and_spoils_no_row(
    loudness, office, tmp_path, workers
):
    import shutil

    packs, conditions = {"office": str(office)}, ("gain@db=2", "room.office")
    whole = predict(spec(loudness, conditions, noise_packs=packs), tmp_path / "whole")
    kept = tmp_path / "kept"

    def vanish(doing, done, total):
        if office.exists() and "gain" in doing:
            shutil.copytree(office, kept, copy_function=shutil.copy2)
            shutil.rmtree(office)

    again = spec(loudness, conditions, noise_packs=packs, workers=workers, batch_size=1)
    with pytest.raises(HarnessError, match="pack office: rooms/hall.wav cannot be read: .*; what is done"):
        predict(again, tmp_path / "cut", vanish)
    kept.rename(office)
    resumed = predict(again, tmp_path / "cut")
    assert hashes(resumed) == hashes(whole)


def test_a_pack_that_is_added_to_a_run_is_heard_in_the_same_process(loudness, office, tmp_path):
    """What workers keep of an earlier call into the same folder is not taken for the new packs."""
    noise = "noise.environmental@snr_db=10"
    packs = {"office": str(office)}
    predict(spec(loudness, ("gain@db=2",)), tmp_path / "run")
    added = hashes(predict(spec(loudness, (noise, "room.office"), noise_packs=packs), tmp_path / "run"))
    fresh = hashes(predict(spec(loudness, (noise, "room.office"), noise_packs=packs), tmp_path / "fresh"))
    assert {key: added[key] for key in fresh} == fresh
