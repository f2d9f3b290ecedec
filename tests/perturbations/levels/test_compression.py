"""Dynamic range compression."""

import numpy as np
import pytest
from ser_audit.perturbations.levels.compression import Compression

RATE = 16000


def steps(tone, *dbs, hz=1000, seconds=1.5, sampling_rate=RATE):
    """A sine whose level steps from one to the next of ``dbs``."""
    sine = tone(hz, seconds, amplitude=0.9, sampling_rate=sampling_rate)
    return np.concatenate([sine * np.float32(10 ** (db / 20)) for db in dbs])


@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
@pytest.mark.parametrize("hz", [60, 1000])
@pytest.mark.parametrize("ratio", [1.5, 2, 4, 8, 20])
def test_levels_differ_by_the_static_curve(ratio, hz, sampling_rate, tone, level_db, rng):
    dbs = 0, -12, -35
    out = Compression(ratio)(steps(tone, *dbs, hz=hz, sampling_rate=sampling_rate), sampling_rate, rng)
    settled = [part[-sampling_rate // 2 :] for part in np.split(out, 3)]
    loud, middle, soft = map(level_db, settled)
    # above -20 dB, `ratio` dB become one; below, none is changed
    assert loud - middle == pytest.approx(12 / ratio, abs=0.2)
    assert middle - soft == pytest.approx(8 / ratio + 15, abs=0.2)


def test_the_threshold_is_that_of_the_id(tone, level_db, rng):
    assert Compression(4).id == "compression@ratio=4"
    low = Compression(4, -40)
    assert low.id == "compression@ratio=4,threshold_db=-40"
    loud, soft = np.split(low(steps(tone, 0, -32), RATE, rng), 2)
    assert level_db(loud[RATE:]) - level_db(soft[RATE:]) == pytest.approx(8, abs=0.2)


@pytest.mark.parametrize(("dbs", "seconds"), [((-20, 0), 0.005), ((0, -20), 0.1)], ids=["attack", "release"])
def test_the_gain_has_gone_63_percent_of_its_way_after_one_time_constant(dbs, seconds, tone, rng):
    out = Compression(20)(wave := steps(tone, *dbs, hz=2000), RATE, rng)
    crests = np.maximum.reduceat(np.abs(out), np.arange(0, len(out), 8))
    gain = 20 * np.log10(crests / np.maximum.reduceat(np.abs(wave), np.arange(0, len(wave), 8)))
    gain -= gain.min()
    fast = dbs[0] < dbs[1]
    # the level is met 5 ms ahead of an onset, and held for 5 ms behind an end
    at = round((1.5 + seconds + (-0.005 if fast else 0.005)) * RATE / 8)
    assert gain.max() == pytest.approx(20 * (1 - 1 / 20), abs=0.1)
    share = gain[at - 2 : at + 3] / gain.max()
    assert share.min() <= (np.exp(-1) if fast else 1 - np.exp(-1)) <= share.max()


def test_a_steady_tone_is_not_distorted(tone, rng):
    sine = tone(100)
    np.testing.assert_allclose(Compression(20)(sine, RATE, rng), sine, atol=1e-6)


@pytest.mark.shared
def test_speech_keeps_its_rms_and_loses_range(speech, level_db, rng):
    for wave in speech:
        spans = []
        for ratio in (1, 1.5, 2, 4, 8, 20):
            out = Compression(ratio)(wave, RATE, rng)
            assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)
            frames = [level_db(frame + 1e-9) for frame in np.array_split(out, len(out) // 320)]
            spans.append(np.percentile(frames, 95) - np.percentile(frames, 30))
        assert spans == sorted(spans, reverse=True)
        assert 2 < spans[0] - spans[2] < spans[0] - spans[5] < 20 * (1 - 1 / 20)


def test_ratio_1_changes_nothing(noise, rng):
    np.testing.assert_allclose(Compression(1)(noise(), RATE, rng), noise(), rtol=1e-6)


@pytest.mark.parametrize("samples", [1, 15, 160, 161])
def test_the_shortest_waves_survive(samples, noise, rng):
    assert Compression(4)(noise()[:samples], RATE, rng).shape == (samples,)


def test_silence_stays_silence(rng):
    silence = np.zeros(RATE, np.float32)
    np.testing.assert_array_equal(Compression(4)(silence, RATE, rng), silence)
