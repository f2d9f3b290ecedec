"""The released audEERING layout as a torch module: wav2vec 2.0, mean pooling, regression head.

Source: Wagner et al. 2023, "Dawn of the transformer era in speech emotion recognition", and the model
card of ``audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim``. The parameter names are theirs:
``wav2vec2.*``, ``classifier.dense.*``, ``classifier.out_proj.*``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import Wav2Vec2Config


@cache
def model_class() -> type:
    """Build the ``SpeechRegressor`` class; torch and transformers are imported at the first call.

    Returns:
        A ``Wav2Vec2PreTrainedModel``: build it from a ``Wav2Vec2Config`` or by ``from_pretrained``.
    """
    import torch
    from torch import nn
    from transformers import Wav2Vec2Model, Wav2Vec2PreTrainedModel

    class RegressionHead(nn.Module):
        """Dropout → dense → tanh → dropout → out_proj (Wagner et al. 2023, section 3.2)."""

        def __init__(self, config: Wav2Vec2Config) -> None:
            super().__init__()
            self.dense = nn.Linear(config.hidden_size, config.hidden_size)
            self.dropout = nn.Dropout(config.final_dropout)
            self.out_proj = nn.Linear(config.hidden_size, len(config.id2label or ()))

        def forward(self, pooled: torch.Tensor) -> torch.Tensor:
            """Map pooled states, float (batch, hidden), to raw outputs, float (batch, labels)."""
            hidden = torch.tanh(self.dense(self.dropout(pooled)))
            return self.out_proj(self.dropout(hidden))

    class SpeechRegressor(Wav2Vec2PreTrainedModel):
        """wav2vec 2.0, average over time, regression head."""

        def __init__(self, config: Wav2Vec2Config) -> None:
            super().__init__(config)
            self.wav2vec2 = Wav2Vec2Model(config)
            self.classifier = RegressionHead(config)
            self.post_init()  # init_weights() fails in transformers 5

        def forward(
            self, input_values: torch.Tensor, attention_mask: torch.LongTensor | None = None
        ) -> torch.Tensor:
            """Predict.

            Args:
                input_values: float (batch, samples), each utterance normalised before padding.
                attention_mask: (batch, samples), 1 over samples and 0 over padding; None where all
                    utterances are equally long.

            Returns:
                Raw outputs, float (batch, labels), in the order of ``config.id2label``.
            """
            states = self.wav2vec2(input_values, attention_mask=attention_mask).last_hidden_state
            if attention_mask is None:
                return self.classifier(states.mean(dim=1))
            valid = self._get_feature_vector_attention_mask(states.shape[1], attention_mask)
            weights = valid.to(states.dtype).unsqueeze(-1)
            return self.classifier((states * weights).sum(dim=1) / weights.sum(dim=1))

    return SpeechRegressor
