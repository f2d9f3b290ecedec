"""A cough or a sneeze somewhere in the utterance."""

import numpy as np
import pytest
from ser_audit.perturbations.make import make

RATE = 16000
every = pytest.mark.parametrize("category", ["cough", "sneeze"])


def extent(added):
    """The first sample of what was added, and the one behind the last."""
    found = np.flatnonzero(added)
    return found[0], found[-1] + 1


@every
@pytest.mark.parametrize("snr_db", [20, 10, 0])
def test_the_snr_over_the_burst_is_the_one_named(category, snr_db, paused, level_db, added):
    for seed in range(5):
        wave = paused[: 30 * RATE] if seed else paused[: 2 * RATE]
        burst = added(make(f"noise.{category}@snr_db={snr_db}"), wave, seed=seed)
        start, end = extent(burst)
        assert 0.1 < (end - start) / RATE < 1.5
        assert level_db(wave) - level_db(burst[start:end]) == pytest.approx(snr_db, abs=0.1)


@pytest.mark.shared
@every
def test_the_snr_over_the_burst_is_the_one_named_on_speech(category, speech, level_db, added):
    for wave in speech:
        burst = added(make(f"noise.{category}@snr_db=10"), wave)
        start, end = extent(burst)
        assert level_db(wave) - level_db(burst[start:end]) == pytest.approx(10, abs=0.1)


@every
def test_the_position_is_drawn_from_all_that_hold_the_burst(category, tone, added):
    sine = tone(3000, 3)
    places = []
    for seed in range(200):
        start, end = extent(added(make(f"noise.{category}@snr_db=-20"), sine, seed=seed))
        places.append(start / (len(sine) - (end - start)))
    assert min(places) < 0.03
    assert 0.97 < max(places) <= 1.001  # at the very end, its last faint samples may round to nothing
    assert np.mean(places) == pytest.approx(0.5, abs=0.08)  # four standard deviations


@every
def test_a_pack_s_burst_is_cut_out_of_its_clip(category, noise, tone, clip, packed, added):
    recording = np.zeros(5 * RATE, np.float32)  # as of ESC-50: five seconds, most of them digital silence
    recording[RATE : RATE + 4000] = noise(0.25, level=0.2)
    recording[3 * RATE : 3 * RATE + 3200] = noise(0.2, level=0.1, seed=1)
    perturbation = make(f"noise.{category}@snr_db=10", packed(clip(category, recording)))
    assert perturbation.source == "pack town (1 clip)"
    sine = tone(3000, 3)
    for seed in range(10):
        start, end = extent(added(perturbation, sine, seed=seed))
        assert end - start == pytest.approx(4000, abs=2 * 480 + 320)  # the louder one, and its margins


@every
def test_generated_ones_stand_in(category, tone, clip, packed, added):
    other = clip("human", tone(440))
    perturbation = make(f"noise.{category}@snr_db=10", packed(other))
    assert perturbation.source == "generated, as no noise pack has it"
    assert np.any(added(perturbation, tone(220, 3)))
    assert other.reads == []


@every
@pytest.mark.parametrize("seconds", [0.01, 0.05])
def test_a_burst_longer_than_the_utterance_fills_it(category, seconds, tone, level_db, added):
    sine = tone(3000, seconds)
    burst = added(make(f"noise.{category}@snr_db=10"), sine)
    assert burst.shape == sine.shape
    assert level_db(sine) - level_db(burst) == pytest.approx(10, abs=0.1)


@every
def test_silence_has_no_snr(category, rng):
    with pytest.raises(ValueError, match=f"noise.{category}@snr_db=10: the utterance is silent"):
        make(f"noise.{category}@snr_db=10")(np.zeros(RATE, np.float32), RATE, rng)


@every
def test_silent_clips_and_other_parameters_are_refused(category, tone, clip, packed, rng):
    silent = clip(category, np.zeros(RATE, np.float32))
    with pytest.raises(ValueError, match="20 of the sounds drawn for it were silent"):
        make(f"noise.{category}@snr_db=10", packed(silent))(tone(220, 1), RATE, rng)
    with pytest.raises(ValueError, match="snr_db=-21 is out of range"):
        make(f"noise.{category}@snr_db=-21")
    with pytest.raises(ValueError, match=f"noise.{category} has no parameter 'active'"):
        make(f"noise.{category}@snr_db=10,active=1")
