"""What a corpus sounds like, as a hash: another wherever a wave could be another, and nowhere else."""

import hashlib
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpora.decode import Source
from ser_audit.benchmark.corpus import CorpusOptions, Utterance
from ser_audit.benchmark.engine.content import content
from ser_audit.benchmark.engine.recordings import Absent


@dataclass(frozen=True)
class Made:
    content: object

    def __call__(self):
        raise AssertionError("decoded")


def utterance(name, load, speaker="s"):
    return Utterance(id=name, speaker=speaker, truth={"arousal": 0.5}, groups={}, load=load)


def of(*utterances):
    return content(SimpleNamespace(utterances=utterances))


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"some bytes")
    return tmp_path / "a.wav"


def test_bytes_segment_name_speaker_and_order_count(file, tmp_path):
    base = utterance("u", Source(str(file)))
    other = utterance("v", Source(str(file), 1.0, 2.0))
    hashes = {
        of(base),
        of(other),
        of(base, other),
        of(other, base),
        of(replace(base, speaker="t")),
        of(replace(base, id="w")),
        of(replace(base, load=Source(str(file), 0.5))),
        of(replace(base, load=Source(str(file), None, 0.5))),
        of(replace(base, load=Source(str(tmp_path / "missing.wav")))),
        of(replace(base, load=Absent("phone"))),
    }
    file.write_bytes(b"some byteS")
    hashes.add(of(base))
    assert len(hashes) == 11
    assert all(h.startswith("sha256:") and len(h) == 71 for h in hashes)


def test_place_name_and_time_of_a_file_truth_and_groups_do_not_count(file, tmp_path):
    base = utterance("u", Source(str(file)))
    moved = tmp_path / "elsewhere.flac"
    moved.write_bytes(file.read_bytes())
    others = [{"load": Source(str(moved))}, {"truth": {}}, {"groups": {"sex": "f"}}]
    assert {of(replace(base, **other)) for other in others} == {of(base)}


def test_names_cannot_run_into_each_other(file):
    load = Source(str(file))
    assert of(utterance("ab", load, "c")) != of(utterance("a", load, "bc"))
    assert of(utterance('a", "b', load, "c")) != of(utterance("a", load, 'b", "c'))


def test_audio_that_is_made_says_what_it_is_made_from_or_is_not_known(file):
    assert of(utterance("u", Made([1, 2]))) != of(utterance("u", Made([1, 3])))
    assert of(utterance("u", lambda: None)) is None
    assert of(utterance("u", Source(str(file))), utterance("v", lambda: None)) is None


def test_synthetic_corpora_are_known_without_a_voice_being_made():
    def known(reference):
        return content(open_corpus("aru", reference, CorpusOptions()))

    base = "synthetic:aru?speakers=4&utterances=3"
    assert known(base) == known(base)
    assert known(base) is not None
    others = {known(f"{base}&seed=1"), known("synthetic:aru?speakers=5&utterances=3"), known(base)}
    assert len(others) == 3


def test_a_file_is_read_once_however_many_segments_it_has(file, monkeypatch):
    seen, digest = [], hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda f, name: seen.append(1) or digest(f, name))
    assert of(*(utterance(str(i), Source(str(file), float(i))) for i in range(50)))
    assert len(seen) == 1


def test_a_file_that_is_a_folder_or_has_an_impossible_name_is_no_error(tmp_path):
    for name in (str(tmp_path), str(tmp_path / ("x" * 300)), str(tmp_path / "a\0b")):
        assert of(utterance("u", Source(name)))
