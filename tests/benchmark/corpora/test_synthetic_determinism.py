"""The same bytes whatever the order, the process, and what else was drawn."""

import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
from ser_audit.benchmark.corpora.synthetic import corpus, open_corpus, script
from ser_audit.benchmark.corpora.synthetic.randomness import generator
from ser_audit.benchmark.corpus import CorpusOptions

REFERENCE = "synthetic:aru?speakers=3&utterances=2&noise=sex:male:10"


def digest(utterance):
    return hashlib.sha256(utterance.load()[0].tobytes()).hexdigest()


def opened(path=REFERENCE):
    return open_corpus("demo", path, CorpusOptions())


def test_bytes_do_not_depend_on_the_order_of_loading():
    forwards = {u.id: digest(u) for u in opened().utterances}
    np.random.seed(1)  # noqa: NPY002 — the global generator must play no part
    backwards = {u.id: digest(u) for u in reversed(opened().utterances)}
    assert forwards == backwards
    assert len(set(forwards.values())) == 6


def test_bytes_do_not_depend_on_the_process():
    utterances = opened().utterances
    code = (
        "import sys, pickle, hashlib\n"
        "for u in pickle.loads(sys.stdin.buffer.read()):\n"
        "    print(hashlib.sha256(u.load()[0].tobytes()).hexdigest())\n"
    )
    for hash_seed in ("0", "7"):
        found = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps(utterances),
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        )
        assert found.stdout.decode().split() == [digest(u) for u in utterances]


def test_a_larger_corpus_begins_with_the_smaller_one():
    small = {u.id: digest(u) for u in opened().utterances}
    large = {u.id: digest(u) for u in opened(REFERENCE.replace("=3", "=4").replace("=2", "=3")).utterances}
    assert large.items() >= small.items()


def test_the_revision_tells_corpora_apart():
    references = [
        REFERENCE,
        REFERENCE + "&seed=1",
        REFERENCE.replace(":10", ":20"),
        "synthetic:aru",
        "synthetic:beno",
    ]
    assert opened().revision == opened().revision
    assert len({opened(r).revision for r in references}) == len(references)
    assert opened().revision.startswith("sha256:")


def test_another_seed_gives_other_speech():
    assert digest(opened().utterances[0]) != digest(opened(REFERENCE + "&seed=1").utterances[0])


def test_parts_of_a_key_do_not_run_together():
    assert generator("a", "bc").random() != generator("ab", "c").random()
    assert generator(1, "a").random() == generator(1, "a").random()


def test_no_two_utterances_share_a_draw(monkeypatch):
    utterances, keys = opened().utterances, []
    for module in (corpus, script):
        monkeypatch.setattr(module, "generator", lambda *key: keys.append(key) or generator(*key))
    for utterance in utterances:
        utterance.load()
    assert len(keys) == len(set(keys)) == 3 * len(utterances)  # script, voice, defects


def test_synthesis_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from ser_audit.benchmark.corpora.synthetic import open_corpus\n"
        "from ser_audit.benchmark.corpus import CorpusOptions\n"
        f"open_corpus('demo', {REFERENCE!r}, CorpusOptions()).utterances[0].load()\n"
        "print([m for m in ('torch', 'transformers', 'scipy', 'pandas', 'soundfile') if m in sys.modules])\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
