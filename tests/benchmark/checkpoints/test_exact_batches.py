"""Batching never changes a number: against the library itself, one utterance at a time."""

import json

import numpy as np
import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint

SHAPES = [("wav2vec2", "group"), ("wav2vec2", "layer")]  # all families: test_families.py
POLICY = {"group": "masked group norm", "layer": "mask"}


def relative(difference, reference):
    return np.linalg.norm(difference - reference) / np.linalg.norm(reference)


@pytest.mark.parametrize(("kind", "norm"), SHAPES)
def test_a_batch_predicts_what_one_by_one_predicts(make_folder, waves, by_the_library, kind, norm):
    folder = make_folder(kind, norm)
    checkpoint = open_checkpoint(folder)
    alone = by_the_library(folder, waves)
    batched = checkpoint.predict(waves)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == POLICY[norm]
    assert relative(batched, single) <= 1e-6
    assert relative(batched, alone) <= 1e-6
    assert relative(by_the_library(folder, waves, together=True), alone) > 1e-3  # so the test has power
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6
    assert checkpoint.proofs.batch_changed_labels == 0
    assert checkpoint.proofs.repeat_max_difference == 0


def test_the_order_of_a_batch_does_not_matter(group_folder, waves):
    checkpoint = open_checkpoint(group_folder)
    np.testing.assert_allclose(checkpoint.predict(waves[::-1])[::-1], checkpoint.predict(waves), rtol=1e-5)


def test_the_extractor_decides_whether_a_wave_is_normalised(make_folder, waves, by_the_library):
    folder = make_folder()
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    normalised = open_checkpoint(folder).predict(waves)
    (folder / "preprocessor_config.json").write_text(json.dumps({**settings, "do_normalize": False}))
    raw = open_checkpoint(folder).predict(waves)
    assert relative(raw, by_the_library(folder, waves)) <= 1e-6
    assert relative(raw, normalised) > 1e-5


def test_the_number_of_threads_is_the_callers(group_folder):
    import torch

    open_checkpoint(group_folder, threads=2)
    assert torch.get_num_threads() == 2
    open_checkpoint(group_folder, threads=1)
    assert torch.get_num_threads() == 1


def test_an_empty_batch_gives_no_rows(group_folder):
    assert open_checkpoint(group_folder).predict([]).shape == (0, 4)


def test_the_shortest_wave_is_padded_to_the_receptive_field(group_folder):
    checkpoint = open_checkpoint(group_folder)
    assert checkpoint.info.shortest_input == 400 / 16000  # Baevski et al. 2020: 25 ms
    wave = np.random.default_rng(0).standard_normal(160).astype(np.float32)
    padded = np.concatenate([wave, np.zeros(240, dtype=np.float32)])
    np.testing.assert_array_equal(checkpoint.predict([wave]), checkpoint.predict([padded]))
