"""The mean F0 of an utterance: known pitches, what has none, invented voices, and real ones."""

import os
import subprocess
import sys
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
import soundfile
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpora.synthetic.articulation import articulate
from ser_audit.benchmark.corpora.synthetic.lexicon import LANGUAGES
from ser_audit.benchmark.corpora.synthetic.prosody import prosody
from ser_audit.benchmark.corpora.synthetic.randomness import generator
from ser_audit.benchmark.corpora.synthetic.script import script
from ser_audit.benchmark.corpus import CorpusOptions
from ser_audit.benchmark.engine.pitch import mean_f0

RATE = 16000


def harmonics(f0, rate, seconds=1.0, first=1, end=3800.0):
    """A voice's line spectrum: harmonics from the ``first`` up to ``end`` Hz, falling by 6 dB per octave."""
    time = np.arange(round(seconds * rate)) / rate
    numbers = range(first, int(min(end, 0.45 * rate) / f0) + 1)
    return sum(0.1 * np.sin(2 * np.pi * f0 * k * time + k) / k for k in numbers).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("f0", [60, 85, 120, 145, 190, 240, 350, 500])
def test_a_known_pitch_is_found_within_one_percent_at_any_sampling_rate(f0, rate):
    assert mean_f0(harmonics(f0, rate), rate) == pytest.approx(f0, rel=0.01)


@pytest.mark.parametrize("f0", [85, 120, 190, 240])
def test_the_fundamental_itself_may_be_missing_as_on_the_telephone(f0):
    assert mean_f0(harmonics(f0, RATE, first=3), RATE) == pytest.approx(f0, rel=0.01)


def test_the_mean_is_over_the_voiced_frames_alone():
    low, high = harmonics(100, RATE, 1.0), harmonics(200, RATE, 3.0)
    pause = np.zeros(2 * RATE, np.float32)
    assert mean_f0(np.concatenate([low, pause, high, pause]), RATE) == pytest.approx(175, rel=0.01)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])  # of the amplitude: white, pink, red
def test_noise_has_no_pitch(slope, seed):
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(3 * RATE))
    spectrum /= np.maximum(np.arange(len(spectrum)) / 3, 50.0) ** slope
    assert mean_f0(np.fft.irfft(spectrum).astype(np.float32), RATE) is None


@pytest.mark.parametrize("constant", [0.0, 0.1, -1.0, 1e-30])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_silence_has_no_pitch(constant, rate):
    assert mean_f0(np.full(rate, constant, np.float32), rate) is None


@pytest.mark.parametrize("samples", [1, 50, 255, 256, 800])
def test_what_is_shorter_than_a_vowel_has_no_pitch(samples):
    assert mean_f0(harmonics(150, RATE)[:samples], RATE) is None


@pytest.fixture(scope="module")
def invented():
    """Utterances of four women and four men, each with the mean F0 that was planted [Hz]."""
    corpus = open_corpus("aru", "synthetic:aru?speakers=8&utterances=3", CorpusOptions())
    found = []
    for utterance in corpus.utterances:
        spoken = utterance.load
        language = LANGUAGES[spoken.speaker.language]
        said = script(spoken.speaker, language, spoken.utterance, spoken.seed)
        rng = generator(spoken.seed, spoken.speaker.id, spoken.utterance, "voice")
        how = prosody(spoken.speaker, said, rng)
        voiced = articulate(said.words, language, how.durations).voiced > 0.5
        found.append((spoken()[0], float(how.f0[: len(voiced)][voiced[: len(how.f0)]].mean())))
    return found


def test_of_invented_voices_it_is_what_was_planted(invented):
    error = [mean_f0(wave, RATE) / planted - 1 for wave, planted in invented]
    assert np.abs(error).max() < 0.03
    assert abs(np.mean(error)) < 0.01
    planted = [f0 for _, f0 in invented]
    assert min(planted) < 110
    assert max(planted) > 230


@pytest.mark.parametrize("gain", [1e-30, 1e-3, 0.1, 3.0, 1e30])
def test_the_level_changes_nothing(invented, gain):
    for wave, _ in invented[::6]:
        assert mean_f0(np.float32(gain) * wave, RATE) == pytest.approx(mean_f0(wave, RATE), rel=1e-3)


def test_an_offset_far_above_the_speech_changes_nothing(invented):
    for wave, _ in invented[::6]:
        soft = np.float32(0.003) * wave + np.float32(0.5)
        assert mean_f0(soft, RATE) == pytest.approx(mean_f0(wave, RATE), rel=0.01)


def test_another_process_with_other_threads_finds_the_same_value_to_the_last_bit(invented, tmp_path):
    waves = [wave for wave, _ in invented[:3]]
    np.savez(tmp_path / "waves.npz", *waves)
    script = (
        "import sys, numpy as np\n"
        "from ser_audit.benchmark.engine.pitch import mean_f0\n"
        f"print([mean_f0(w, {RATE}) for w in np.load(sys.argv[1]).values()])\n"
    )
    for threads in ("1", "4"):
        said = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "waves.npz")],
            env={**os.environ, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == str([mean_f0(w, RATE) for w in waves])


@pytest.mark.shared
def test_real_women_speak_higher_than_every_man_on_neutral_speech(shared):
    folder = shared / "corpora" / "ravdess-nemo"
    rows = pd.read_csv(folder / "metadata.csv")
    rows = rows[rows["emotion"] == "neutral"].groupby("speaker").head(2)
    f0 = defaultdict(list)
    for row in rows.itertuples():
        wave, rate = soundfile.read(folder / row.file, dtype="float32")
        f0[row.sex, row.speaker].append(mean_f0(wave, rate))
    men = [np.mean(found) for (sex, _), found in f0.items() if sex == "male"]
    women = [np.mean(found) for (sex, _), found in f0.items() if sex == "female"]
    assert (len(men), len(women)) == (17, 16)
    assert max(men) < min(women)
    assert min(men) > 80
    assert 100 < np.median(men) < 130
    assert 180 < np.median(women) < 220
    assert max(women) < 260
