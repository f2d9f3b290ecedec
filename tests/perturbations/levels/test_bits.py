"""Few bits per sample."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.bits import BitDepth

RATE = 16000


def sqnr_db(wave, out):
    """The ratio of the signal to what quantisation adds, in dB."""
    wave, out = wave.astype(np.float64), out.astype(np.float64)
    return 10 * np.log10(np.mean(wave**2) / np.mean((out - wave) ** 2))


@pytest.mark.parametrize("bits", [2, 4, 8, 12, 16])
@pytest.mark.parametrize("level", [0.2, 1e-4])
def test_no_sample_moves_by_more_than_half_a_step(bits, level, noise, rng):
    wave = noise(level=level)
    out = BitDepth(bits)(wave, RATE, rng)
    full_scale = np.abs(wave).max() * 10 ** (3 / 20)  # the peak lies at -3 dBFS
    step = 2 * full_scale / 2**bits
    assert np.abs(out.astype(np.float64) - wave).max() <= step / 2 * (1 + 1e-3)
    assert np.abs(out.astype(np.float64) - wave).max() > step / 2 * 0.99
    codes = out / step
    np.testing.assert_allclose(codes, np.rint(codes), atol=2e-3)
    assert (codes == 0).any()  # mid-tread
    assert -(2 ** (bits - 1)) <= codes.min()
    assert codes.max() <= 2 ** (bits - 1) - 0.998


def test_each_bit_is_worth_6_db(noise, rng):
    wave = noise(4)
    ratios = [sqnr_db(wave, BitDepth(bits)(wave, RATE, rng)) for bits in range(5, 17)]
    np.testing.assert_allclose(np.diff(ratios), 6.02, atol=0.1)
    # step^2 / 12 of noise power, the step 2^-15 at 16 bits
    scaled = wave * (10 ** (-3 / 20) / np.abs(wave).max())
    assert ratios[-1] == pytest.approx(10 * np.log10(np.mean(scaled**2) * 12 * 2**30), abs=0.1)


@pytest.mark.shared
def test_each_bit_is_worth_6_db_on_speech(speech, rng):
    for wave in speech:
        ratios = [sqnr_db(wave, BitDepth(bits)(wave, RATE, rng)) for bits in (8, 10, 12)]
        np.testing.assert_allclose(np.diff(ratios), 12.04, atol=1.25)  # soft passages round to silence


def test_what_is_softer_than_half_a_step_is_silence(tone, rng):
    wave = tone(1000, amplitude=0.5)
    wave[RATE:] *= 1e-2
    out = BitDepth(4)(wave, RATE, rng)
    assert (out[RATE:] == 0).all()


def test_a_fraction_of_a_bit_is_refused():
    with pytest.raises(ValueError, match=r"bits: bits=7.5 is no whole number"):
        BitDepth(7.5)
