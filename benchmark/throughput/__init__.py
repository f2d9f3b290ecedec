"""Throughput: how fast a checkpoint is on this machine, in MLPerf's scenarios, and against what.

Single stream, offline and server (``scenarios.py``), decoding apart from them (``decoding.py``), peak memory
(``memory.py``), a baseline or another arithmetic in turn (``ratio.py``, ``variants.py``), all of it while the
machine is watched (``watch.py``); :func:`measure` does it, :func:`write` keeps it as pytest-benchmark's JSON.
The audit of the same name judges what lies in that file.
"""

from .measure import measure
from .record import write

__all__ = ["measure", "write"]
