"""What a pickle would do, read from its opcodes. Nothing is loaded, so nothing can run."""

from __future__ import annotations

import pickletools
import re
from pathlib import Path

from ser_audit.benchmark.errors import InputError

from . import archives

# What torch.save names in a pickle of tensors; each of them makes data of data. Never
# torch.storage._load_from_bytes, which loads a pickle within.
GLOBALS = {
    "collections OrderedDict",
    "torch Size",
    "torch device",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2",
    "torch.nn.parameter Parameter",
    "torch.serialization _get_layout",
    "torch.storage TypedStorage",
    "torch.storage UntypedStorage",
}
STORAGE = re.compile(
    r"torch (Bool|Byte|Char|Short|Int|Long|Half|BFloat16|Float|Double|ComplexFloat|ComplexDouble)Storage"
)
DTYPE = re.compile(r"torch (bool|u?int(8|16|32|64)|b?float(16|32|64)|complex(32|64|128))")
# What torch.save writes (protocol 2); none of them makes an object in another way than by a name above.
OPCODES = {
    "PROTO", "STOP", "MARK", "POP", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET",
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINUNICODE",
    "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST", "APPEND", "APPENDS",
    "EMPTY_DICT", "SETITEM", "SETITEMS", "GLOBAL", "REDUCE", "BUILD", "BINPERSID",
}  # fmt: skip
# Members of what torch.save writes: the pickle, the numbers of each tensor, and about the file.
MEMBERS = re.compile(r"data\.pkl|data/\d+|version|byteorder|\.format_version|\.storage_alignment|\.data/\w+")


def check(pickle: bytes, label: str) -> None:
    """Refuse a pickle that holds more than tensors, containers and plain values.

    Raises:
        InputError: it names a function or class that is not needed for tensors, or is broken.
    """
    try:
        for opcode, argument, _ in pickletools.genops(pickle):
            if opcode.name == "GLOBAL" and not _known(str(argument)):
                named = str(argument).replace(" ", ".")[:80]
                raise InputError(
                    f"{label} is a pickle that would call {named}, which could run any code: refused"
                )
            if opcode.name not in OPCODES:
                raise InputError(
                    f"{label} is a pickle with the instruction {opcode.name}, which tensors do not need and"
                    " which could run any code: refused"
                )
    except InputError:
        raise
    except Exception as error:  # pickletools raises whatever its readers do
        raise InputError(f"{label} is no whole pickle: it may be cut off or corrupt") from error


def tensors_only(content: bytes | Path, label: str) -> bytes:
    """What ``torch.save`` wrote, as an archive written anew once its pickle has been checked.

    Raises:
        InputError: it is no such archive, or holds more than tensors.
    """
    with archives.opened(content, label) as archive:
        strange = [name for name in archive.names if not MEMBERS.fullmatch(name)]
        if strange or "data.pkl" not in archive.names:
            raise InputError(
                f"{label} holds {strange[0] if strange else 'no data.pkl'}: expected tensors alone, as"
                " torch.save writes them"
            )
        check(archive.read("data.pkl"), label)
        members = ((name, archive.read(name)) for name in archive.names)
        return archives.write(members, archive.root or "archive/").getvalue()


def _known(name: str) -> bool:
    return name in GLOBALS or bool(STORAGE.fullmatch(name) or DTYPE.fullmatch(name))
