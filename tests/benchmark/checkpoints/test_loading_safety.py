"""A checkpoint loads whole or not at all, and loading it runs nobody's code."""

import json
import pickle
import re
import shutil

import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.errors import InputError


def refused(match, *arguments, **options):
    with pytest.raises(InputError, match=match) as caught:
        open_checkpoint(*arguments, **options)
    return str(caught.value)


def rename(old, new):
    return lambda tensors: {key.replace(old, new): value for key, value in tensors.items()}


def test_a_missing_weight_is_named(group_folder, edit):
    folder = edit(group_folder, lambda t: {k: v for k, v in t.items() if k != "projector.weight"})
    refused(r"1 missing weights \(projector.weight\)", folder)


def test_a_weight_without_a_place_is_named(group_folder, edit):
    folder = edit(group_folder, rename("classifier.weight", "classifier.output.weight"))
    refused(r"missing weights \(classifier.weight\).*no place for \(classifier.output.weight\)", folder)


def test_a_foreign_head_is_refused_with_its_keys(make_folder, edit):
    def audeering_head(tensors):
        tensors["classifier.dense.weight"] = tensors.pop("projector.weight")
        tensors["classifier.out_proj.weight"] = tensors.pop("classifier.weight")

    message = refused("does not fit HubertForSequence", edit(make_folder("hubert"), audeering_head))
    for key in (
        "projector.weight",
        "classifier.weight",
        "classifier.dense.weight",
        "classifier.out_proj.weight",
    ):
        assert key in message


def test_at_most_ten_keys_are_shown(group_folder, edit):
    folder = edit(group_folder, lambda t: {k: v for k, v in t.items() if "encoder.layers" not in k})
    message = refused("32 missing weights", folder)
    assert "… 22 more" in message
    assert len(re.findall(r"wav2vec2\.encoder\.layers", message)) == 10


def test_a_weight_of_another_shape_is_refused(group_folder, edit):
    folder = edit(group_folder, lambda t: {**t, "classifier.weight": t["classifier.weight"][:3]})
    refused("classifier.weight|shape|mismatch", folder)


def test_a_weight_that_is_not_a_number_is_named(group_folder, edit):
    def spoil(tensors):
        tensors["wav2vec2.encoder.layers.1.attention.k_proj.weight"][3, 4] = float("nan")

    refused(
        r"not finite: wav2vec2\.encoder\.layers\.1\.attention\.k_proj\.weight$", edit(group_folder, spoil)
    )


