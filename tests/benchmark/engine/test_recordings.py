"""Recording conditions: the same takes by other devices, compared with the reference."""

import hashlib

import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark import InputError, Spec, predict, score
from ser_audit.benchmark.corpus import AudioError
from ser_audit.benchmark.engine.recordings import Absent

RATE = 16000


@pytest.fixture
def spec(loudness, tmp_path):
    """Twelve takes of four speakers by a headset and a phone; the phone is 6 dB softer and misses one."""
    rng = np.random.default_rng(0)
    rows = []
    for take in range(12):
        wave = (0.05 * (1 + take % 3) * rng.standard_normal(RATE // 2)).astype(np.float32)
        for device, gain in (("phone", 0.5), ("headset", 1.0)):
            if (device, take) != ("phone", 7):
                name = f"{device}-{take}.wav"
                soundfile.write(tmp_path / name, wave * np.float32(gain), RATE, subtype="FLOAT")
                rows.append((name, f"s{take % 4}", (take % 3) / 2, device, take))
    frame = pd.DataFrame(rows, columns=["file", "speaker", "arousal", "device", "take"])
    frame.to_csv(tmp_path / "table.csv", index=False)
    corpus = {
        "name": "paired",
        "path": str(tmp_path / "table.csv"),
        "columns": {"variant": "device", "take": "take"},
        "scales": {"arousal": (0, 1)},
        "reference": "headset",
    }
    return Spec(
        checkpoints=loudness,
        corpora=[corpus, {"name": "aru", "path": "synthetic:aru?speakers=4&utterances=2"}],
        conditions=("gain@db=2",),
        audits=("robustness",),
        workers=2,
        threads=1,
    )


def test_each_variant_is_a_condition_of_the_same_utterances_with_its_own_audio(spec, tmp_path):
    run = predict(spec, tmp_path / "run")
    table = run.predictions("Loudness", "paired").frame.set_index(["condition", "utterance"])
    assert {c for c, _ in table.index} == {"clean", "gain@db=2", "recording.phone"}
    clean, phone = table.loc["clean"], table.loc["recording.phone"]
    assert list(clean.index) == list(phone.index)
    heard = phone["status"] == "ok"
    assert list(phone.index[~heard]) == ["headset-7.wav"]
    assert phone.loc["headset-7.wav", "status"] == "missing"
    assert phone.loc["headset-7.wav", "detail"] == "there is no recording of this take by 'phone'"
    ratio = phone["score.arousal"][heard].astype(float) / clean["score.arousal"][heard].astype(float)
    np.testing.assert_allclose(ratio, 0.5, rtol=1e-6)
    wave, _ = soundfile.read(tmp_path / "phone-3.wav", dtype="float32")
    assert phone.loc["headset-3.wav", "input_hash"] == hashlib.sha256(wave.tobytes()).hexdigest()


def test_a_corpus_without_variants_has_no_such_condition_and_the_manifest_names_it(spec, tmp_path):
    run = predict(spec, tmp_path / "run")
    assert set(run.predictions("Loudness", "aru").conditions) == {"clean", "gain@db=2"}
    record = next(c for c in run.manifest.conditions if c.id == "recording.phone")
    assert (record.family, record.label_preserving, record.reference) == ("recording", True, "clean")
    assert record.source == "the corpus's own recordings, against those by headset"
    assert {c.name: c.reference for c in run.manifest.corpora} == {"paired": "headset", "aru": None}
    assert run.missing() == []


def test_another_reference_is_another_corpus(spec, tmp_path):
    predict(spec, tmp_path / "run")
    corpora = [
        spec.corpora[0].model_copy(update={"reference": "phone", "rows": {"take": ("0", "1", "2", "3")}})
    ]
    other = spec.model_copy(update={"corpora": tuple(corpora)})
    with pytest.raises(InputError, match="corpus 'paired' is another than in this run"):
        predict(other, tmp_path / "run")


def test_the_audit_compares_it_with_the_reference(spec, tmp_path):
    found = score(predict(spec, tmp_path / "run")).findings
    pup = [f for f in found if f.code == "SER303" and f.subject.condition == "recording.phone"]
    assert [f.subject.corpus for f in pup] == ["paired"]
    assert pup[0].estimate.n == 11


def test_absent_audio_is_a_status(tmp_path):
    with pytest.raises(AudioError) as caught:
        Absent("phone")()
    assert caught.value.status == "missing"
