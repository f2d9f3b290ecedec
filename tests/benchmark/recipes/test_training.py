"""The training loop: its loss is CCC's, its input is normalised as released, the best epoch is kept."""

import re

import audmetric
import numpy as np
import pytest
from ser_audit.benchmark.recipes.training import (
    Examples,
    Schedule,
    ccc_loss,
    normalised,
    padded,
    predict,
    train,
)

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)


def toy():
    """A regressor of one number from the mean and the power of a wave."""

    class Toy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.head = torch.nn.Linear(2, 1)

        def forward(self, values, mask):
            n = mask.sum(dim=1)
            return self.head(torch.stack([values.sum(dim=1) / n, (values**2).sum(dim=1) / n], dim=1))

    torch.manual_seed(0)
    return Toy()


def examples(count, seed):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 1, count)
    waves = [(t + 0.3 * rng.standard_normal(rng.integers(50, 90))).astype(np.float32) for t in truth]
    return Examples(waves, truth[:, None].astype(np.float32))


def test_the_loss_is_the_mean_of_one_minus_ccc():
    truth, prediction = RNG.uniform(0, 1, (40, 3)), RNG.uniform(-0.5, 2, (40, 3))
    expected = np.mean([1 - audmetric.concordance_cc(truth[:, i], prediction[:, i]) for i in range(3)])
    found = ccc_loss(torch.from_numpy(prediction), torch.from_numpy(truth)).item()
    assert found == pytest.approx(expected, abs=1e-12)
    assert ccc_loss(torch.from_numpy(truth), torch.from_numpy(truth)).item() == pytest.approx(0, abs=1e-12)


def test_normalisation_is_the_released_preprocessors():
    transformers = pytest.importorskip("transformers")
    extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    for scale in (1.0, 1e-3):
        wave = (scale * RNG.standard_normal(4000) + 0.1).astype(np.float32)
        expected = extractor(wave, sampling_rate=16000).input_values[0]
        assert normalised(wave) == pytest.approx(expected, abs=1e-5)


def test_padding_is_masked():
    values, mask = padded([np.ones(3, np.float32), np.ones(5, np.float32)])
    assert values.tolist() == mask.tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


def test_predictions_come_back_in_the_order_given():
    waves, model = examples(21, seed=1).waves, toy()
    one_by_one = np.concatenate([predict(model, [wave]) for wave in waves])
    assert predict(model, waves, batch=4) == pytest.approx(one_by_one, abs=1e-6)


def test_training_learns_and_repeats_itself():
    learnt, development = examples(160, seed=2), examples(40, seed=3)
    outcomes = []
    for _ in range(2):
        model, lines = toy(), []
        before = audmetric.concordance_cc(development.truth[:, 0], predict(model, development.waves)[:, 0])
        train(model, learnt, development, Schedule(epochs=6, batch=16, rate=0.1), 0, lines.append)
        found = predict(model, development.waves)[:, 0]
        outcomes.append(found)
        reached = audmetric.concordance_cc(development.truth[:, 0], found)
        told = [float(re.search(r"CCC ([-.\d]+)", line)[1]) for line in lines]
        assert len(told) == 6
        assert reached == pytest.approx(max(told), abs=6e-4)
        assert reached > max(0.8, before + 0.3)
        assert not model.training
    assert np.array_equal(*outcomes)


def test_the_best_epoch_is_kept_where_the_last_is_worse():
    learnt, development = examples(160, seed=2), examples(40, seed=3)
    development = Examples(development.waves, 1 - development.truth)  # the more is learnt, the worse
    model, lines = toy(), []
    train(model, learnt, development, Schedule(epochs=4, batch=16, rate=0.02), 0, lines.append)
    told = [float(re.search(r"CCC ([-.\d]+)", line)[1]) for line in lines]
    reached = audmetric.concordance_cc(development.truth[:, 0], predict(model, development.waves)[:, 0])
    assert max(told) > told[-1] + 0.05
    assert reached == pytest.approx(max(told), abs=6e-4)
