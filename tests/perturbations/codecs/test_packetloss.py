"""The share of lost packets, and what fills their gaps."""

from itertools import pairwise

import numpy as np
import pytest
from ser_audit.perturbations.codecs.concealment import continued, period
from ser_audit.perturbations.codecs.packetloss import PacketLoss, borders

RATE = 16000


def lost(wave, out, sampling_rate=RATE):
    """The packets that are not as they were from 5 ms on (4 ms of overlap may follow a gap), by index."""
    border = borders(len(wave), sampling_rate)
    late = sampling_rate * 5 // 1000
    pairs = pairwise(border)
    return [i for i, (a, b) in enumerate(pairs) if (wave[a + late : b] != out[a + late : b]).any()]


@pytest.mark.parametrize(
    ("percent", "seconds", "count"),
    [(1, 3, 2), (5, 3, 8), (10, 3, 15), (20, 3, 30), (50, 3, 75), (20, 60, 600), (5, 0.2, 0), (5, 0.22, 1)],
)
def test_the_share_of_lost_packets_is_exact(percent, seconds, count, noise):
    for seed in range(5):
        wave = noise(seconds, seed=seed)
        out = PacketLoss(percent)(wave, RATE, np.random.default_rng(seed))
        assert len(out) == len(wave)
        assert len(lost(wave, out)) == count


@pytest.mark.parametrize("sampling_rate", [8000, 11025, 44100, 48000])
def test_packets_are_of_20_ms_at_every_sampling_rate(sampling_rate, noise, rng):
    wave = noise(5)
    border = borders(len(wave), sampling_rate)
    assert np.abs(np.diff(border)[:-1] - 0.02 * sampling_rate).max() <= 1
    assert border[-1] == len(wave)
    out = PacketLoss(10)(wave, sampling_rate, rng)
    assert len(lost(wave, out, sampling_rate)) == round((len(border) - 1) / 10)


def test_every_packet_is_as_likely(noise):
    wave = noise(0.2)
    drawn = [lost(wave, PacketLoss(30)(wave, RATE, np.random.default_rng(seed))) for seed in range(400)]
    assert {len(packets) for packets in drawn} == {3}
    counts = np.bincount(np.concatenate(drawn), minlength=10)
    assert np.abs(counts - 120).max() < 4 * np.sqrt(400 * 0.3 * 0.7)


def test_all_that_arrives_stays_as_it_was_but_for_4_ms_behind_a_gap(noise, rng):
    wave = noise(5)
    out = PacketLoss(20)(wave, RATE, rng)
    gone = lost(wave, out)
    for packet in set(range(250)) - set(gone):
        start = 320 * packet + (64 if packet - 1 in gone else 0)
        np.testing.assert_array_equal(out[start : 320 * (packet + 1)], wave[start : 320 * (packet + 1)])
    assert np.abs(out).max() <= np.abs(wave).max()


def test_no_loss_changes_nothing(noise, rng):
    wave = noise(1)
    np.testing.assert_array_equal(PacketLoss(0)(wave, RATE, rng), wave)
    short = noise(0.01)
    np.testing.assert_array_equal(PacketLoss(50)(short, RATE, rng), short)  # half of one packet is none


@pytest.mark.parametrize(("sampling_rate", "lag"), [(8000, 80), (8000, 119), (16000, 121), (48000, 444)])
def test_a_periodic_sound_goes_on_and_fades_within_60_ms(sampling_rate, lag):
    cycle = np.random.default_rng(1).standard_normal(lag).astype(np.float32)
    wave = np.tile(cycle, sampling_rate // lag)
    start = 5 * lag + 17 + sampling_rate // 20
    assert period(wave[:start], sampling_rate) == lag
    filled = continued(wave[:start], sampling_rate // 10, sampling_rate)
    ms = sampling_rate // 1000
    goes_on = wave[start : start + len(filled)]
    np.testing.assert_array_equal(filled[: 10 * ms], goes_on[: 10 * ms])
    np.testing.assert_allclose(filled[20 * ms], 0.8 * goes_on[20 * ms], rtol=1e-6)
    np.testing.assert_allclose(filled[35 * ms], 0.5 * goes_on[35 * ms], rtol=1e-6)
    assert not filled[60 * ms :].any()


def test_the_spectrum_of_a_voice_goes_on_as_it_would_not_in_silence(voice, spectral_error):
    errors = []
    for seed in range(5):
        out = PacketLoss(20)(voice, RATE, np.random.default_rng(seed))
        silent = voice.copy()
        for packet in lost(voice, out):
            silent[320 * packet : 320 * (packet + 1)] = 0
        errors.append((spectral_error(voice, out), spectral_error(voice, silent)))
    filled, empty = np.mean(errors, axis=0)
    assert filled < 0.9 * empty


def test_a_gap_at_the_beginning_is_silent(noise):
    wave = noise(0.04)
    outs = [PacketLoss(50)(wave, RATE, np.random.default_rng(seed)) for seed in range(20)]
    first = [out for out in outs if lost(wave, out) == [0]]
    assert first
    assert not any(out[:320].any() for out in first)
    assert len(first) < 20


def test_the_level_of_the_recording_does_not_matter(voice):
    soft, loud = (PacketLoss(20)(wave, RATE, np.random.default_rng(1)) for wave in (voice / 1024, voice))
    np.testing.assert_array_equal(soft * 1024, loud)


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_silence_and_constants_survive(value, rng):
    wave = np.full(RATE, value, np.float32)
    out = PacketLoss(20)(wave, RATE, rng)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= value


def test_a_share_out_of_range_is_refused():
    with pytest.raises(ValueError, match="packetloss: percent=51 is out of range; it takes 0 to 50 %"):
        PacketLoss(51)
