"""The synthetic talker against what is known of speech."""

import numpy as np
import pytest
from scipy.signal import welch
from ser_audit.perturbations.generators.bank import bank
from ser_audit.perturbations.generators.talker import VOICES, speaking
from ser_audit.perturbations.generators.voice import pulses, vocal_tract

RATE = 16000


@pytest.fixture(scope="module")
def voices():
    return [bank(speaking, variant, RATE).astype(float) for variant in range(VOICES)]


def envelope(wave, rate=100):
    """RMS of blocks, ``rate`` a second."""
    step = RATE // rate
    blocks = wave[: len(wave) // step * step].reshape(-1, step)
    return np.sqrt(np.mean(blocks**2, axis=1))


def frames(wave, length=640, hop=320):
    every = np.lib.stride_tricks.sliding_window_view(wave, length)[::hop]
    return every[np.mean(every**2, axis=1) > 0.3]  # the loud ones: vowels


def pitches(wave):
    """F0 in Hz of the frames with a clear peak of autocorrelation at 60–400 Hz, and their share."""
    loud = frames(wave)
    spectra = np.abs(np.fft.rfft(loud * np.hanning(loud.shape[1]), 2048)) ** 2
    correlation = np.fft.irfft(spectra)[:, : RATE // 60]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(loud.shape[1]), 2048)) ** 2)[: RATE // 60]
    correlation = correlation / correlation[:, :1] / (window / window[0])
    searched = correlation[:, RATE // 400 :]
    best = searched.max(axis=1)
    # the first lag that is nearly as good as the best, so that two periods are not taken for one
    lags = np.array([np.argmax(row > 0.93 * peak) for row, peak in zip(searched, best, strict=True)])
    for index, row in enumerate(searched):
        lags[index] += np.argmax(row[lags[index] : lags[index] + 12])
    return RATE / (lags[best > 0.6] + RATE // 400), float(np.mean(best > 0.6))


def test_syllables_come_at_the_rate_of_speech(voices):
    for wave in voices:
        level = envelope(wave)
        hz, power = welch(level - level.mean(), 100, nperseg=400)
        thirds = 2.0 ** np.arange(-1, 5.01, 1 / 3)  # the modulation spectrum is read in bands of thirds
        bands = [power[(hz >= f / 2 ** (1 / 6)) & (hz < f * 2 ** (1 / 6))].sum() for f in thirds]
        assert 2 <= thirds[int(np.argmax(bands))] <= 8
        assert power[(hz >= 2) & (hz <= 8)].sum() > 0.5 * power.sum()


def test_the_pitch_is_that_of_men_and_women(voices):
    medians = []
    for wave in voices:
        hz, voiced = pitches(wave)
        assert voiced > 0.7
        assert np.quantile(hz, 0.05) > 75
        assert np.quantile(hz, 0.95) < 300
        assert 1.05 < np.quantile(hz, 0.9) / np.quantile(hz, 0.1) < 1.6  # it is intoned
        medians.append(np.median(hz))
    assert min(medians) < 130
    assert max(medians) > 165


def test_formants_move(voices):
    for wave in voices:
        spectra = np.abs(np.fft.rfft(frames(wave) * np.hanning(640))) ** 2
        hz = np.fft.rfftfreq(640, 1 / RATE)
        upper = (hz > 900) & (hz < 3000)
        centre = (spectra[:, upper] @ hz[upper]) / spectra[:, upper].sum(axis=1)
        assert np.std(centre) > 150


def test_pauses_are_short_and_few(voices):
    for wave in voices:
        quiet = envelope(wave, 20) < 0.05
        assert 0.05 < quiet.mean() < 0.3
        edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet, [0]])))
        assert (edges[1::2] - edges[::2]).max() <= 0.5 * 20


@pytest.mark.shared
def test_the_long_term_spectrum_is_near_that_of_real_speech(voices, speech):
    def octaves(waves):
        hz, power = welch(
            np.concatenate([w / np.sqrt(np.mean(np.square(w))) for w in waves]), RATE, nperseg=1024
        )
        levels = [power[(hz >= low) & (hz < 2 * low)].sum() for low in (200, 400, 800, 1600, 3200)]
        return 10 * np.log10(np.array(levels) / sum(levels))

    assert octaves(voices) == pytest.approx(octaves(speech), abs=8)


def test_pulses_have_the_pitch_and_level_asked_for():
    train = pulses(np.full(RATE, 127.0), RATE)
    spectrum = np.abs(np.fft.rfft(train)) / RATE * 2
    harmonics = spectrum[127:7900:127]
    assert np.sqrt(np.mean(train**2)) == pytest.approx(1, abs=1e-3)
    assert harmonics[1:] / harmonics[:-1] == pytest.approx(np.exp(-127 / (RATE / 6)), rel=1e-3)
    assert np.delete(spectrum, np.arange(0, 8001, 127)).max() < 0.06 * harmonics[0]  # aliases, 25 dB down


def test_the_vocal_tract_resonates_at_its_formants(rng):
    noise = rng.standard_normal(20 * RATE)
    out = vocal_tract(noise, np.zeros(1), np.array([[500.0, 1500, 2500]]), 1.0, RATE)
    hz, power = welch(out, RATE, nperseg=1024)
    for formant in (500, 1500, 2500, 3500):
        near = (hz > formant - 400) & (hz < formant + 400)
        assert hz[near][np.argmax(power[near])] == pytest.approx(formant, abs=50)
    shorter = vocal_tract(noise, np.zeros(1), np.array([[500.0, 1500, 2500]]), 0.8, RATE)
    power = welch(shorter, RATE, nperseg=1024)[1]
    assert hz[np.argmax(power)] == pytest.approx(625, abs=40)
