"""G.711 against its definition, and at levels."""

import numpy as np
import pytest
from ser_audit.perturbations.codecs.companding import ALaw, MuLaw, g711
from ser_audit.perturbations.codecs.line import pcm

RATE = 16000
LARGEST = {"mulaw": 8159 / 8192, "alaw": 1.0}  # decision values by ITU-T G.711


def codebook(law: str) -> np.ndarray:
    """The levels of ITU-T G.711 for mantissa m and segment s, of full scale 1.

    µ-law: ((2 m + 33) 2^s − 33) / 8192, 255 levels. A-law: (2 m + 1) / 4096 in segment 0, above it
    (2 m + 33) 2^(s − 1) / 4096, 256 levels.
    """
    mantissa, segment = np.meshgrid(np.arange(16), np.arange(8))
    if law == "mulaw":
        levels = ((2 * mantissa + 33) * 2.0**segment - 33) / 8192
    else:
        above = (2 * mantissa + 33) * 2.0 ** (segment - 1)
        levels = np.where(segment == 0, 2 * mantissa + 1, above) / 4096
    return np.unique([levels, -levels])


def steps(law: str, levels: np.ndarray) -> np.ndarray:
    """The step of the segment that each level lies in."""
    if law == "mulaw":
        return 2 * 2 ** np.floor(np.log2((np.abs(levels) * 8192 + 33) / 33 + 1e-6)) / 8192
    return 2 * 2 ** np.maximum(np.floor(np.log2(np.abs(levels) * 4096 / 33 + 1e-6)), 0) / 4096


@pytest.mark.parametrize(("law", "count"), [("mulaw", 255), ("alaw", 256)])
def test_g711_gives_the_levels_of_the_recommendation_and_errs_by_half_a_step(law, count):
    levels = codebook(law)
    assert len(levels) == count
    samples = np.arange(-32768, 32768).astype(np.int16)
    wave = samples / 32768
    coded = g711(samples, law)
    assert set(coded.tolist()) == set(levels.tolist())
    held = np.abs(wave) < LARGEST[law]
    excess = np.abs(coded - wave) - steps(law, coded) / 2
    assert np.max(excess[held]) <= 0


def test_of_floats_mulaw_errs_by_half_a_step_of_14_bits_more():
    wave = np.linspace(-1, 1, 40001).astype(np.float32)
    coded = g711(wave, "mulaw")
    assert set(coded.tolist()) == set(codebook("mulaw").tolist())
    held = np.abs(wave) < LARGEST["mulaw"]
    assert np.max((np.abs(coded - wave) - steps("mulaw", coded) / 2)[held]) <= 1 / 16384


@pytest.mark.parametrize(("law", "full_scale"), [("mulaw", 3.17), ("alaw", 3.14)])
def test_a_sine_of_minus_10_dbm0_keeps_38_db_of_signal_to_noise_ratio(law, full_scale, tone, level_db):
    wave = tone(1020, sampling_rate=8000, amplitude=10 ** ((-10 - full_scale) / 20))
    assert level_db(wave) - level_db(g711(pcm(wave), law) - wave) == pytest.approx(38, abs=1)


def test_g711_keeps_33_db_over_26_db_of_level(noise, level_db):
    for level in (0.01, 0.05, 0.1, 0.2):
        wave = np.clip(noise(level=level), -0.98, 0.98)
        assert level_db(wave) - level_db(g711(wave, "mulaw") - wave) > 33


def test_g711_refuses_what_it_would_wrap_around():
    with pytest.raises(ValueError, match=r"within ±1; the peak is 1.400"):
        g711(np.array([0.1, 1.4], np.float32), "alaw")
    with pytest.raises(ValueError, match=r"within ±1; the peak is nan"):  # libsndfile would crash
        g711(np.array([0.1, np.nan], np.float32), "mulaw")


@pytest.mark.parametrize("law", [MuLaw, ALaw])
def test_a_soft_talker_meets_coarser_steps(law, voice, level_db, rng):
    snr = []
    for level in (-3, -20, -30, -40, -50):
        out = law(level)(voice, RATE, rng)
        snr.append(level_db(voice) - level_db(out - voice))
    assert snr == sorted(set(snr), reverse=True)
    assert snr[0] > 35
    # in the segment around zero the step is fixed, so 10 dB of level are 10 dB of noise
    assert snr[3] - snr[4] == pytest.approx(10, abs=1.5)


@pytest.mark.parametrize("law", [MuLaw, ALaw])
@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
def test_the_band_ends_below_4_khz(law, sampling_rate, response_db):
    for hz in (100, 1000, 3400):
        assert response_db(law(-3), hz, sampling_rate) == pytest.approx(0, abs=0.15)
    if sampling_rate > 8000:
        assert response_db(law(-3), 4200, sampling_rate) < -30


@pytest.mark.parametrize("law", [MuLaw, ALaw])
def test_the_level_of_the_recording_does_not_matter(law, voice, rng):
    out = law(-40)(voice, RATE, rng)
    np.testing.assert_array_equal(law(-40)(voice / 1024, RATE, rng) * 1024, out)


@pytest.mark.parametrize("law", [MuLaw, ALaw])
def test_full_scale_is_held_and_not_wrapped_around(law, noise, rng):
    for seed in range(20):  # the gain to 0 dBFS rounds to either side
        wave = noise(0.1, level=1, seed=seed)
        out = law(0)(wave, 8000, rng)
        assert np.abs(out - wave).max() < 0.03 * np.abs(wave).max()


@pytest.mark.parametrize("law", [MuLaw, ALaw])
def test_a_level_out_of_range_is_refused(law):
    with pytest.raises(ValueError, match=r"level_db=1 is out of range; it takes -60 to 0 dBFS"):
        law(1)
