"""Encoders that are known by name: they have the published sizes, and files beside a checkpoint win."""

import json

import pytest
from ser_audit.benchmark.checkpoints import encoders
from ser_audit.benchmark.errors import InputError

# Millions of parameters in the papers (wav2vec 2.0, section 4.2; HuBERT, table 1; WavLM, table 1), which
# count what pre-training alone needs.
MILLIONS = {("wav2vec2", 768): 95, ("wav2vec2", 1024): 317, ("hubert", 768): 95, ("hubert", 1024): 317}
MILLIONS |= {("wavlm", 768): 94.70, ("wavlm", 1024): 316.62}


@pytest.mark.parametrize("name", encoders.PUBLISHED)
def test_a_named_encoder_has_the_published_size_and_is_all_weights(name, tmp_path):
    import torch
    from ser_audit.benchmark.checkpoints.encoder_model import build

    encoder = encoders.find(name, tmp_path)
    with torch.device("meta"):
        module = build(encoder)
    config = encoder.config
    expected = MILLIONS[config["model_type"], config["hidden_size"]]
    assert sum(p.numel() for p in module.parameters()) / 1e6 == pytest.approx(expected, rel=0.01)
    assert {key for key, _ in module.named_buffers()} <= set(module.state_dict())  # none stays on meta
    assert encoder.facts == {"sampling_rate": 16_000, "shortest_input": 0.025}
    assert module.config.num_attention_heads * 64 == config["hidden_size"]  # as in all the papers


def test_a_norm_over_time_stands_in_the_base_models_only():
    """Baevski et al. 2020, appendix A: layer norm in the convolutions of the models of LV-60k alone."""
    group = {n for n, (_, config, _) in encoders.PUBLISHED.items() if config["feat_extract_norm"] == "group"}
    assert {name for name in encoders.PUBLISHED if "base" in name} <= group
    assert group - {name for name in encoders.PUBLISHED if "base" in name} == {
        "facebook/wav2vec2-large",
        "facebook/wav2vec2-large-960h",
    }


def test_an_unknown_name_says_which_files_would_tell(tmp_path):
    with pytest.raises(InputError, match=r"'a/b', whose .* put its config.json and preprocessor_config.json"):
        encoders.find("a/b", tmp_path)


@pytest.mark.parametrize(
    ("config", "extractor", "message"),
    [
        ({"model_type": "wavlm"}, None, "encoder needs both config.json and preprocessor_config.json"),
        ({"model_type": "llama"}, {}, "holds an encoder of the family 'llama'"),
        ({"model_type": "wavlm"}, {"sampling_rate": 16000}, "does not tell do_normalize and sampling_rate"),
    ],
)
def test_files_that_do_not_tell_the_encoder_are_refused(tmp_path, config, extractor, message):
    folder = tmp_path / encoders.BESIDE
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    if extractor is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(extractor))
    with pytest.raises(InputError, match=message):
        encoders.find("microsoft/wavlm-large", tmp_path)


def test_what_a_saved_configuration_leaves_out_is_the_default_of_its_family(tmp_path):
    from transformers import AutoConfig

    folder = tmp_path / encoders.BESIDE
    for family in encoders.FAMILIES:
        default = AutoConfig.for_model(family)
        assert {key: encoders.BASE[key] for key in encoders.BASE} == {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in default.to_dict().items()
            if key in encoders.BASE
        }
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "hubert"}')
    (folder / "preprocessor_config.json").write_text('{"do_normalize": false, "sampling_rate": 8000}')
    found = encoders.find("anything", tmp_path)
    assert found == encoders.Encoder({**encoders.BASE, "model_type": "hubert"}, False, 8000)
    assert found.facts["shortest_input"] == 0.05