def test_old_names_of_the_weight_norm_and_the_training_mask_are_harmless(group_folder, edit, waves):
    import numpy as np

    def age(tensors):
        tensors = rename("parametrizations.weight.original0", "weight_g")(tensors)
        tensors = rename("parametrizations.weight.original1", "weight_v")(tensors)
        tensors.pop("wav2vec2.masked_spec_embed")
        return tensors

    expected = open_checkpoint(group_folder).predict(waves)
    np.testing.assert_array_equal(open_checkpoint(edit(group_folder, age)).predict(waves), expected)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(group_folder, tmp_path):
    class Attack:
        def __reduce__(self):
            return (eval, (f"open({str(tmp_path / 'ran')!r}, 'w').close()",))

    folder = tmp_path / "attack"
    shutil.copytree(group_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    import torch

    torch.save({"classifier.weight": Attack()}, folder / "pytorch_model.bin", pickle_module=pickle)
    refused("pytorch_model.bin in attack holds more than tensors.*convert it to safetensors", folder)
    assert not (tmp_path / "ran").exists()


def test_tensors_in_a_bin_file_load(group_folder, tmp_path, waves):
    import numpy as np
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "old"
    shutil.copytree(group_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(load_file(group_folder / "model.safetensors"), folder / "pytorch_model.bin")
    checkpoint = open_checkpoint(folder)
    np.testing.assert_array_equal(checkpoint.predict(waves), open_checkpoint(group_folder).predict(waves))
    assert checkpoint.revision != open_checkpoint(group_folder).revision


@pytest.mark.parametrize("name", ["model.pkl", "model.pt", "pytorch_model.bin"])
def test_bare_pickles_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(pickle.dumps({"a": 1}))
    refused("pickle; pickles are refused.*convert it to safetensors", tmp_path / name)
    refused("holds pickles and no config.json.*convert it to safetensors", tmp_path)


def configured(source, folder, **changes):
    """A copy of a folder with other keys in its config.json."""
    shutil.copytree(source, folder)
    config = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("kind", ["wav2vec2", "unheard_of"])
def test_code_in_the_folder_is_not_run(group_folder, tmp_path, kind):
    own = {"AutoModelForAudioClassification": "evil.Evil", "AutoConfig": "evil.Config"}
    folder = configured(group_folder, tmp_path / "own", auto_map=own, model_type=kind, architectures=["Evil"])
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    refused(
        r"^own is a model of its own code \(evil.Evil\), which is not run: wrap it .* give file.py:name$",
        folder,
    )
    assert not (tmp_path / "ran").exists()


def test_code_of_a_feature_extractor_is_not_run(group_folder, tmp_path):
    folder = configured(group_folder, tmp_path / "own")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    settings["auto_map"] = {"AutoFeatureExtractor": "evil.Extractor"}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    refused(r"own is a model of its own code \(evil.Extractor\), which is not run", folder)


def test_code_for_the_configuration_alone_is_left_out(group_folder, tmp_path, waves):
    folder = configured(group_folder, tmp_path / "named", auto_map={"AutoConfig": "evil.Config"})
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    assert (open_checkpoint(folder).predict(waves) == open_checkpoint(group_folder).predict(waves)).all()
    assert not (tmp_path / "ran").exists()


def test_a_folder_that_another_format_reads_is_not_claimed(group_folder, tmp_path, monkeypatch):
    from ser_audit.benchmark.checkpoints import huggingface, odyssey

    own = {"AutoModelForAudioClassification": "pipeline_utils.SERModel"}
    folder = configured(group_folder, tmp_path / "other", auto_map=own)
    assert huggingface.recognises(str(folder))
    monkeypatch.setattr(odyssey, "recognises", lambda reference: reference == str(folder))
    assert not huggingface.recognises(str(folder))


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation", "experts_implementation"])
def test_kernels_that_a_configuration_names_do_not_reach_the_library(
    group_folder, tmp_path, waves, monkeypatch, key
):
    from transformers import PreTrainedModel

    asked = []
    check = PreTrainedModel._check_and_adjust_attn_implementation

    def spy(self, attn_implementation, *arguments, **options):
        asked.append(attn_implementation)
        return check(self, attn_implementation, *arguments, **options)

    monkeypatch.setattr(PreTrainedModel, "_check_and_adjust_attn_implementation", spy)
    folder = configured(group_folder, tmp_path / "kernel", **{key: "kernels-community/flash-attn2"})
    checkpoint = open_checkpoint(folder)
    assert asked
    assert not any("kernels-community" in str(name) for name in asked)
    assert (checkpoint.predict(waves) == open_checkpoint(group_folder).predict(waves)).all()


def test_other_weights_that_a_configuration_names_are_not_loaded(group_folder, tmp_path, waves):
    from safetensors.torch import load_file, save_file

    folder = configured(group_folder, tmp_path / "two", transformers_weights="other.safetensors")
    other = {key: value * 2 for key, value in load_file(folder / "model.safetensors").items()}
    save_file(other, folder / "other.safetensors", {"format": "pt"})
    assert (open_checkpoint(folder).predict(waves) == open_checkpoint(group_folder).predict(waves)).all()


def test_quantised_weights_and_adapters_are_refused(group_folder, tmp_path):
    quantised = {"quant_method": "bitsandbytes", "load_in_8bit": True}
    folder = configured(group_folder, tmp_path / "small", quantization_config=quantised)
    refused(r"small holds quantised weights .* give the checkpoint that they were made from$", folder)
    folder = configured(group_folder, tmp_path / "tuned", quantization_config=None)
    assert open_checkpoint(folder).parameters > 0
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "someone/model"}))
    refused(r"tuned holds an adapter \(adapter_config.json\).*merge it", folder)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
@pytest.mark.parametrize("key", ["dtype", "torch_dtype"])
def test_half_precision_weights_compute_in_float32(group_folder, edit, waves, key, kind):
    import numpy as np
    import torch

    def halve(tensors):
        return {name: value.to(getattr(torch, kind)) for name, value in tensors.items()}

    folder = edit(group_folder, halve)
    config = json.loads((folder / "config.json").read_text())
    config.pop("dtype")
    (folder / "config.json").write_text(json.dumps({**config, key: kind}))
    checkpoint = open_checkpoint(folder)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.proofs.batch_relative_l2 <= 1e-6  # bfloat16 sums would differ by 1e-2
    assert np.linalg.norm(checkpoint.predict(waves) - single) <= 1e-6 * np.linalg.norm(single)


def test_an_absent_device_is_named(group_folder):
    refused("device 'cuda:99' is not available", group_folder, device="cuda:99")


def test_unknown_references_list_what_is_accepted(tmp_path, make_folder):
    refused(r"no such checkpoint: facebook/wav2vec2-base \(nothing is downloaded\)", "facebook/wav2vec2-base")
    (tmp_path / "notes.txt").write_text("…")
    refused(
        r"notes.txt is no checkpoint(?=.*\.onnx)(?=.*file\.py:name)(?=.*\.parquet)", tmp_path / "notes.txt"
    )
    refused("has no config.json", tmp_path)
    folder = tmp_path / "headless"
    shutil.copytree(make_folder(), folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["Wav2Vec2ForPreTraining"]}))
    refused("Wav2Vec2ForPreTraining is no audio classifier", folder)


def test_describing_loads_no_weights(group_folder, tmp_path):
    folder = tmp_path / "named"
    shutil.copytree(group_folder, folder)
    with (folder / "model.safetensors").open("r+b") as stream:
        stream.truncate((folder / "model.safetensors").stat().st_size // 2)
    format_name, name, info = describe(folder)
    assert (format_name, name, info.sampling_rate) == ("huggingface", "named", 16000)
    refused("named cannot be loaded", folder)
