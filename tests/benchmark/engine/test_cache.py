"""What was kept may be damaged, gone, unreadable or in use: no run is stopped, no number is wrong."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark import InputError, Run, Spec, predict
from ser_audit.benchmark.engine.cache import Cache, key, user_cache
from ser_audit.benchmark.engine.folder import WORK

KEY = "ab" * 32


def spec(home: Path, **changes) -> Spec:
    corpus = {"name": "tones", "path": str(home / "tones" / "table.csv"), "scales": {"arousal": (0, 1)}}
    base = {
        "checkpoints": str(home / "model" / "tiny.onnx"),
        "corpora": [corpus],
        "conditions": ("noise.white@snr_db=10",),
        "audits": ("integrity", "correctness", "throughput"),
        "workers": 1,
        "threads": 1,
        "device": "cpu",
        "batch_size": 3,
    }
    return Spec(**(base | changes))


@pytest.fixture(scope="module")
def origin(tmp_path_factory, make):
    home = tmp_path_factory.mktemp("origin")
    make.graph(home / "model" / "tiny.onnx")
    make.corpus(home / "tones", utterances=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SER_AUDIT_CACHE", str(home / "cache"))
        quick_timings(patch)
        predict(spec(home), home / "run")
    assert {p.name for p in (home / "cache").iterdir()} == {"audio", "predictions", "proofs", "throughput"}
    return home


def quick_timings(patch) -> None:
    patch.setattr(
        "ser_audit.benchmark.throughput.measure", lambda checkpoint, *a, **k: {"of": checkpoint.name}
    )


@pytest.fixture
def home(origin, own_cache, monkeypatch):
    """The origin, with a cache of this test's own."""
    quick_timings(monkeypatch)
    shutil.copytree(origin / "cache", own_cache, dirs_exist_ok=True)
    return origin


def artefacts(run: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(run)): p.read_bytes() for p in run.rglob("*") if p.suffix in (".parquet", ".json")
    }


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-len(content) // 3] ^= 4
    path.write_bytes(bytes(content))


def flipped_in_its_hash(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(bytes(content))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "x").mkdir(parents=True)


def a_dead_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def another_entry(path: Path) -> None:
    others = [p for p in path.parents[1].rglob("*") if p.is_file() and p != path]
    path.write_bytes(others[0].read_bytes() if others else b"0" * 64 + b"\nnothing")


DAMAGE = [truncated, flipped, flipped_in_its_hash, emptied, longer, a_folder, a_dead_link]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["audio", "predictions", "proofs", "throughput", "all"])
def test_a_damaged_entry_is_as_good_as_none(home, own_cache, tmp_path, damage, kind):
    entries = [p for p in own_cache.rglob("*") if p.is_file() and kind in (p.parts[-3], "all")]
    assert entries
    for entry in entries:
        damage(entry)
    predict(spec(home), tmp_path / "new")
    assert artefacts(tmp_path / "new") == artefacts(home / "run")
    if damage not in (a_folder,):  # and it is whole again
        assert all(Cache(own_cache).has(e.parts[-3], e.name) for e in entries)


def test_every_bit_of_an_entry_counts(tmp_path):
    cache = Cache(tmp_path)
    cache.put("kind", KEY, b"content")
    path = tmp_path / "kind" / KEY[:2] / KEY
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            assert cache.get("kind", KEY) is None
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert not cache.has("kind", KEY)


@given(st.binary(max_size=200))
def test_what_is_kept_comes_back(content):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        assert cache.get("kind", KEY) is None
        cache.put("kind", KEY, content)
        assert cache.get("kind", KEY) == content
        assert cache.get("other", KEY) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads and writes everything")
def test_a_cache_that_may_not_be_read_or_written_stops_nothing(home, own_cache, tmp_path):
    own_cache.chmod(0)
    try:
        predict(spec(home), tmp_path / "new")
    finally:
        own_cache.chmod(0o700)
    assert artefacts(tmp_path / "new") == artefacts(home / "run")


