"""emotion2vec with a classification head as a torch module, for predictions only.

Source: Ma et al. 2023, "emotion2vec: self-supervised pre-training for speech emotion representation"; its
network is that of data2vec 2.0 (Baevski et al. 2022, "Efficient self-supervised learning with
contextualized target representations") with ALiBi (Press et al. 2022, "Train short, test long").
Submodules carry the names of the published tensors: ``modality_encoders.AUDIO.*``, ``blocks.*``, ``proj.*``.

Shapes: B utterances, S samples, T frames, E extra tokens, D features, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import nn

from .emotion2vec_config import Audio, Model


class Transpose(nn.Module):
    """Swap the last two axes: channels and time."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Float (B, x, y) to (B, y, x)."""
        return states.transpose(1, 2)


class LocalEncoder(nn.Module):
    """Convolutions on the wave, each with a layer norm over its channels and a GELU."""

    def __init__(self, audio: Audio) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList()
        inputs = 1
        for channels, kernel, stride in audio.feature_encoder_spec:
            norm = nn.Sequential(Transpose(), nn.LayerNorm(channels), Transpose())
            convolution = nn.Conv1d(inputs, channels, kernel, stride, bias=False)
            self.conv_layers.append(nn.Sequential(convolution, nn.Identity(), norm, nn.GELU()))
            inputs = channels

    def forward(self, waves: torch.Tensor) -> torch.Tensor:
        """Float (B, S) to (B, channels, T)."""
        states = waves[:, None]
        for layer in self.conv_layers:
            states = layer(states)
        return states


