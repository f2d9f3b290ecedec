"""A padding policy is in force only where the probe batch proves it."""

from itertools import pairwise

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import batching, masked_norm, open_checkpoint, proof
from ser_audit.benchmark.errors import InputError


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
    assert len(waves) == len(proof.SECONDS)
    assert seconds[-1] > 4 * seconds[0]
    assert len(set(seconds)) < len(seconds)  # some of equal length, to prove that policy too
    peaks = 20 * np.log10([np.abs(wave).max() for wave in waves])
    assert peaks.max() - peaks.min() == pytest.approx(30, abs=1)
    longest = max(waves, key=len)
    power = np.abs(np.fft.rfft(longest)) ** 2
    width = len(longest) / 16000  # bins per Hz
    edges = [int(width * low) for low in (200, 400, 800, 1600, 3200, 6400)]
    octaves = [power[low:high].mean() for low, high in pairwise(edges)]
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


def leaky(strength, offset, scale=1.0):
    """A padding that changes the second output by a share of what utterances differ by, below an offset."""

    def alone(waves):
        level = np.array([np.log10(np.square(w).mean()) for w in waves])
        return np.stack([np.full(len(waves), 100.0), offset + scale * level], axis=1).astype(np.float64)

    def batched(waves):
        found = alone(waves)
        found[:, 1] += strength * scale * np.array([len(w) < 16000 for w in waves])
        return found

    return alone, batched


@pytest.mark.parametrize(("offset", "scale"), [(0.0, 1e-4), (2e4, 1.0)])
def test_neither_an_offset_nor_a_larger_output_hides_what_the_padding_changes(offset, scale):
    waves = proof.probe(16000)
    alone, batched = leaky(0.01, offset, scale)
    found = proof.prove(batched, alone, waves)
    assert found.relative_l2 <= proof.TOLERANCE  # all outputs together look unchanged
    assert found.leak > 5e-3
    assert not found.exact
    alone, batched = leaky(1e-6, offset, scale)
    assert proof.prove(batched, alone, waves).exact


def test_an_output_that_never_changes_is_held_against_its_own_size():
    waves = proof.probe(16000)

    def constant(value):
        return lambda waves: np.full((len(waves), 1), value, dtype=np.float32)

    assert proof.prove(constant(3.0), constant(3.0), waves).exact
    assert not proof.prove(constant(3.1), constant(3.0), waves).exact
    assert proof.prove(constant(0.0), constant(0.0), waves).exact


def test_a_policy_that_gives_nan_is_not_exact_and_a_model_that_does_is_refused():
    waves = proof.probe(16000)
    single = batching.one_by_one(mean_square)

    def spoiled(waves):
        return np.full((len(waves), 2), np.nan, dtype=np.float32)

    assert proof.first_exact({"mask": spoiled, "one by one": single}, single(waves), waves)[0] == "one by one"
    with pytest.raises(InputError, match="not finite"):
        proof.first_exact({"one by one": spoiled}, single(waves), waves)


def test_a_model_that_draws_random_numbers_fails_the_check_of_repeats(tmp_path):
    from types import SimpleNamespace

    import torch
    from ser_audit.benchmark.audits import integrity
    from ser_audit.benchmark.checkpoint import CheckpointInfo, Output
    from ser_audit.benchmark.checkpoints.torch_model import Forward, open_module

    class Careless(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.ones(1))

        def forward(self, waves):
            dropped = torch.nn.functional.dropout(waves, 0.3, training=True)
            return self.gain * torch.stack([dropped.abs().mean(-1), dropped.square().mean(-1)], dim=-1)

    def build(module):
        run = Forward(module)
        return batching.Policies(lambda batch: run(lambda: module(run.put(batch))))

    checkpoint = open_module(
        Careless(),
        build,
        format="python",
        name="careless",
        source="careless",
        files=[],
        info=CheckpointInfo((Output("arousal", "dimension"), Output("valence", "dimension")), 16000),
        device="cpu",
        weights="made here",
    )
    assert checkpoint.padding == "one by one"
    assert checkpoint.proofs.repeat_max_difference > 1e-4
    record = SimpleNamespace(name="careless", padding=checkpoint.padding)
    assert integrity._repeats(record, checkpoint.proofs).verdict == "fail"
    assert integrity._batches(record, checkpoint.proofs).verdict == "fail"


@pytest.mark.parametrize("shortest", [0.0, 0.1, 1.0, 1.5, 30.0])
def test_a_model_that_takes_no_short_waves_is_still_probed_with_different_lengths(shortest):
    lengths = [len(wave) for wave in proof.probe(16000, shortest)]
    assert min(lengths) >= round(shortest * 16000)
    assert len(set(lengths)) == len({round(s * 16000) for s in proof.SECONDS}) > 1
