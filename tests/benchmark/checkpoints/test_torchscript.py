"""TorchScript archives: opened for a user who trusts them alone, and then the module's own predictions."""

import pickle
import shutil
import warnings

import numpy as np
import pytest
import torch
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.checkpoints.macs import count_macs
from ser_audit.benchmark.errors import InputError
from torch import nn

INFO = 'classes = ["a", "b", "c"]\nactivation = "none"\nsampling_rate = 16000\n'


class Net(nn.Module):
    """Convolution → batch norm → ReLU → mean over time → head."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 8, 40, stride=20)
        self.norm = nn.BatchNorm1d(8)
        self.head = nn.Linear(8, 3)

    def forward(self, signal):
        return self.head(torch.relu(self.norm(self.conv(signal[:, None]))).mean(-1))


class Pair(Net):
    def forward(self, signal):
        hidden = torch.relu(self.norm(self.conv(signal[:, None]))).mean(-1)
        return hidden, self.head(hidden)


class Named(Net):
    def forward(self, signal):
        hidden = torch.relu(self.norm(self.conv(signal[:, None]))).mean(-1)
        return {"hidden": hidden, "logits": self.head(hidden)}


class Coupled(Net):
    """Its rows depend on each other."""

    def forward(self, signal):
        hidden = torch.relu(self.norm(self.conv(signal[:, None]))).mean(-1)
        return self.head(hidden - hidden.mean(0, keepdim=True) / 2)


def net(kind=Net):
    torch.manual_seed(5)
    return kind().eval()


def place(folder, module, info=INFO, how=torch.jit.script):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        how(module).save(folder / "net.pt")
    (folder / "net.toml").write_text(info)
    return folder / "net.pt"


def eager(waves, module):
    with torch.no_grad():
        return np.concatenate([module(torch.from_numpy(wave[None])).numpy() for wave in waves])


def refused(match, path, **options):
    with pytest.raises(InputError, match=match) as caught:
        open_checkpoint(path, **options)
    assert "\n" not in str(caught.value)


def traced(module):
    return torch.jit.trace(module, torch.zeros(2, 16000))


def frozen(module):
    return torch.jit.freeze(torch.jit.script(module))


@pytest.mark.parametrize("how", [torch.jit.script, traced, frozen])
def test_predictions_are_the_eager_module_s_in_exact_batches(tmp_path, waves, how):
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # none from opening it
        path = place(tmp_path, net(), how=how)
        checkpoint = open_checkpoint(path, trust=True)
    batched = checkpoint.predict(waves)
    np.testing.assert_allclose(batched, eager(waves, net()), rtol=1e-5, atol=1e-6)
    single = np.concatenate([checkpoint.predict([wave]) for wave in waves])
    assert checkpoint.padding == "equal lengths"
    assert np.linalg.norm(batched - single) <= 1e-6 * np.linalg.norm(single)
    if how is not frozen:  # which makes constants of its parameters
        assert checkpoint.parameters == sum(p.numel() for p in net().parameters())
    assert checkpoint.macs(16000) == count_macs(lambda: net()(torch.zeros(1, 16000)))


def test_rows_that_depend_on_each_other_run_one_by_one(tmp_path, waves):
    checkpoint = open_checkpoint(place(tmp_path, net(Coupled)), trust=True)
    assert checkpoint.padding == "one by one"
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves, net(Coupled)), rtol=1e-5, atol=1e-6)


def test_it_is_opened_only_for_a_user_who_trusts_it(tmp_path):
    path = place(tmp_path, net())
    refused("net.pt is a TorchScript archive, which runs code of its own: give --trust", path)
    assert describe(path, trust=True)[0] == "torchscript"
    (tmp_path / "net.toml").unlink()
    with pytest.raises(
        InputError, match="does not tell its classes or dimensions, activation and sampling_rate"
    ):
        describe(path, trust=True)


@pytest.mark.parametrize(("kind", "output"), [(Pair, "1"), (Named, "logits")])
def test_of_several_outputs_the_sidecar_names_one(tmp_path, waves, kind, output):
    path = place(tmp_path, net(kind))
    refused("gives the outputs .*: say in its sidecar which one holds the predictions", path, trust=True)
    place(tmp_path, net(kind), f'output = "{output}"\n' + INFO)
    checkpoint = open_checkpoint(path, trust=True)
    np.testing.assert_allclose(checkpoint.predict(waves), eager(waves, net()), rtol=1e-5, atol=1e-6)


def test_weights_alone_are_no_torchscript(tmp_path):
    torch.save(net().state_dict(), tmp_path / "state.pt")
    refused("state.pt is a pickle; pickles are refused", tmp_path / "state.pt", trust=True)
    (tmp_path / "bare.pt").write_bytes(pickle.dumps({"w": 1}))
    refused("bare.pt is a pickle; pickles are refused", tmp_path / "bare.pt", trust=True)
    shutil.copy(place(tmp_path, net()), tmp_path / "renamed.pt2")
    (tmp_path / "renamed.toml").write_text(INFO)
    assert describe(tmp_path / "renamed.pt2", trust=True)[0] == "torchscript"


def test_a_cut_or_changed_archive_is_refused(tmp_path):
    path = place(tmp_path, net())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused("net.pt is no whole zip archive: it may be cut off or corrupt", path, trust=True)
    weights = net().head.weight.detach().numpy().tobytes()
    assert weights in whole
    path.write_bytes(whole.replace(weights, weights[:-4] + b"\0\0\0\0"))
    refused("net.pt is corrupt: its member 'data/", path, trust=True)


def test_a_weight_that_is_not_a_number_is_named(tmp_path):
    module = net()
    module.norm.running_var[3] = float("nan")
    refused("weights that are not finite: norm.running_var$", place(tmp_path, module), trust=True)


class Picky(Net):
    def forward(self, signal):
        assert signal.shape[1] > 99_999, "at least 100000 samples"
        return self.head(signal[:, :8])


def test_what_it_says_of_waves_that_it_does_not_take_is_told(tmp_path):
    refused(
        "net.pt breaks on .* samples of noise: .*at least 100000", place(tmp_path, net(Picky)), trust=True
    )
