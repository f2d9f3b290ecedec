"""A run that is stopped in any way is finished by the same command, with the bytes of an undisturbed one."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

SEED = 5
CONDITIONS = ["clipping@percent=5", "noise.white@snr_db=10"]
AGAIN = "give the same command again"


class Home:
    """A corpus, a checkpoint that costs nothing, and a process that forks children which audit them."""

    def __init__(self, folder: Path, make, loudness: str) -> None:
        self.folder, self.count = folder, 0
        make.corpus(folder / "tones", utterances=6, speakers=3)
        declared = "trained_on = []\n    files = []"
        (folder / "loudness.py").write_text(loudness.replace("trained_on = []", declared))
        script = Path(__file__).with_name("forking.py")
        self.server = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ask(here=True, spec=self.spec(cache=False), output=str(folder / "warm"))

    def spec(self, **changes) -> dict:
        table = str(self.folder / "tones" / "table.csv")
        base = {
            "checkpoints": f"{self.folder / 'loudness.py'}:Loudness",
            "corpora": [{"name": "tones", "path": table, "scales": {"arousal": [0, 1]}}],
            "conditions": CONDITIONS,
            "audits": ["integrity", "correctness", "robustness"],
            "workers": 1,
            "threads": 1,
            "batch_size": 3,
            "device": "cpu",
        }
        return base | changes

    def new(self) -> dict[str, str]:
        """A folder for a run, and one for a cache."""
        self.count += 1
        place = self.folder / f"trial{self.count}"
        return {"output": str(place / "run"), "cache": str(place / "cache")}

    def ask(self, **order) -> dict:
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        answer = self.server.stdout.readline()
        assert answer, self.server.poll()
        return json.loads(answer)


@pytest.fixture(scope="module")
def home(tmp_path_factory, make, loudness_source):
    home = Home(tmp_path_factory.mktemp("kills"), make, loudness_source)
    yield home
    home.server.stdin.close()
    assert home.server.wait(10) == 0
    home.server.stdout.close()


@pytest.fixture(scope="module")
def undisturbed(home, tables_of):
    """Tables of an undisturbed run, its file events, and its seconds, by number of workers."""
    found = {}
    for workers in (1, 2):
        place = home.new()
        done = home.ask(spec=home.spec(workers=workers), **place)
        assert done["code"] == 0, done["said"]
        found[workers] = tables_of(Path(place["output"])), done["events"], done["seconds"]
    assert found[1][0] == found[2][0]
    assert len(found[1][0]) == 3
    return found


def files(place: dict) -> set[str]:
    """What lies in a run's folder."""
    run = Path(place["output"])
    return {str(p.relative_to(run)) for p in run.rglob("*") if p.is_file()}


def finishes(home, place, tables_of, undisturbed, workers=1) -> None:
    """The same command ends as if nothing had been."""
    again = home.ask(spec=home.spec(workers=workers), **place)
    assert again["code"] == 0, again["said"]
    tables = undisturbed[workers][0]
    assert tables_of(Path(place["output"])) == tables
    assert files(place) == {".lock", "manifest.json", *(f"predictions/{name}" for name in tables)}
    assert again["left"] == 0


@pytest.mark.parametrize(("workers", "trials"), [(1, 22), (2, 8)])
def test_a_run_killed_at_a_random_moment_ends_with_the_same_bytes(
    home, tables_of, undisturbed, workers, trials
):
    rng, killed, shared = random.Random(SEED + workers), 0, str(home.folder / f"shared{workers}")
    for trial in range(trials):
        place = home.new()
        if trial % 3 == 0:  # a cache that others have written to, and that is being written when it is killed
            place["cache"] = shared
        moment = rng.uniform(0, undisturbed[workers][2])
        stopped = home.ask(spec=home.spec(workers=workers), kill_after=moment, **place)
        killed += stopped["code"] == -9
        assert stopped["code"] in (0, -9), stopped["said"]
        assert stopped["left"] == 0  # workers end with the process that began them
        finishes(home, place, tables_of, undisturbed, workers)
    assert killed > trials / 3


def test_a_run_killed_before_any_file_is_written_renamed_or_removed_ends_with_the_same_bytes(
    home, tables_of, undisturbed
):
    events = undisturbed[1][1]
    assert events > 30
    for number in range(1, events + 1):
        place = home.new()
        assert home.ask(spec=home.spec(), kill_at=number, **place)["code"] == -9
        finishes(home, place, tables_of, undisturbed)


def test_a_run_killed_again_and_again_gets_on_and_ends_with_the_same_bytes(home, tables_of, undisturbed):
    place, kills = home.new(), 0
    for _ in range(30):
        stopped = home.ask(spec=home.spec(), kill_at=24, **place)
        if stopped["code"] == 0:
            break
        kills += 1
    assert stopped["code"] == 0
    assert kills >= 2
    finishes(home, place, tables_of, undisturbed)


def test_a_disk_that_is_full_at_any_write_is_said_in_a_line_and_nothing_is_lost(home, tables_of, undisturbed):
    stopped = 0
    for number in range(1, undisturbed[1][1] + 1, 2):
        place = home.new()
        full = home.ask(spec=home.spec(), full_at=number, **place)
        if full["code"]:
            stopped += 1
            assert full["code"] in (2, 4)  # 2: not even the folder could be made
            (line,) = full["said"].splitlines()
            assert "No space left on device" in line
            assert full["code"] == 2 or AGAIN in line
        finishes(home, place, tables_of, undisturbed)
    assert stopped > 10


@pytest.mark.parametrize("largest", [0, 100, 1_000, 3_000, 20_000])
def test_files_that_cannot_grow_stop_a_run_that_goes_on_where_they_can(home, tables_of, undisturbed, largest):
    place = home.new()
    full = home.ask(spec=home.spec(), largest=largest, **place)
    assert full["code"] == 4
    (line,) = full["said"].splitlines()
    assert "File too large" in line
    assert AGAIN in line
    finishes(home, place, tables_of, undisturbed)


def test_a_cache_that_is_full_or_cannot_be_written_stops_nothing(home, tables_of, undisturbed):
    place = home.new()
    Path(place["cache"]).parent.mkdir()
    Path(place["cache"]).write_text("a file where the folder should be")
    done = home.ask(spec=home.spec(), **place)
    assert (done["code"], done["said"]) == (0, "")
    finishes(home, place, tables_of, undisturbed)


def test_a_worker_that_is_killed_stops_the_run_in_a_line_and_nothing_is_lost(home, tables_of, undisturbed):
    events = undisturbed[2][1]
    seen = 0
    for number in (events // 2, events // 2 + 4):
        place = home.new()
        stopped = home.ask(spec=home.spec(workers=2), kill_worker=number, **place)
        if stopped["code"]:  # else all was perturbed by then
            seen += 1
            assert stopped["code"] == 4
            last = stopped["said"].strip().splitlines()
            assert any("a worker process was killed" in line and AGAIN in line for line in last)
            assert "Traceback" not in stopped["said"]
        finishes(home, place, tables_of, undisturbed, workers=2)
    assert seen
