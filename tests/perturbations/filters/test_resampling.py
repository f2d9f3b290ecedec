"""A recording at a lower sampling rate."""

import numpy as np
import pytest
from ser_audit.perturbations.filters.resampling import Resampling

RATE = 16000


@pytest.mark.parametrize("sampling_rate", [16000, 44100, 48000])
@pytest.mark.parametrize("hz", [12000, 8000, 5000])
def test_nothing_is_kept_above_half_the_rate_named_and_all_well_below(hz, sampling_rate, tone, level_db, rng):
    middle = slice(sampling_rate // 2, -sampling_rate // 2)  # a tone that breaks off has a wide spectrum
    for share, lowest, highest in ((0.1, -0.1, 0.1), (0.5, -0.1, 0.1), (0.9, -0.5, 0.1), (1.1, -300, -90)):
        wave = tone(share * hz / 2, sampling_rate=sampling_rate)
        out = Resampling(hz)(wave, sampling_rate, rng)
        assert lowest <= level_db(out[middle]) - level_db(wave[middle]) <= highest


@pytest.mark.parametrize("samples", [160, 800, 16001, 23457])
@pytest.mark.parametrize("hz", [12000, 8000, 4000, 7777])
def test_length_and_timing_stay(hz, samples, lag, rng):
    wave = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    out = Resampling(hz)(wave, RATE, rng)
    assert len(out) == samples
    assert lag(wave, out) == 0


@pytest.mark.shared
def test_speech_stays_where_it_is(speech, lag, rng):
    for wave in speech:
        assert lag(wave, Resampling(4000)(wave, RATE, rng)) == 0


@pytest.mark.parametrize("sampling_rate", [8000, 12000])
def test_a_wave_that_has_nothing_to_lose_is_refused(sampling_rate, tone, rng):
    message = rf"resampling@hz=12000: a wave of {sampling_rate} Hz has nothing more to lose"
    with pytest.raises(ValueError, match=message):
        Resampling(12000)(tone(100, sampling_rate=sampling_rate), sampling_rate, rng)
