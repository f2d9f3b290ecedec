"""Training a regressor of arousal, dominance and valence: the recipe of Wagner et al. 2023.

The loss is the mean over the dimensions of 1 − CCC; Adam; the epoch that is best on the development
speakers is kept. What differs from theirs, since there is no pretraining here: every weight is trained,
and the rate of learning warms up and then falls in a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

EPSILON = 1e-7  # variance of a 16-bit silence; the one of the released preprocessor


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train."""

    epochs: int
    batch: int  # utterances
    rate: float  # of learning, at its highest
    warm_up: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    clip: float = 1.0  # norm of the gradient


@dataclass(frozen=True)
class Examples:
    """Utterances and their truth."""

    waves: list[np.ndarray]  # float32 (samples,) each, zero mean and unit variance
    truth: np.ndarray  # float32 (utterances, dimensions), [0, 1]


def normalised(wave: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance, as ``Wav2Vec2FeatureExtractor`` with ``do_normalize`` does."""
    return ((wave - wave.mean()) / np.sqrt(wave.var() + EPSILON)).astype(np.float32)


def ccc_loss(prediction: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean over the dimensions of 1 − CCC (Lin 1989; Wagner et al. 2023, section 3.3).

    Args:
        prediction: float (batch, dimensions), batch of at least 2.
        truth: of the same shape.

    Returns:
        A scalar in [0, 2].
    """
    p, t = prediction - prediction.mean(dim=0), truth - truth.mean(dim=0)
    gap = prediction.mean(dim=0) - truth.mean(dim=0)
    ccc = 2.0 * (p * t).mean(dim=0) / ((p * p).mean(dim=0) + (t * t).mean(dim=0) + gap * gap)
    return (1.0 - ccc).mean()


def padded(waves: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad a batch with zeros: float32 (batch, samples), and its mask, int64 (batch, samples)."""
    import torch

    values = torch.zeros(len(waves), max(len(wave) for wave in waves))
    mask = torch.zeros(values.shape, dtype=torch.long)
    for row, wave in enumerate(waves):
        values[row, : len(wave)] = torch.from_numpy(wave)
        mask[row, : len(wave)] = 1
    return values, mask


def predict(model: torch.nn.Module, waves: list[np.ndarray], batch: int = 32) -> np.ndarray:
    """Predict all: float32 (utterances, dimensions). The model's mode is left as found."""
    import torch

    training = model.training
    model.eval()
    order = np.argsort([len(wave) for wave in waves], kind="stable")
    parts = []
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            parts.append(model(*padded([waves[i] for i in rows])).numpy())
    model.train(training)
    outputs = np.empty_like(np.concatenate(parts))
    outputs[order] = np.concatenate(parts)
    return outputs


def train(
    model: torch.nn.Module,
    examples: Examples,
    development: Examples,
    schedule: Schedule,
    seed: int,
    say: Callable[[str], None] = print,
) -> None:
    """Train in place, and leave the weights of the best epoch.

    Args:
        model: called with padded waves and their mask, it returns float (batch, dimensions).
        examples: what it learns from.
        development: chooses the epoch, by the mean CCC over the dimensions.
        schedule: epochs, batch, rate.
        seed: of the order of the batches.
        say: is told a line per epoch.
    """
    import audmetric
    import torch

    rng = np.random.default_rng(seed)
    lengths = np.array([len(wave) for wave in examples.waves])
    truth = torch.from_numpy(examples.truth)
    steps = schedule.epochs * math.ceil(len(lengths) / schedule.batch)
    warm = schedule.warm_up * steps
    optimiser = torch.optim.AdamW(model.parameters(), schedule.rate, weight_decay=schedule.weight_decay)
    falling = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (steps - step) / (steps - warm))
    )
    best, kept = -math.inf, {}
    for epoch in range(1, schedule.epochs + 1):
        model.train()
        losses = []
        for rows in _batches(lengths, schedule.batch, rng):
            loss = ccc_loss(model(*padded([examples.waves[i] for i in rows])), truth[rows])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), schedule.clip)
            optimiser.step()
            falling.step()
            losses.append(loss.item())
        found = predict(model, development.waves)
        cccs = [audmetric.concordance_cc(t, p) for t, p in zip(development.truth.T, found.T, strict=True)]
        mean = float(np.mean(cccs))
        shown = " ".join(f"{ccc:.3f}" for ccc in cccs)
        say(f"epoch {epoch:2d}: loss {np.mean(losses):.3f}, development CCC {shown}")
        if mean > best:
            best, kept = mean, {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(kept)
    model.eval()


def _batches(lengths: np.ndarray, batch: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Shuffled batches of about equal lengths: sorted within random pools of 8 batches."""
    order = rng.permutation(len(lengths))
    pools = [order[i : i + 8 * batch] for i in range(0, len(order), 8 * batch)]
    pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    batches = [pool[i : i + batch] for pool in pools for i in range(0, len(pool), batch)]
    return [batches[i] for i in rng.permutation(len(batches)) if len(batches[i]) > 1]
