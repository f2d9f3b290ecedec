import pytest
from ser_audit.benchmark.engine.journal import Journal

ROWS = [("ok", None, "ab", [0.1, 0.25]), ("not_perturbed", "silence", None, None)]


def test_a_journal_gives_back_the_rows_of_finished_batches(tmp_path):
    path = tmp_path / "unit.jsonl"
    journal = Journal(path, "key")
    journal.append(3, ROWS)
    journal.append(5, ROWS[:1])
    assert Journal(path, "key").batches == {3: ROWS, 5: ROWS[:1]}


@pytest.mark.parametrize("torn", range(1, 60, 7))
def test_a_torn_last_line_is_dropped_and_what_follows_is_read_again(tmp_path, torn):
    path = tmp_path / "unit.jsonl"
    journal = Journal(path, "key")
    journal.append(0, ROWS)
    journal.append(1, ROWS)
    path.write_bytes(path.read_bytes()[:-torn])
    resumed = Journal(path, "key")
    assert resumed.batches == {0: ROWS}
    resumed.append(1, ROWS)
    assert Journal(path, "key").batches == {0: ROWS, 1: ROWS}


def test_a_journal_of_other_settings_is_begun_anew(tmp_path):
    path = tmp_path / "unit.jsonl"
    Journal(path, "key").append(0, ROWS)
    assert Journal(path, "other").batches == {}
    assert Journal(path, "other").batches == {}


def test_float32_scores_come_back_exactly(tmp_path):
    import numpy as np

    scores = np.random.default_rng(0).random(50).astype(np.float32)
    path = tmp_path / "unit.jsonl"
    Journal(path, "key").append(0, [("ok", None, "ab", [float(s) for s in scores])])
    read = Journal(path, "key").batches[0][0][3]
    assert (np.array(read, dtype=np.float32) == scores).all()