@pytest.mark.parametrize("error", [PermissionError(13, "denied"), OSError(30, "Read-only file system")])
def test_a_cache_that_gives_errors_stops_nothing(home, tmp_path, monkeypatch, own_cache, error):
    from ser_audit.benchmark.engine import cache

    real = Path.read_bytes

    def read(path):
        if own_cache in path.parents:
            raise error
        return real(path)

    def write(path, content):
        raise error

    monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(cache, "write_atomically", write)
    predict(spec(home), tmp_path / "new")
    monkeypatch.undo()
    assert artefacts(tmp_path / "new") == artefacts(home / "run")


def test_an_entry_that_vanishes_while_it_is_wanted_is_computed(home, tmp_path, monkeypatch):
    get, seen = Cache.get, []

    def once(self, kind, name):
        content = get(self, kind, name)
        if kind == "predictions" and content is not None:
            seen.append(name)
            if len(seen) <= 2:  # as `has` sees both tables
                (self.folder / kind / name[:2] / name).unlink()
        return content

    monkeypatch.setattr(Cache, "get", once)
    predict(spec(home), tmp_path / "new")
    assert artefacts(tmp_path / "new") == artefacts(home / "run")


def test_the_users_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SER_AUDIT_CACHE", str(tmp_path / "a"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    monkeypatch.setenv("HOME", str(tmp_path / "c"))
    assert user_cache().folder == tmp_path / "a"
    monkeypatch.delenv("SER_AUDIT_CACHE")
    assert user_cache().folder == tmp_path / "b" / "ser-audit"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert user_cache().folder == tmp_path / "c" / ".cache" / "ser-audit"
    assert user_cache(False).folder is None


def test_without_the_cache_nothing_is_read_and_nothing_written(home, own_cache, tmp_path, monkeypatch):
    shutil.rmtree(own_cache)
    predict(spec(home, cache=False), tmp_path / "new")
    assert not own_cache.exists()
    assert artefacts(tmp_path / "new") == artefacts(home / "run")


@given(st.lists(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text())), max_size=4))
def test_other_parts_make_another_key(parts):
    assert key(*parts) == key(*parts)
    assert key(*parts) != key(*parts, "")
    assert key(*parts) != key(parts)


def test_the_cache_holds_no_names_no_truth_and_no_audio(home, own_cache):
    for entry in own_cache.rglob("*"):
        if entry.is_file() and entry.parts[-3] != "throughput":
            for said in (b"tones", b"s1", b"cross", b".wav", str(home).encode()):
                assert said not in entry.read_bytes()
    assert sum(p.stat().st_size for p in own_cache.rglob("*") if p.is_file()) < 50_000


def broken_journal(home, tmp_path, damage) -> dict[str, bytes]:
    """Tables of a run that was interrupted, and whose work was damaged meanwhile."""
    from ser_audit.benchmark.engine import predict as step

    target, rows_of = tmp_path / "cut", step.rows_of
    with pytest.MonkeyPatch.context() as patch:
        passes = []

        def interrupted(checkpoint, inputs):
            if len(passes) == 3:
                raise KeyboardInterrupt
            passes.append(1)
            return rows_of(checkpoint, inputs)

        patch.setattr(step, "rows_of", interrupted)
        with pytest.raises(KeyboardInterrupt):
            predict(spec(home, cache=False), target)
    work = target / WORK
    damage(next(work.glob("*noise*.jsonl")), next(work.glob("*[0-9a-f].json")), next(work.glob("*.f32")))
    predict(spec(home, cache=False), target)
    return artefacts(target)


def change(path: Path, how) -> None:
    """Change the last line of a journal."""
    *rest, last = path.read_bytes().splitlines(keepends=True)
    assert rest
    assert how(last) != last
    path.write_bytes(b"".join(rest) + how(last))


def more(line: bytes):
    return lambda journal, index, store: change(journal, lambda last: last + line + b"\n")


