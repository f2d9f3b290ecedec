"""torch.export archives: the model's own predictions, and nothing of the archive that runs as code."""

import io
import json
import os
import pickle
import subprocess
import sys
import warnings
import zipfile
from contextlib import suppress

import numpy as np
import pytest
import torch
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.checkpoints.macs import count_macs
from ser_audit.benchmark.errors import InputError
from torch import nn

INFO = 'classes = ["a", "b", "c"]\nactivation = "none"\nsampling_rate = 16000\n'
SEEN = "models/model.json"


class Net(nn.Module):
    """Convolution → group norm → mean over time → linear → head."""

    def __init__(self, gives="logits"):
        super().__init__()
        self.gives = gives
        self.conv = nn.Conv1d(1, 8, 40, stride=20)
        self.norm = nn.GroupNorm(8, 8)
        self.inner = nn.Linear(8, 8)
        self.head = nn.Linear(8, 3)
        self.register_buffer("window", torch.hann_window(8))

    def forward(self, signal):
        frames = torch.relu(self.norm(self.conv(signal[:, None])))
        hidden = torch.relu(self.inner(frames.mean(-1))) * self.window
        logits = self.head(hidden)
        return {
            "logits": logits,
            "pair": (hidden, logits),
            "twins": (logits, -logits),
            "named": {"hidden": hidden, "logits": logits},
            "squeezed": logits.squeeze(0),
        }[self.gives]


def net(gives="logits"):
    torch.manual_seed(5)
    return Net(gives).eval()


