"""Backgrounds against what makes each what it is."""

from collections import Counter

import numpy as np
import pytest
from scipy.signal import find_peaks, welch
from ser_audit.perturbations.generators import bank as bank_module
from ser_audit.perturbations.generators.bank import bank
from ser_audit.perturbations.generators.environmental import environmental, traffic
from ser_audit.perturbations.generators.human import breathing, clapping, coughs, human, laughter
from ser_audit.perturbations.generators.interior import (
    clock,
    fan,
    interior,
    keyboard,
    knocks,
    vacuum,
)
from ser_audit.perturbations.generators.music import SCALES, music, piece
from ser_audit.perturbations.generators.natural import natural, rain, sea, wind
from ser_audit.perturbations.generators.talker import speaking, talker

RATE = 16000
VARIANTS = range(3)


def variants(make):
    return [bank(make, variant, RATE).astype(float) for variant in VARIANTS]


def levels(wave, per_second):
    """RMS of blocks, ``per_second`` a second."""
    step = RATE // per_second
    return np.sqrt(np.mean(wave[: len(wave) // step * step].reshape(-1, step) ** 2, axis=1))


def swing_db(level):
    return 20 * np.log10(np.quantile(level, 0.95) / np.quantile(level, 0.05))


def share(wave, low, high):
    hz, power = welch(wave, RATE, nperseg=2048)
    return power[(hz >= low) & (hz < high)].sum() / power.sum()


def flatness(wave, low=200, high=4000):
    """Geometric over arithmetic mean of the power spectrum, the mean over frames of 128 ms."""
    every = np.lib.stride_tricks.sliding_window_view(wave, 2048)[::1024] * np.hanning(2048)
    power = np.abs(np.fft.rfft(every)[:, low * 2048 // RATE : high * 2048 // RATE]) ** 2
    return np.mean(np.exp(np.mean(np.log(power), axis=1)) / np.mean(power, axis=1))


def onsets(wave, rise=3.0):
    """Seconds at which the level of 5 ms exceeds that of the 20 ms before by a factor, and is loud."""
    level = levels(wave, 200)
    before = np.array([level[max(0, i - 5) : i - 1].mean() if i > 1 else level[0] for i in range(len(level))])
    found = np.flatnonzero((level > rise * before) & (level > 0.3))
    return found[np.concatenate([[True], np.diff(found) > 8])] / 200


def periodicity(wave, shortest, longest):
    """The highest autocorrelation of the envelope, and its lag in seconds."""
    level = levels(wave, 200) - levels(wave, 200).mean()
    lags = np.fft.irfft(np.abs(np.fft.rfft(level)) ** 2)
    inside = lags[int(shortest * 200) : int(longest * 200) + 1] / lags[0]
    return inside.max(), (int(np.argmax(inside)) + int(shortest * 200)) / 200


def test_wind_is_low_and_gusts():
    for wave in variants(wind):
        assert share(wave, 0, 500) > 0.7
        assert share(wave, 4000, 8000) < 0.01
        assert swing_db(levels(wave, 2)) > 6


def test_rain_is_flat_and_steady_and_full_of_drops():
    for wave in variants(rain):
        assert swing_db(levels(wave, 2)) < 2
        assert share(wave, 1000, 8000) > 0.7
        assert np.mean(wave**4) / np.mean(wave**2) ** 2 > 3.3  # clicks: more than Gaussian


def test_the_sea_swells_slowly():
    for wave in variants(sea):
        level = levels(wave, 10)
        assert swing_db(levels(wave, 2)) > 8
        slow = np.abs(np.fft.rfft(level - level.mean())) ** 2
        assert 0.08 <= np.argmax(slow) / (len(level) / 10) <= 0.4  # a swell in 2.5–12 s


@pytest.mark.parametrize(("make", "lowest", "highest"), [(fan, 39, 175), (vacuum, 250, 500)])
def test_turning_machines_have_harmonic_lines(make, lowest, highest):
    for wave in variants(make):
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
        hz = np.fft.rfftfreq(len(wave), 1 / RATE)
        smooth = np.convolve(spectrum, np.ones(20), "same")  # 1 Hz: the rotation drifts a little
        inside = (hz > lowest - 2) & (hz < highest + 2)
        first = hz[inside][np.argmax(smooth[inside])]
        for harmonic, excess in ((1, 10), (2, 5)):
            near = np.abs(hz - harmonic * first) < 0.01 * harmonic * first + 2
            around = np.abs(hz - harmonic * first) < 0.3 * first
            assert 10 * np.log10(smooth[near].max() / np.median(smooth[around])) > excess
        assert swing_db(levels(wave, 2)) < 2


def test_a_clock_is_regular_and_a_keyboard_is_not():
    for wave in variants(clock):
        times = onsets(wave)
        gaps = np.diff(times)
        assert 0.245 <= np.median(gaps) <= 1.005
        assert gaps.max() - gaps.min() <= 0.0151  # the blocks are 5 ms long
        assert round(20 / np.mean(gaps)) == len(times)
        assert len(times) % 2 == 0  # ticks and tocks fill the loop
    for wave in variants(keyboard):
        gaps = np.diff(onsets(wave))
        burst = gaps[gaps < 0.35]
        assert np.std(burst) / np.mean(burst) > 0.2
        assert 0.05 < np.quantile(gaps, 0.25) < 0.2
        assert 0.4 < gaps.max() < 1.4


def test_knocks_come_in_groups_and_are_low():
    for wave in variants(knocks):
        gaps = np.diff(onsets(wave))
        assert np.mean((gaps > 0.13) & (gaps < 0.33)) > 0.4
        assert np.mean(gaps > 0.5) > 0.1
        assert share(wave, 0, 1000) > 0.8


def test_cars_pass():
    for wave in variants(traffic):
        peaks, _ = find_peaks(np.convolve(levels(wave, 10), np.ones(5) / 5, "same"), prominence=0.15)
        assert 2 <= len(peaks) <= 12
        assert share(wave, 300, 2500) > 0.4


def test_breaths_come_in_and_go_out_duller():
    for wave in variants(breathing):
        level = levels(wave, 50)
        loud = np.flatnonzero(np.diff((level > 0.1).astype(int)) == 1)
        assert 2 * 20 / 4.5 <= len(loud) <= 2 * 20 / 2  # two a cycle
        spectra = [
            welch(wave[i * 320 :][:9600], RATE, nperseg=1024)[1] for i in loud if i * 320 + 9600 < len(wave)
        ]
        centres = [p @ np.arange(len(p)) / p.sum() * RATE / 1024 for p in spectra]
        even, odd = np.median(centres[::2]), np.median(centres[1::2])
        assert max(even, odd) > 1.3 * min(even, odd)


def test_laughter_has_five_notes_a_second_of_a_high_pitch():
    for wave in variants(laughter):
        peak, seconds = periodicity(wave, 0.12, 0.4)
        assert peak > 0.25
        assert 0.185 <= seconds <= 0.235
        loud = np.lib.stride_tricks.sliding_window_view(wave, 640)[::320]
        loud = loud[np.mean(loud**2, axis=1) > 1]
        lags = np.fft.irfft(np.abs(np.fft.rfft(loud * np.hanning(640), 2048)) ** 2)[
            :, RATE // 600 : RATE // 150
        ]
        assert 200 < RATE / (np.median(np.argmax(lags, axis=1)) + RATE // 600) < 500


def test_hands_clap_three_to_five_times_a_second():
    for wave in variants(clapping):
        assert 3 * 20 * 0.8 < len(onsets(wave, 1.5)) < 4 * 5 * 20
        assert share(wave, 500, 4000) > 0.6


def test_coughs_leave_breaks():
    for wave in variants(coughs):
        quiet = levels(wave, 20) < 0.05
        assert 0.1 < quiet.mean() < 0.7
        assert 10 < len(onsets(wave)) < 60


def test_music_is_tonal_and_rain_is_not():
    for wave, drops in zip(variants(piece), variants(rain), strict=True):
        assert flatness(wave) < 0.1 * flatness(drops)


def test_music_keeps_to_a_key_in_tune_with_440_hz():
    for variant in range(6):
        wave = bank(piece, variant, RATE).astype(float)
        power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
        hz = np.fft.rfftfreq(len(wave), 1 / RATE)
        inside = (hz > 120) & (hz < 1000)
        semitones = 12 * np.log2(hz[inside] / 440)
        weights = np.sqrt(power[inside])
        peaks = weights > 0.05 * weights.max()
        off = semitones[peaks] - np.round(semitones[peaks])
        assert abs(np.average(off, weights=weights[peaks])) < 0.05
        classes = np.bincount(np.round(semitones[peaks]).astype(int) % 12, weights[peaks], minlength=12)
        inkey = max(
            sum(classes[(root + step) % 12] for step in scale) for root in range(12) for scale in SCALES
        )
        assert inkey > 0.97 * classes.sum()


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (natural, (wind, rain, sea)),
        (interior, (fan, vacuum, clock, keyboard, knocks)),
        (human, (breathing, laughter, clapping, coughs)),
        (environmental, (wind, rain, sea, fan, vacuum, clock, keyboard, knocks, traffic)),
        (music, (piece,)),
        (talker, (speaking,)),
    ],
)
def test_a_draw_takes_each_kind_each_variant_and_any_place(make, kinds, monkeypatch, rng):
    taken = Counter()
    loop = np.arange(1, RATE + 1)  # what is taken tells where it began

    def noted(kind, variant, sampling_rate):
        taken[kind, variant] += 1
        return loop

    monkeypatch.setattr(bank_module, "bank", noted)
    starts = []
    for _ in range(2000):
        wave = make(2, RATE, rng)
        starts.append(1 / (wave[1] / wave[0] - 1))
    assert {kind for kind, _ in taken} == set(kinds)
    assert min(taken.values()) > 0.1 * max(taken.values())  # a third of the environmental is traffic
    variants = {"piece": 6, "speaking": 12}.get(kinds[0].__name__, 3)
    assert len(taken) == variants * len(kinds)
    assert np.quantile(starts, [0.25, 0.5, 0.75]) / RATE == pytest.approx([0.25, 0.5, 0.75], abs=0.12)
