"""Each planted noise has the SNR it says, under the utterances it says, and nowhere else."""

import numpy as np
import pytest
from ser_audit.benchmark.corpora.synthetic import open_corpus
from ser_audit.benchmark.corpus import CorpusOptions

BASE = "synthetic:aru?speakers=4&utterances=2"


def waves(path):
    utterances = open_corpus("demo", path, CorpusOptions()).utterances
    return [(u, u.load()[0].astype(float)) for u in utterances]


@pytest.fixture(scope="module")
def clean():
    return {u.id: wave for u, wave in waves(BASE)}


def snr(wave, noisy):
    return 10 * np.log10(np.mean(wave**2) / np.mean((noisy - wave) ** 2))


@pytest.mark.parametrize(
    ("noise", "concerned"),
    [
        ("sex:female:10", lambda u: u.groups["sex"] == "female"),
        ("sex:male:20", lambda u: u.groups["sex"] == "male"),
        ("speaker:aru_s03:5", lambda u: u.speaker == "aru_s03"),
        ("language:x-aru:15", lambda u: True),
    ],
)
def test_a_planted_noise_has_its_snr_where_it_belongs(clean, noise, concerned):
    level = float(noise.split(":")[-1])
    hit = 0
    for utterance, noisy in waves(f"{BASE}&noise={noise}"):
        if concerned(utterance):
            assert snr(clean[utterance.id], noisy) == pytest.approx(level, abs=0.5)
            hit += 1
        else:
            assert np.array_equal(noisy, clean[utterance.id])
    assert hit > 0


def test_planted_noise_is_white(clean):
    difference = np.concatenate(
        [noisy - clean[u.id] for u, noisy in waves(f"{BASE}&noise=language:x-aru:15")]
    )
    spectrum = np.abs(np.fft.rfft(difference)) ** 2
    quarters = [10 * np.log10(np.mean(part)) for part in np.array_split(spectrum, 4)]
    assert max(quarters) - min(quarters) < 0.5  # dB


def test_planted_noises_add_up(clean):
    both = waves(f"{BASE}&noise=sex:female:10&noise=speaker:aru_s01:10")
    for utterance, noisy in both:
        if utterance.speaker == "aru_s01":  # twice the power of the noise
            assert snr(clean[utterance.id], noisy) == pytest.approx(10 - 10 * np.log10(2), abs=0.5)
