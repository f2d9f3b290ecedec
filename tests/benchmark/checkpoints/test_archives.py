"""Archives are read as data: one that could do more than hold its members is refused in one line."""

import io
import stat
import struct
import zipfile

import pytest
from ser_audit.benchmark.checkpoints import archives
from ser_audit.benchmark.errors import InputError


def made(tmp_path, members, method=zipfile.ZIP_STORED):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def refused(match, source, **options):
    def read():
        with archives.opened(source, "a.zip", **options) as archive:
            return [archive.read(name) for name in archive.names]

    with pytest.raises(InputError, match=match) as caught:
        read()
    assert "\n" not in str(caught.value)


def test_members_are_read_below_their_common_folder(tmp_path):
    path = made(tmp_path, [("net/version", b"3"), ("net/data/0", b"abc")])
    with archives.opened(path, "a.zip") as archive:
        assert (archive.root, archive.names) == ("net/", ("version", "data/0"))
        assert archive.read("data/0") == b"abc"
        with pytest.raises(InputError, match="has no member 'data/1'"):
            archive.read("data/1")
    with archives.opened(made(tmp_path, [("version", b"3"), ("data/0", b"")]), "a.zip") as archive:
        assert (archive.root, archive.names) == ("", ("version", "data/0"))


def test_what_is_written_is_what_was_given():
    buffer = archives.write([("version", b"3"), ("data/0", b"abc" * 1000)], "net/")
    with zipfile.ZipFile(buffer) as archive:
        assert archive.testzip() is None
        assert {i.filename: i.compress_type for i in archive.infolist()} == {
            "net/version": 0,
            "net/data/0": 0,
        }
        assert archive.read("net/data/0") == b"abc" * 1000


@pytest.mark.parametrize(
    "name", ["../evil", "net/../../evil", "/etc/evil", "C:/evil", "net\\..\\evil", "..", "net/./evil"]
)
def test_a_name_that_leaves_the_archive_is_refused(tmp_path, name):
    refused("a name that leaves the archive", made(tmp_path, [("net/version", b"3"), (name, b"x")]))


def test_a_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("net/weights")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused("'net/weights' is a link", made(tmp_path, [(info, b"/etc/passwd")]))


def test_a_member_that_is_there_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = made(tmp_path, [("net/data.pkl", b"good"), ("net/data.pkl", b"evil")])
    refused("'net/data.pkl' is there twice", path)


def test_an_encrypted_member_is_refused(tmp_path):
    path = made(tmp_path, [("net/data.pkl", b"x")])
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x01\x02")  # its entry in the list of members; bit 0 of its flags
    content[place + 8] |= 1
    path.write_bytes(content)
    refused("'net/data.pkl' is encrypted", path)


def test_an_archive_that_unpacks_to_more_than_its_size_is_refused(tmp_path):
    bomb = made(tmp_path, [("net/data", bytes(200_000_000))], zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 300_000
    refused("is compressed, which torch does not do", bomb)
    refused("200000000: refused, as one made to exhaust the memory", bomb, compressed=True)
    text = made(tmp_path, [("net/code", b"x = 1\n" * 100_000)], zipfile.ZIP_DEFLATED)
    with archives.opened(text, "a.zip", compressed=True) as archive:
        assert len(archive.read("code")) == 600_000


def test_members_that_share_their_bytes_are_refused(tmp_path):
    """Overlapping members: a small file that declares many times its size (Fifield 2019)."""
    path = made(tmp_path, [("net/a", bytes(5000)), ("net/b", bytes(10))])
    content = bytearray(path.read_bytes())
    second = content.rfind(b"PK\x01\x02")
    struct.pack_into("<II", content, second + 20, 5000, 5000)  # compressed and plain size of net/b
    path.write_bytes(content)
    refused("but its members would have 10000", path)


def test_a_cut_or_changed_archive_is_refused(tmp_path):
    whole = made(tmp_path, [("net/version", b"3"), ("net/data/0", bytes(1000))]).read_bytes()
    refused("no whole zip archive: it may be cut off", whole[:-30])
    refused("no whole zip archive", b"no zip at all")
    place = whole.index(bytes(1000))
    refused("is corrupt: its member 'data/0'", whole[:place] + b"\1" + whole[place + 1 :])


def test_what_torch_wrote_is_told_by_the_members_not_by_the_suffix(tmp_path):
    import torch

    class Twice(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    program = torch.export.export(Twice(), (torch.ones(2, 3),))
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.script(Twice()).save(tmp_path / "scripted.bin")
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    (tmp_path / "exported.bin").write_bytes(buffer.getvalue())
    torch.save({"w": torch.ones(2)}, tmp_path / "state.bin")
    (tmp_path / "cut.bin").write_bytes((tmp_path / "state.bin").read_bytes()[:300])
    (tmp_path / "text.bin").write_bytes(b"hello")
    made(tmp_path, [("notes.txt", b"x")])
    kinds = {file.name: archives.kind(file) for file in tmp_path.iterdir()}
    assert kinds == {
        "scripted.bin": "TorchScript",
        "exported.bin": "torch.export",
        "state.bin": "pickle",
        "cut.bin": "cut off",
        "text.bin": None,
        "a.zip": None,
    }
