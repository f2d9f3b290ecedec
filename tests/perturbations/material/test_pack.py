"""What is found in a folder of sounds."""

import hashlib
import json
import os
import pickle
import shutil
import tracemalloc
from dataclasses import asdict

import numpy as np
import pytest
import soundfile
from ser_audit.perturbations.material.pack import read_pack


def test_sounds_of_all_formats_are_found_and_all_else_is_passed_over(write, tmp_path):
    for suffix in ("wav", "flac", "ogg", "mp3", "aiff", "WAV"):
        write(f"street/a.{suffix}", np.full(4000, 0.1))
    write("street/b.opus")
    folder = tmp_path / "pack"
    for junk in ("README.md", "street/LICENSE", "street/.hidden.wav", ".git/a.wav", "__MACOSX/street/a.wav"):
        (folder / junk).parent.mkdir(parents=True, exist_ok=True)
        (folder / junk).write_text("not a sound")
    (folder / "street/results.mat").write_text("of somebody's own")
    pack = read_pack("p", folder)
    assert [clip.name for clip in pack.clips] == sorted(
        [*(f"street/a.{s}" for s in ("wav", "flac", "ogg", "mp3", "aiff", "WAV")), "street/b.opus"]
    )
    assert {(clip.folder, clip.category, clip.t30) for clip in pack.clips} == {("street", "exterior", None)}
    assert all(clip.path.is_file() for clip in pack.clips)
    assert all(clip.seconds == pytest.approx(0.25, abs=0.12) for clip in pack.clips)  # mp3 has its own frames


def test_the_layout_names_what_was_recognised(write, tmp_path):
    write("audio/1-100032-A-0.wav")
    assert read_pack("p", tmp_path / "pack").layout == "ESC-50"
    write("speech/us-gov/speech-us-gov-0000.wav")
    assert read_pack("p", tmp_path / "pack").layout == "ESC-50 and MUSAN"
    write("mine.wav")
    pack = read_pack("p", tmp_path / "pack")
    assert pack.layout == "ESC-50 and MUSAN and folders"
    assert [(clip.folder, clip.category) for clip in pack.clips] == [
        ("audio", "animals"),
        ("", "environmental"),
        ("speech", "speech"),
    ]


def test_a_room_of_aachen_is_read_and_measured(write, tmp_path, impulse_response):
    response = impulse_response(48000, 0.6)
    write("air_binaural_office_0_1_1.mat", response, 48000)
    write("air_binaural_office_1_1_1.mat", np.stack([response, 0 * response]), 48000)
    write("wav/air_binaural_office_0_1_1.wav", response, 48000)
    pack = read_pack("air", tmp_path / "pack")
    assert pack.layout == "AIR"
    assert len(pack.clips) == 3
    for clip in pack.clips:
        assert clip.seconds == pytest.approx(len(response) / 48000)
        assert clip.t30 == pytest.approx(0.6, rel=0.03)


def test_the_revision_is_that_of_names_and_bytes_wherever_the_folder_lies(write, tmp_path):
    write("a/x.wav")
    write("b.wav")
    folder = tmp_path / "pack"
    pack = read_pack("p", folder)
    digest = hashlib.sha256()
    for name in ("a/x.wav", "b.wav"):
        data = (folder / name).read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    assert pack.revision == f"sha256:{digest.hexdigest()}"

    (folder / "README").write_text("changes nothing")
    shutil.copytree(folder, tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(folder)
    for other in ("elsewhere", "link"):
        copy = read_pack("p", tmp_path / other)
        assert copy.revision == pack.revision
        assert [c.name for c in copy.clips] == [c.name for c in pack.clips]

    (folder / "b.wav").rename(folder / "c.wav")
    renamed = read_pack("p", folder).revision
    write("c.wav", np.full(4000, 0.2))
    assert len({pack.revision, renamed, read_pack("p", folder).revision}) == 3


def test_links_out_of_the_folder_are_refused_and_pipes_passed_over(write, tmp_path):
    write("a.wav")
    outside = tmp_path / "outside"
    outside.mkdir()
    soundfile.write(outside / "secret.wav", np.full(100, 0.1), 8000)
    folder = tmp_path / "pack"
    for link, target in (("file.wav", outside / "secret.wav"), ("sounds", outside)):
        (folder / link).symlink_to(target)
        with pytest.raises(ValueError, match=f"noise pack p: {link} is a link, which is not followed: give"):
            read_pack("p", folder)
        (folder / link).unlink()
    os.mkfifo(folder / "pipe.wav")  # reading it would wait for ever
    (folder / "broken.wav").symlink_to(folder / "none.wav.missing")
    (folder / "again.wav").symlink_to(folder / "a.wav")
    with pytest.raises(ValueError, match=r"noise pack p: broken\.wav cannot be read: No such file"):
        read_pack("p", folder)
    (folder / "broken.wav").unlink()
    assert [clip.name for clip in read_pack("p", folder).clips] == ["a.wav", "again.wav"]


def test_packs_travel_to_worker_processes(write, tmp_path):
    write("a.wav")
    pack = read_pack("p", tmp_path / "pack")
    assert pickle.loads(pickle.dumps(pack)) == pack  # noqa: S301
    assert json.loads(json.dumps(asdict(pack), default=str))["clips"][0]["name"] == "a.wav"


def test_a_file_beyond_memory_is_hashed_in_blocks(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(0), 16000, subtype="PCM_16")
    size = 256 * 2**20
    header = bytearray(path.read_bytes())
    header[4:8] = (size - 8).to_bytes(4, "little")
    header[40:44] = (size - 44).to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(header)
        file.truncate(size)
    tracemalloc.start()
    pack = read_pack("p", tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pack.clips[0].seconds == pytest.approx((size - 44) / 2 / 16000)
    assert peak < 16 * 2**20


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a@b", "ä", "a/b", "a\n"])
def test_a_name_that_cannot_be_in_an_id_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match="letters, digits, _ and - only"):
        read_pack(name, tmp_path)


def test_a_name_that_is_a_family_already_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"'white': noise\.white is a family already"):
        read_pack("white", tmp_path)


def test_what_is_no_pack_is_refused_in_one_line(write, tmp_path, impulse_response):
    folder = tmp_path / "pack"

    def message():
        with pytest.raises(ValueError, match="^noise pack p: ") as caught:
            read_pack("p", folder)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert message() == f"noise pack p: {folder} is not a folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing here")
    assert message().startswith(f"noise pack p: {folder} holds no audio; wav, flac, ")
    (folder / "a.wav").write_text("no wave")
    assert message() == "noise pack p: a.wav cannot be read: Format not recognised"
    (folder / "a.wav").unlink()
    soundfile.write(folder / "b.wav", np.zeros(0), 8000)
    assert message() == "noise pack p: b.wav cannot be read: it holds no samples"
    (folder / "b.wav").unlink()
    write("rir/c.wav", np.zeros(100))
    assert message() == "noise pack p: rir/c.wav cannot be read: it is silent, and so no impulse response"
    soundfile.write(folder / "rir/c.wav", np.array([1, np.nan, 0]), 8000, subtype="FLOAT")
    assert message() == "noise pack p: rir/c.wav cannot be read: it holds samples that are NaN or infinite"
    (folder / "rir/c.wav").unlink()
    (folder / "air_a.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    assert message().startswith("noise pack p: air_a.mat cannot be read: it is no MATLAB file with h_air")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_named(write, tmp_path):
    write("closed/a.wav").parent.chmod(0)
    with pytest.raises(ValueError, match="closed cannot be read: Permission denied"):
        read_pack("p", tmp_path / "pack")
