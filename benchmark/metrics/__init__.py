"""Metrics as additive statistics: sum the rows, then finish.

Every metric is a function of sums over rows, so a group, a condition, a bootstrap draw and a shard are the
same operation: add the statistics, then ``finish``. One kind of metric per file; they import numpy alone.
"""

from .agreement import CCC, MAE, PCC, Mean, offset
from .calibration import ECE, Brier
from .changes import PUP
from .classes import F1, UAR, Precision
from .distribution import JSD
from .metric import UNIT, Metric
from .ranking import Spearman

__all__ = [
    "CCC",
    "ECE",
    "F1",
    "JSD",
    "MAE",
    "PCC",
    "PUP",
    "UAR",
    "UNIT",
    "Brier",
    "Mean",
    "Metric",
    "Precision",
    "Spearman",
    "offset",
]
