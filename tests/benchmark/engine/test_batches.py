from hypothesis import given
from hypothesis import strategies as st
from ser_audit.benchmark.engine.batches import batches

LENGTHS = st.lists(st.integers(0, 200_000), max_size=60)


@given(LENGTHS, st.integers(1, 20))
def test_every_utterance_with_audio_is_in_exactly_one_batch(lengths, size):
    placed = sorted(i for b in batches(lengths, size, 16000) for i in b)
    assert placed == [i for i, n in enumerate(lengths) if n]


@given(LENGTHS, st.integers(1, 20), st.sampled_from([7.5, 15.0, 60.0]))
def test_batches_are_bounded_in_utterances_and_in_padded_seconds(lengths, size, seconds):
    for batch in batches(lengths, size, 1000, seconds):
        assert len(batch) <= size
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= seconds * 1000


@given(LENGTHS, st.integers(2, 20))
def test_batches_go_from_short_to_long_so_that_little_is_padded(lengths, size):
    flat = [lengths[i] for b in batches(lengths, size, 16000) for i in b]
    assert flat == sorted(flat)