class PositionalEncoder(nn.ModuleDict):
    """Grouped convolutions over frames, each with a layer norm without parameters and a GELU."""

    def __init__(self, model: Model, audio: Audio) -> None:
        super().__init__()
        size, kernel = model.embed_dim, max(3, audio.conv_pos_width // audio.conv_pos_depth)
        for place in range(1, audio.conv_pos_depth + 1):
            convolution = nn.Conv1d(size, size, kernel, padding=kernel // 2, groups=audio.conv_pos_groups)
            self[str(place)] = nn.Sequential(convolution)

    def forward(self, frames: torch.Tensor, valid: torch.Tensor | None) -> torch.Tensor:
        """Encode float (B, T, D).

        Every convolution must see zeros beyond the end of an utterance, as it does where there is no
        padding: the norm makes something of nothing, so the padding is emptied before each of them.

        Args:
            frames: float (B, T, D).
            valid: bool (B, T), true over an utterance's own frames; None where all are.
        """
        states = frames
        for convolution in self.values():
            if valid is not None:
                states = states * valid[..., None]
            states = convolution(states.transpose(1, 2)).transpose(1, 2)
            states = states[:, : frames.shape[1]]  # an even kernel makes one frame more
            states = F.gelu(F.layer_norm(states, states.shape[-1:]))
        return states


class Attention(nn.Module):
    """Self-attention with a bias on every pair of positions."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.heads = model.num_heads
        self.qkv = nn.Linear(model.embed_dim, 3 * model.embed_dim)
        self.proj = nn.Linear(model.embed_dim, model.embed_dim)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Attend.

        Args:
            states: float (B, E + T, D).
            bias: float (B or 1, H, E + T, E + T), added to the logits; −inf hides a key.
        """
        batch, length, size = states.shape
        queries, keys, values = self.qkv(states).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
        return self.proj(attended.transpose(1, 2).reshape(batch, length, size))


class Block(nn.Module):
    """A transformer block; its norms come after the sums."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        size, hidden = model.embed_dim, int(model.embed_dim * model.mlp_ratio)
        self.attn = Attention(model)
        self.norm1 = nn.LayerNorm(size, model.norm_eps)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(size, hidden), "fc2": nn.Linear(hidden, size)})
        self.norm2 = nn.LayerNorm(size, model.norm_eps)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Float (B, E + T, D) to the same, with the bias of :class:`Attention`."""
        states = self.norm1(states + self.attn(states, bias))
        return self.norm2(states + self.mlp["fc2"](F.gelu(self.mlp["fc1"](states))))


class ContextEncoder(nn.Module):
    """A norm, and the blocks that belong to audio alone."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(model.embed_dim, model.norm_eps)
        self.blocks = nn.ModuleList(Block(model) for _ in range(model.modalities.audio.prenet_depth))


class AudioEncoder(nn.Module):
    """From the wave to what the blocks take."""

    slopes: torch.Tensor  # of ALiBi, float (H, 1, 1)

    def __init__(self, model: Model) -> None:
        super().__init__()
        audio, size = model.modalities.audio, model.embed_dim
        channels = audio.feature_encoder_spec[-1][0]
        self.local_encoder = LocalEncoder(audio)
        self.project_features = nn.Sequential(Transpose(), nn.LayerNorm(channels), nn.Linear(channels, size))
        self.relative_positional_encoder = PositionalEncoder(model, audio)
        self.extra_tokens = nn.Parameter(torch.empty(1, audio.num_extra_tokens, size))
        self.context_encoder = ContextEncoder(model)
        heads = model.num_heads if audio.learned_alibi_scale_per_head else 1
        self.alibi_scale = nn.Parameter(torch.empty(1, 1, heads, 1, 1))
        slopes = torch.tensor(alibi_slopes(model.num_heads), device="cpu")[:, None, None]
        self.register_buffer("slopes", slopes, persistent=False)

    def states(self, frames: torch.Tensor, valid: torch.Tensor | None) -> torch.Tensor:
        """Frames with their positions after the extra tokens, normalised: (B, T, D) to (B, E + T, D)."""
        positioned = frames + self.relative_positional_encoder(frames, valid)
        tokens = self.extra_tokens.expand(len(frames), -1, -1)
        return self.context_encoder.norm(torch.cat([tokens, positioned], dim=1))

    def bias(self, frames: int, valid: torch.Tensor | None) -> torch.Tensor:
        """ALiBi: minus the distance of two frames, times the slope and the learned scale of each head.

        The extra tokens have no place in time: nothing to and from them.

        Args:
            frames: T.
            valid: bool (B, T); frames beyond are hidden. None where all frames are valid.

        Returns:
            float (B or 1, H, E + T, E + T).
        """
        places = torch.arange(frames, device=self.slopes.device, dtype=torch.float32)
        distance = (places[:, None] - places).abs()
        extra = self.extra_tokens.shape[1]
        bias = -distance * self.slopes * self.alibi_scale[0].clamp_min(0)
        bias = F.pad(bias, (extra, 0, extra, 0)).to(self.extra_tokens.dtype)
        if valid is None:
            return bias
        keys = F.pad(valid, (extra, 0), value=True)[:, None, None]
        return bias.masked_fill(~keys, -math.inf)


class Emotion2vec(nn.Module):
    """emotion2vec, average over time, linear head."""

    def __init__(self, model: Model, outputs: int, used: Sequence[int]) -> None:
        """Build it.

        Args:
            model: the declared architecture.
            outputs: of the head.
            used: those of them that stand for a class, in order.
        """
        super().__init__()
        self.convolutions = [(k, s) for _, k, s in model.modalities.audio.feature_encoder_spec]
        self.used = slice(None) if len(used) == outputs else list(used)
        self.modality_encoders = nn.ModuleDict({"AUDIO": AudioEncoder(model)})
        self.blocks = nn.ModuleList(Block(model) for _ in range(model.depth))
        self.proj = nn.Linear(model.embed_dim, outputs)

    def forward(self, waves: torch.Tensor, samples: torch.Tensor | None = None) -> torch.Tensor:
        """Predict.

        Args:
            waves: float (B, S), each utterance normalised before padding.
            samples: int (B,), of each utterance; None where all have S.

        Returns:
            Logits of the used outputs, float (B, classes).
        """
        audio = cast(AudioEncoder, self.modality_encoders["AUDIO"])
        frames = audio.project_features(audio.local_encoder(waves))
        length = frames.shape[1]
        valid = None
        if samples is not None:
            valid = torch.arange(length, device=waves.device) < self._frames(samples)[:, None]
        states, bias = audio.states(frames, valid), audio.bias(length, valid)
        for block in (*audio.context_encoder.blocks, *self.blocks):
            states = block(states, bias)
        spoken = states[:, -length:]
        if valid is None:
            return self.proj(spoken.mean(dim=1))[:, self.used]
        weights = valid.to(spoken.dtype)[..., None]
        return self.proj((spoken * weights).sum(dim=1) / weights.sum(dim=1))[:, self.used]

    def _frames(self, samples: torch.Tensor) -> torch.Tensor:
        """Frames that the convolutions make of as many samples, int (B,)."""
        for kernel, stride in self.convolutions:
            samples = torch.div(samples - kernel, stride, rounding_mode="floor") + 1
        return samples


def alibi_slopes(heads: int) -> list[float]:
    """Slope of each head: 2^(−8/n), 2^(−16/n), … for n heads, n a power of two (Press et al. 2022).

    Other numbers take those of the next lower power of two, then every other one of the next higher.
    """
    lower = 2 ** math.floor(math.log2(heads))
    first = [2.0 ** (-8 * place / lower) for place in range(1, lower + 1)]
    return first + [2.0 ** (-4 * place / lower) for place in range(1, 2 * (heads - lower), 2)]
