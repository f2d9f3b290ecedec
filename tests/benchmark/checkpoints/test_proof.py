"""A padding policy is in force only where the probe batch proves it."""

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import batching, masked_norm, open_checkpoint, proof


def mean_square(batch):
    """A model without weights: (batch, samples) -> two outputs that depend on the length."""
    return np.stack([(batch**2).mean(axis=1), np.abs(batch).mean(axis=1)], axis=1).astype(np.float32)


def padded_mean_square(waves):
    return mean_square(batching.pad(waves)[0])


def test_a_group_norm_that_sees_the_padding_is_not_used(group_folder, monkeypatch):
    stock = masked_norm.nn.GroupNorm.forward
    monkeypatch.setattr(masked_norm.MaskedGroupNorm, "forward", stock)
    checkpoint = open_checkpoint(group_folder)
    assert checkpoint.padding == "equal lengths"
    assert checkpoint.proofs.batch_relative_l2 <= proof.TOLERANCE


def test_padding_is_refused_where_the_length_counts():
    waves = proof.probe(16000)
    single = batching.one_by_one(mean_square)
    policies = {
        "mask": padded_mean_square,
        "equal lengths": batching.equal_lengths(mean_square),
        "one by one": single,
    }
    assert proof.prove(padded_mean_square, single, waves).relative_l2 > 0.1
    policy, found = proof.first_exact(policies, single(waves), waves, classes=[0, 1])
    assert policy == "equal lengths"
    assert found.relative_l2 <= proof.TOLERANCE
    assert found.changed_labels == 0


def test_a_model_whose_rows_depend_on_each_other_runs_one_by_one():
    def centred(batch):
        raw = mean_square(batch)
        return raw - raw.mean(axis=0) if len(batch) > 1 else raw

    waves = proof.probe(16000)
    single = batching.one_by_one(centred)
    policies = {"equal lengths": batching.equal_lengths(centred), "one by one": single}
    assert proof.first_exact(policies, single(waves), waves)[0] == "one by one"


def test_a_policy_that_breaks_is_not_exact():
    def breaks(waves):
        raise RuntimeError("a fixed batch axis")

    waves = proof.probe(16000)
    single = batching.one_by_one(mean_square)
    policies = {"mask": breaks, "one by one": single}
    assert proof.first_exact(policies, single(waves), waves)[0] == "one by one"


def test_changed_labels_and_repeats_are_counted():
    waves = proof.probe(16000)
    calls = []

    def unsteady(batch):
        calls.append(None)
        rows = np.tile(np.float32([1.0, 0.0]), (len(batch), 1))
        return rows[:, ::-1] + np.float32(0.25 * len(calls))

    found = proof.prove(unsteady, lambda w: np.tile(np.float32([1.0, 0.0]), (len(w), 1)), waves, [0, 1])
    assert found.changed_labels == len(waves)
    assert found.repeat_max_difference == pytest.approx(0.25)
    assert not found.exact


def test_the_probe_is_speech_like_and_the_same_everywhere():
    waves = proof.probe(16000)
    seconds = sorted(len(wave) / 16000 for wave in waves)
    assert len(waves) == 8
    assert (seconds[0], seconds[-1]) == (0.3, 3.0)
    assert len(set(seconds)) < len(seconds)  # some of equal length, to prove that policy too
    peaks = 20 * np.log10([np.abs(wave).max() for wave in waves])
    assert peaks.max() - peaks.min() == pytest.approx(30, abs=1)
    power = np.abs(np.fft.rfft(waves[2])) ** 2  # 3 seconds: bins of 1/3 Hz
    octaves = [power[int(3 * low) : int(6 * low)].mean() for low in (200, 400, 800, 1600, 3200)]
    assert np.diff(10 * np.log10(octaves)) == pytest.approx([-6] * 4, abs=1)  # 1/f amplitude
    for wave, again in zip(waves, proof.probe(16000), strict=True):
        np.testing.assert_array_equal(wave, again)


@pytest.mark.parametrize("wave", [np.zeros((2, 400)), np.zeros(0)])
def test_a_wave_must_be_mono_and_hold_samples(wave):
    with pytest.raises(Exception, match=r"shape .* give \(samples,\), mono, not empty"):
        batching.prepare([wave], 0)


def test_equal_lengths_keeps_the_order_of_the_batch():
    waves = [np.full(n, value, dtype=np.float32) for n, value in ((3, 1), (5, 2), (3, 3), (4, 4), (5, 5))]
    np.testing.assert_array_equal(batching.equal_lengths(mean_square)(waves)[:, 1], [1, 2, 3, 4, 5])