def exported(gives="logits", batch=True, samples=True):
    """The bytes of what ``torch.export.save`` writes."""
    sizes = {
        **({0: torch.export.Dim("batch")} if batch else {}),
        **({1: torch.export.Dim("samples", min=200)} if samples else {}),
    }
    wave = torch.zeros(2 if batch else 1, 16000)
    program = torch.export.export(net(gives), (wave,), dynamic_shapes=(sizes,))
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a buffer that is a view
        torch.export.save(program, buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def archive():
    return exported()


@pytest.fixture(scope="module")
def pair():
    return exported("pair")


def place(folder, content, info=INFO):
    (folder / "net.pt2").write_bytes(content)
    (folder / "net.toml").write_text(info)
    return folder / "net.pt2"


def changed(content, members=None, graph=None, drop=()):
    """The archive with other members, or with a graph that was changed by a function."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        root = old.namelist()[0].partition("/")[0]
        everything = {name.removeprefix(f"{root}/"): old.read(name) for name in old.namelist()}
        if graph is not None:
            program = json.loads(everything[SEEN])
            graph(program)
            everything[SEEN] = json.dumps(program).encode()
        for name, member in {**everything, **(members or {})}.items():
            if name not in drop:
                new.writestr(f"{root}/{name}", member)
    return buffer.getvalue()


def older(content):
    """The same program in the layout that torch 2.5 to 2.7 wrote."""
    from torch._export.serde.serialize import serialize

    parts = serialize(torch.export.load(io.BytesIO(content)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("serialized_exported_program.json", parts.exported_program)
        archive.writestr("serialized_state_dict.pt", parts.state_dict)
        archive.writestr("serialized_constants.pt", parts.constants)
        archive.writestr("serialized_example_inputs.pt", parts.example_inputs)
        archive.writestr("version", "8.1")
    return buffer.getvalue()


def eager(waves, module=None):
    with torch.no_grad():
        return np.concatenate([(module or net())(torch.from_numpy(wave[None])).numpy() for wave in waves])


def refused(match, path):
    with pytest.raises(InputError, match=match) as caught:
        open_checkpoint(path)
    assert "\n" not in str(caught.value)


def saved(thing):
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


class Attack:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_predictions_are_the_eager_module_s_in_exact_batches(tmp_path, archive, waves):
    checkpoint = open_checkpoint(place(tmp_path, archive))
    batched = checkpoint.predict(waves)
    np.testing.assert_allclose(batched, eager(waves), rtol=1e-5, atol=1e-7)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == "equal lengths"
    assert np.linalg.norm(batched - single) <= 1e-6 * np.linalg.norm(single)
    assert (checkpoint.format, checkpoint.device) == ("exported", "cpu")


def test_parameters_and_macs_are_the_eager_module_s(tmp_path, archive):
    checkpoint, module = open_checkpoint(place(tmp_path, archive)), net()
    assert checkpoint.parameters == sum(p.numel() for p in module.parameters())
    for samples in (16000, 5000):
        assert checkpoint.macs(samples) == count_macs(lambda n=samples: module(torch.zeros(1, n)))


def test_the_layout_of_older_versions_predicts_the_same(tmp_path, archive, waves):
    checkpoint = open_checkpoint(place(tmp_path, older(archive)))
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("gives", ["logits", "squeezed"])
def test_a_fixed_batch_axis_runs_one_by_one(tmp_path, waves, gives):
    checkpoint = open_checkpoint(place(tmp_path, exported(gives, batch=False)))
    assert checkpoint.padding == "one by one"
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves), rtol=1e-5, atol=1e-7)


def test_a_fixed_number_of_samples_is_refused(tmp_path):
    path = place(tmp_path, exported(samples=False))
    refused("takes exactly 16000 samples: export it with dynamic_shapes", path)


def test_the_output_is_told_by_its_columns_or_by_the_sidecar(tmp_path, pair, waves):
    path = place(tmp_path, pair)
    assert describe(path)[2].output == "1"  # (hidden, logits): the one with three columns
    np.testing.assert_allclose(open_checkpoint(path).predict(waves), eager(waves), rtol=1e-5, atol=1e-7)
    classes = json.dumps(list("abcdefgh"))
    place(tmp_path, pair, f'output = "0"\nclasses = {classes}\nactivation = "none"\nsampling_rate = 16000\n')
    assert open_checkpoint(path).predict(waves[:2]).shape == (2, 8)


def test_outputs_that_cannot_be_told_apart_are_asked_for(tmp_path, waves):
    path = place(tmp_path, exported("twins"))
    with pytest.raises(
        InputError, match=r"does not tell its output(.|\n)*output = \"\"  # which of 0 \(3 col"
    ):
        open_checkpoint(path)
    place(tmp_path, path.read_bytes(), 'output = "1"\n' + INFO)
    np.testing.assert_allclose(open_checkpoint(path).predict(waves), -eager(waves), rtol=1e-5, atol=1e-7)
    place(tmp_path, path.read_bytes(), 'output = "2"\n' + INFO)
    refused("net.toml: net.pt2 has no output '2': known: 0, 1", path)


def test_outputs_of_a_dictionary_have_their_names(tmp_path, waves):
    path = place(tmp_path, exported("named"))
    checkpoint = open_checkpoint(path)
    assert checkpoint.info.output == "logits"
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves), rtol=1e-5, atol=1e-7)


def test_missing_facts_know_the_number_of_outputs(tmp_path, archive):
    path = place(tmp_path, archive)
    (tmp_path / "net.toml").unlink()
    with pytest.raises(
        InputError, match=r"classes or dimensions, activation and sampling_rate(.|\n)*its 3 out"
    ):
        describe(path)


def test_describing_loads_no_torch(tmp_path, archive):
    path = place(tmp_path, archive)
    code = (
        "import sys\nfrom ser_audit.benchmark.checkpoints import describe\n"
        f"print(describe({str(path)!r})[0], *{{'torch', 'onnxruntime', 'pandas'}} & {{*sys.modules}})"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.split() == ["exported"]


def test_a_program_exported_on_cuda_runs_here(tmp_path, archive, waves):
    def on_cuda(program):
        for about in program["graph_module"]["graph"]["tensor_values"].values():
            about["device"] = {"type": "cuda", "index": 0}

    checkpoint = open_checkpoint(place(tmp_path, changed(archive, graph=on_cuda)))
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves), rtol=1e-5, atol=1e-7)


# --- refusals -----------------------------------------------------------------------------------------


def with_pickled(content, thing):
    """The archive with a weight as a pickle, as torch.export.save writes one of a class of its own."""
    path = "data/weights/model_weights_config.json"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        config = json.loads(archive.read(next(n for n in archive.namelist() if n.endswith(path))))
    config["config"]["head.bias"].update(use_pickle=True, path_name="weight_77")
    return changed(content, {path: json.dumps(config), "data/weights/weight_77": thing})


def test_a_weight_that_is_a_pickle_of_a_tensor_loads(tmp_path, archive, waves):
    content = with_pickled(archive, saved(net().head.bias))
    np.testing.assert_allclose(
        open_checkpoint(place(tmp_path, content)).predict(waves), eager(waves), rtol=1e-5, atol=1e-7
    )


def test_pickled_parts_that_would_run_code_are_refused_and_not_run(tmp_path, archive):
    attack, ran = Attack(tmp_path / "ran"), tmp_path / "ran"
    weight = with_pickled(archive, saved(attack))
    with suppress(Exception):
        torch.export.load(io.BytesIO(weight))
    assert ran.exists()  # torch itself runs it
    ran.rmdir()
    attacks = {
        "weights/weight_77 is a pickle that would call .*mkdir": weight,
        "sample_inputs/model.pt is a pickle that would call .*mkdir": changed(
            archive, {"data/sample_inputs/model.pt": saved(((attack,), {}))}
        ),
        "weights/model.pt is a pickle that would call .*mkdir": changed(
            archive, {"data/weights/model.pt": saved({"head.bias": attack})}
        ),
        "constants/model.pt is a pickle that would call .*mkdir": changed(
            archive, {"data/constants/model.pt": saved({"c": attack})}
        ),
        "'data/constants/opaque_obj_0' is neither a graph nor tensors": changed(
            archive, {"data/constants/opaque_obj_0": pickle.dumps(attack)}
        ),
        "'data/constants/custom_obj_0' is neither a graph nor tensors": changed(
            archive, {"data/constants/custom_obj_0": b"torchbind"}
        ),
    }
    for match, content in attacks.items():
        refused(match, place(tmp_path, content))
    content = io.BytesIO(older(archive))
    with zipfile.ZipFile(content, "a") as old:
        members = {name: old.read(name) for name in old.namelist()}
    for name in [name for name in members if name.endswith(".pt")]:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as new:
            for member, data in {**members, name: saved({"w": attack})}.items():
                new.writestr(member, data)
        refused(f"member {name} is a pickle that would call", place(tmp_path, buffer.getvalue()))
    assert not ran.exists()


def call(target, path):
    """A graph that calls something first, with the path of a file."""

    def change(program):
        graph = program["graph_module"]["graph"]
        graph["tensor_values"]["evil"] = graph["tensor_values"]["linear_1"]
        graph["nodes"].insert(
            0,
            {
                "target": target,
                "inputs": [
                    {"name": "filename", "arg": {"as_string": str(path)}, "kind": 1},
                    {"name": "shared", "arg": {"as_bool": True}, "kind": 1},
                    {"name": "size", "arg": {"as_int": 6}, "kind": 1},
                ],
                "outputs": [{"as_tensor": {"name": "evil"}}],
                "metadata": {},
                "is_hop_single_tensor_return": None,
                "name": "evil",
            },
        )

    return change


def test_a_graph_that_would_run_code_without_a_pickle_is_refused_and_not_run(tmp_path, archive):
    """Of a graph that is JSON alone, torch evaluates the sizes, and calls operators that write files."""
    ran = tmp_path / "ran"

    def size(program):
        sizes = program["graph_module"]["graph"]["tensor_values"]["signal"]["sizes"]
        sizes[0]["as_expr"]["expr_str"] = f"__import__('os').mkdir({str(ran)!r})"

    with suppress(Exception):
        torch.export.load(io.BytesIO(changed(archive, graph=size)))
    assert ran.exists()  # torch itself runs it
    ran.rmdir()
    refused("is no plain expression of sizes", place(tmp_path, changed(archive, graph=size)))

    content = changed(archive, graph=call("torch.ops.aten.from_file.default", ran))
    torch.export.load(io.BytesIO(content)).module()(torch.zeros(2, 16000))
    assert ran.exists()  # torch itself runs it
    ran.unlink()
    for target in ("torch.ops.aten.from_file.default", "torch.ops.aten.save.default", "torch.os.mkdir",
                   "torch.ops.evil.run.default", "_operator.call", "torch.hub.load", "#evil"):  # fmt: skip
        refused(
            "which is no operator that only computes",
            place(tmp_path, changed(archive, graph=call(target, ran))),
        )
    assert not ran.exists()


def test_guards_and_notes_of_a_graph_are_left_behind(tmp_path, archive, waves):
    ran = tmp_path / "ran"

    def guard(program):
        program["guards_code"] = [f"__import__('os').mkdir({str(ran)!r}) or True"]
        signature = program["graph_module"]["module_call_graph"][0]["signature"]
        kind = {"type": "collections.defaultdict", "children_spec": []}
        context = {"default_factory_module": "antigravity", "default_factory_name": "x", "dict_context": []}
        signature["out_spec"] = json.dumps([1, {**kind, "context": context}])
        for node in program["graph_module"]["graph"]["nodes"]:
            node["metadata"]["stack_trace"] = "\nevil()"

    content = changed(archive, graph=guard)
    checkpoint = open_checkpoint(place(tmp_path, content))
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves), rtol=1e-5, atol=1e-7)
    assert not ran.exists()


def test_names_that_would_become_source_are_refused(tmp_path, archive):
    name = "x = 0; evil(); y"

    def node(program):
        text = json.dumps(program["graph_module"]).replace('"linear_1"', json.dumps(name))
        program["graph_module"] = json.loads(text)

    def parameter(program):
        for spec in program["graph_module"]["signature"]["input_specs"]:
            if "parameter" in spec:
                spec["parameter"]["parameter_name"] += '")); evil((("'

    for change in (node, parameter):
        refused("is no plain name", place(tmp_path, changed(archive, graph=change)))


def test_compiled_code_in_the_archive_is_refused(tmp_path, archive):
    content = changed(archive, {"data/aotinductor/model/model.so": b"\x7fELF"})
    refused("is a package of compiled code", place(tmp_path, content))


def test_an_archive_that_leaves_its_place_or_is_cut_off_is_refused(tmp_path, archive):
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a") as new:
        new.writestr("archive/../../evil", b"x")
    refused("a name that leaves the archive", place(tmp_path, buffer.getvalue()))
    refused("no whole zip archive: it may be cut off", place(tmp_path, archive[: len(archive) // 2]))
    refused("no whole zip archive", place(tmp_path, b"hello"))
    refused("its graph cannot be read", place(tmp_path, changed(archive, {SEEN: b"{}"})))
    refused("it has no models/model.json", place(tmp_path, changed(archive, drop=[SEEN])))
    place(tmp_path, changed(archive, drop=["data/weights/weight_0"]))
    refused("net.pt2 cannot be used as a checkpoint of the format exported", tmp_path / "net.pt2")


def test_a_weight_that_is_not_a_number_is_named(tmp_path, archive):
    weight = net().head.weight.detach().numpy().copy()
    weight[1, 2] = np.nan
    config = "data/weights/model_weights_config.json"
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        about = json.loads(old.read(next(n for n in old.namelist() if n.endswith(config))))["config"]
    member = f"data/weights/{about['head.weight']['path_name']}"
    refused(
        "holds weights that are not finite: head.weight$",
        place(tmp_path, changed(archive, {member: weight.tobytes()})),
    )


def test_the_archive_is_told_by_its_members(tmp_path, archive, waves):
    (tmp_path / "model.zip").write_bytes(archive)
    (tmp_path / "model.toml").write_text(INFO)
    assert describe(tmp_path / "model.zip")[0] == "exported"
    torch.save({"w": torch.ones(2)}, tmp_path / "state.pt2")
    refused("state.pt2 is a pickle; pickles are refused", tmp_path / "state.pt2")
