#!/usr/bin/env python3
# Reference values for orchestrator/src/evaluate/statistics.test.ts, by scipy (Debian: python3-scipy):
#
#   python3 orchestrator/test/reference/statistics.py > orchestrator/test/reference/statistics.json
import itertools
import json

import numpy
import scipy
from scipy import stats

random = numpy.random.default_rng(20261125)
samples = [
    [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08],
    [-0.01, 0.02, 0.02, -0.02, 0.05, 0.0, 0.07],
    [0.5],
    [0.1, -0.1],
    [0.03, 0.03, 0.03, -0.03, 0.03],
] + [[float(x) for x in numpy.round(random.normal(shift, 0.02, size), 6)] for shift in (0, 0.01, 0.05) for size in (6, 9, 14, 24)]


def walsh_median(values):
    return float(numpy.median([(a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2)]))


def exact_p(values):
    """Every assignment of signs, as scipy enumerates it: also right where values are tied."""
    apart = numpy.array([v for v in values if v != 0])
    ranks = stats.rankdata(numpy.abs(apart))
    if len(apart) <= 14:
        sums = [sum(r for r, plus in zip(ranks, signs) if plus) for signs in itertools.product((0, 1), repeat=len(apart))]
        seen = float(ranks[apart > 0].sum())
        low = sum(s <= seen + 1e-9 for s in sums) / len(sums)
        high = sum(s >= seen - 1e-9 for s in sums) / len(sums)
        return min(1.0, 2 * min(low, high))
    assert len(set(numpy.abs(apart))) == len(apart)
    return float(stats.wilcoxon(apart, method="exact").pvalue)


print(json.dumps({
    "scipy": scipy.__version__,
    "cases": [{"values": s, "hodgesLehmann": walsh_median(s), "p": exact_p(s)} for s in samples],
    "probit": {"0.975": float(stats.norm.ppf(0.975)), "0.8": float(stats.norm.ppf(0.8))},
}, indent=1))
