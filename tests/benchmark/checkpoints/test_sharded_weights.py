"""Weights in several files and an index: all of them, only them, and none that runs code."""

import json
import shutil

import pytest
from ser_audit.benchmark.checkpoints import open_checkpoint, revision_of
from ser_audit.benchmark.errors import InputError


def refused(match, folder):
    with pytest.raises(InputError, match=match):
        open_checkpoint(folder)


def shards(source, folder, single, save):
    """A copy of a folder whose weights lie in two files and an index."""
    from safetensors.torch import load_file

    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    tensors = load_file(source / "model.safetensors")
    stem, suffix = single.split(".")
    names = [f"{stem}-{i}-of-00002.{suffix}" for i in ("00001", "00002")]
    places = {key: names[place % 2] for place, key in enumerate(sorted(tensors))}
    for name in names:
        save({key: tensors[key] for key, place in places.items() if place == name}, folder / name)
    index = {"metadata": {"total_size": 0}, "weight_map": places}
    (folder / f"{single}.index.json").write_text(json.dumps(index))
    return folder


def save_safely(tensors, file):
    from safetensors.torch import save_file

    save_file(tensors, file, {"format": "pt"})


def save_pickled(tensors, file):
    import torch

    torch.save(tensors, file)


@pytest.mark.parametrize(
    ("single", "save"), [("model.safetensors", save_safely), ("pytorch_model.bin", save_pickled)]
)
def test_weights_in_several_files_load(group_folder, tmp_path, waves, single, save):
    folder = shards(group_folder, tmp_path / "parts", single, save)
    checkpoint = open_checkpoint(folder)
    assert (checkpoint.predict(waves) == open_checkpoint(group_folder).predict(waves)).all()
    before = checkpoint.revision
    index = folder / f"{single}.index.json"
    second = next(folder.glob("*-00002-of-00002.*"))
    second.write_bytes(second.read_bytes() + b" ")
    assert revision_of(folder, "huggingface") != before  # every file counts
    content = json.loads(index.read_text())
    content["weight_map"] = dict.fromkeys(content["weight_map"], f"../{group_folder.name}/{single}")
    index.write_text(json.dumps(content))
    refused(rf"names weights that are not in parts: \.\./{group_folder.name}/{single}", folder)


def test_a_pickle_among_several_files_is_refused_and_not_run(group_folder, tmp_path):
    class Attack:
        def __reduce__(self):
            return (eval, (f"open({str(tmp_path / 'ran')!r}, 'w').close()",))

    def save(tensors, file):
        save_pickled({**tensors, "more": Attack()} if "00002-of" in file.name else tensors, file)

    folder = shards(group_folder, tmp_path / "parts", "pytorch_model.bin", save)
    refused("in parts holds more than tensors.*convert it to safetensors", folder)
    assert not (tmp_path / "ran").exists()
