"""A pickle is judged by its opcodes, before anything is loaded."""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from ser_audit.benchmark.checkpoints import pickles
from ser_audit.benchmark.errors import InputError


class Attack:
    """What a stranger's object may ask to be called when it is loaded."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def saved(thing, **options):
    buffer = io.BytesIO()
    torch.save(thing, buffer, **options)
    return buffer.getvalue()


def refused(match, check, content):
    with pytest.raises(InputError, match=match) as caught:
        check(content, "weights.pt")
    assert "\n" not in str(caught.value)


def test_tensors_of_all_kinds_pass_and_stay_as_they_are():
    given = OrderedDict(
        half=torch.ones(2, dtype=torch.float16),
        brain=torch.ones(2, dtype=torch.bfloat16),
        whole=torch.arange(5),
        truth=torch.tensor([True, False]),
        complex=torch.ones(2, dtype=torch.complex64),
        turned=torch.arange(6.0).reshape(2, 3).T,
        trained=torch.nn.Parameter(torch.randn(3, 4)),
        about={"epoch": 3, "rate": 0.1, "names": ["a", "b"], "none": None, "size": torch.Size([1, 2])},
        kind=torch.float32,
    )
    given._metadata = {"": {"version": 1}}  # as state_dict() has it
    read = torch.load(io.BytesIO(pickles.tensors_only(saved(given), "weights.pt")), weights_only=True)
    assert list(read) == list(given)
    for key, value in given.items():
        assert torch.equal(read[key], value) if isinstance(value, torch.Tensor) else read[key] == value


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path):
    for function, arguments in (
        (eval, (f"open({str(tmp_path / 'ran')!r}, 'w').close()",)),
        (Path(tmp_path / "ran").touch, ()),
        (torch.load, (str(tmp_path / "inner.pt"),)),
        (torch.jit.load, ("evil.pt",)),
    ):
        refused(
            "a pickle that would call .*refused",
            pickles.tensors_only,
            saved({"w": Attack(function, *arguments)}),
        )
    assert not (tmp_path / "ran").exists()


def test_names_that_hide_from_the_list_are_refused():
    call = b"c__builtin__\neval\n"
    hidden = {
        "GLOBAL among tensors": b"\x80\x02"
        + b"ccollections\nOrderedDict\n)R0"
        + call
        + b"(X\x01\x00\x00\x001tR.",
        "a name of a submodule": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2.__globals__\n.",
        "torch.os.system": b"\x80\x02ctorch\nos.system\n.",
        "a pickle within": b"\x80\x02ctorch.storage\n_load_from_bytes\n.",
        "STACK_GLOBAL": pickle.dumps(Attack(eval, "1"), protocol=4),
        "INST": b"(X\x01\x00\x00\x001i__builtin__\neval\n.",
        "OBJ": b"(c__builtin__\neval\nX\x01\x00\x00\x001o.",
        "NEWOBJ": b"\x80\x02ccollections\nOrderedDict\n)\x81.",
        "EXT1": b"\x80\x02\x82\x01.",
        "PERSID": b"Pevil\n.",
    }
    for content in hidden.values():
        refused("which could run any code: refused", pickles.check, content)


def test_a_pickle_that_is_cut_off_is_refused():
    whole = saved({"w": torch.ones(3)})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        inner = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    pickles.check(inner, "weights.pt")
    refused("no whole pickle", pickles.check, inner[:-5])
    refused("no whole pickle", pickles.check, b"\xff\xfe")
    refused("no whole zip archive", pickles.tensors_only, whole[:-40])


def test_only_what_torch_save_writes_now_is_read(tmp_path):
    refused(
        "no whole zip",
        pickles.tensors_only,
        saved({"w": torch.ones(2)}, _use_new_zipfile_serialization=False),
    )
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "code.pt")
    refused("expected tensors alone|compressed", pickles.tensors_only, (tmp_path / "code.pt").read_bytes())


def test_a_member_that_makes_torch_load_code_is_refused():
    """``torch.load`` hands an archive with ``constants.pkl`` over to TorchScript."""
    buffer = io.BytesIO(saved({"w": torch.ones(2)}))
    with zipfile.ZipFile(buffer, "a") as archive:
        root = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{root}/constants.pkl", b"\x80\x02.")
    refused("holds constants.pkl: expected tensors alone", pickles.tensors_only, buffer.getvalue())
