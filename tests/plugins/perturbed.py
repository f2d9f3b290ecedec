"""Hashes of perturbed waves from fresh processes: ``perturbed.py METHOD WORKERS SEED CONDITION…``, as JSON.

A script of its own, so that worker processes can import what they run, and that none of them is forked from
a process with the threads of a test session.
"""

import hashlib
import json
import multiprocessing
import sys

import numpy as np
from ser_audit.perturbations.make import make
from ser_audit.perturbations.rng import generator

RATE = 16000  # Hz


def perturb(condition, utterance, seed=0):
    """The hash of one utterance in one condition; its wave differs from utterance to utterance."""
    wave = np.random.default_rng(utterance).normal(0, 0.1, 6000 + 17 * utterance).astype(np.float32)
    out = make(condition)(wave, RATE, generator(seed, str(utterance), condition))
    return hashlib.sha256(out.tobytes()).hexdigest()


def perturb_all(jobs):
    """The hashes of (condition, utterance, seed) in turn."""
    return [perturb(*job) for job in jobs]


def main(method, workers, seed, *conditions):
    """Deal the jobs to worker processes, and print the hashes in the jobs' order."""
    jobs = [(condition, utterance, int(seed)) for condition in conditions for utterance in range(2)]
    count = int(workers)
    parts = [jobs[i::count] for i in range(count)]
    if method == "alone":
        hashes = [perturb_all(part) for part in parts]
    elif method == "loky":
        from loky import get_reusable_executor

        hashes = list(get_reusable_executor(max_workers=count).map(perturb_all, parts))
    else:
        with multiprocessing.get_context(method).Pool(count) as pool:
            hashes = pool.map(perturb_all, parts, chunksize=1)
    print(json.dumps([hashes[i % count][i // count] for i in range(len(jobs))]))


if __name__ == "__main__":
    main(*sys.argv[1:])