def in_journal(how):
    return lambda journal, index, store: change(journal, how)


def index_of(content: bytes):
    return lambda journal, index, store: index.write_bytes(content)


WORK_DAMAGE = {
    "nothing": lambda journal, index, store: None,
    "journal gone": lambda journal, index, store: journal.unlink(),
    "journal empty": lambda journal, index, store: journal.write_bytes(b""),
    "journal of zeros": lambda journal, index, store: journal.write_bytes(b"\0" * 300),
    "journal cut": in_journal(lambda last: last[:-20]),
    "other digits": in_journal(lambda last: last.replace(b"1", b"2")),
    "other hash": in_journal(lambda last: b"0" * 16 + last[16:]),
    "a number": more(b"5"),
    "an array": more(b"[1, 2]"),
    "a null": more(b"null"),
    "something else": more(b'{"a": 1}'),
    "a batch without rows": more(b'{"batch": 1, "rows": [], "halved": false}'),
    "a batch that is none": more(b'{"batch": 99, "rows": [], "halved": false}'),
    "no text": more(b"\xff\xfe"),
    "index gone": lambda journal, index, store: index.unlink(),
    "index empty": index_of(b""),
    "index cut": lambda journal, index, store: index.write_bytes(index.read_bytes()[:100]),
    "index of another shape": index_of(b'{"a": 1}'),
    "index of other slots": index_of(b'[[], [], [{"x": 1}], null]'),
    "index a number": index_of(b"5"),
    "index no text": index_of(b"\xff\xfe"),
    "store gone": lambda journal, index, store: store.unlink(),
    "store empty": lambda journal, index, store: store.write_bytes(b""),
    "store cut": lambda journal, index, store: store.write_bytes(store.read_bytes()[:-4000]),
}


@pytest.mark.parametrize("damage", WORK_DAMAGE.values(), ids=WORK_DAMAGE)
def test_work_that_was_damaged_while_a_run_lay_still_is_done_again(home, tmp_path, damage):
    assert broken_journal(home, tmp_path, damage) == artefacts(home / "run")


def test_two_processes_may_use_a_cache_at_once(home, own_cache, tmp_path):
    shutil.rmtree(own_cache)
    script = (
        "import sys; from ser_audit.benchmark import Spec, predict\n"
        "predict(Spec.model_validate_json(sys.argv[1]), sys.argv[2])\n"
    )
    said = spec(home, audits=("integrity", "correctness")).model_dump_json()
    runs = [tmp_path / name for name in ("a", "b", "c")]
    processes = [subprocess.Popen([sys.executable, "-c", script, said, str(run)]) for run in runs]
    assert [p.wait(120) for p in processes] == [0, 0, 0]
    tables = {n: b for n, b in artefacts(home / "run").items() if n.endswith("parquet")}
    for run in runs:
        assert {n: b for n, b in artefacts(run).items() if n.endswith("parquet")} == tables
    entries = [p for p in own_cache.rglob("*") if p.is_file()]
    assert all(Cache(own_cache).has(p.parts[-3], p.name) for p in entries)
    assert not [p for p in entries if p.name.endswith(".tmp")]


def test_of_two_commands_on_a_folder_one_is_refused_and_the_other_finishes(home, tmp_path, monkeypatch):
    from ser_audit.benchmark.engine import session

    inside, go = threading.Event(), threading.Event()
    real = session.predict_units

    def slow(*arguments):
        inside.set()
        assert go.wait(30)
        real(*arguments)

    monkeypatch.setattr(session, "predict_units", slow)
    first = threading.Thread(target=predict, args=(spec(home, cache=False), tmp_path / "run"))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(InputError, match="another process holds"):
            predict(spec(home), tmp_path / "run")
    finally:
        go.set()
        first.join(60)
    assert not Run(tmp_path / "run").missing()
    assert artefacts(tmp_path / "run") == artefacts(home / "run")
