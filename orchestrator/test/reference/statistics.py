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


def exact_p(base, patched):
    """Every assignment within blocks, counted one by one: the aligned rank test."""
    logs = [numpy.log(numpy.array(b + p)) for b, p in zip(base, patched)]
    ranks = stats.rankdata(numpy.round(numpy.concatenate([block - block.mean() for block in logs]), 12))
    blocks = numpy.split(ranks, numpy.cumsum([len(block) for block in logs])[:-1])
    seen = sum(block[len(block) // 2:].sum() for block in blocks)
    sums = [sum(choice) for choice in itertools.product(*[[sum(half) for half in itertools.combinations(block, len(block) // 2)] for block in blocks])]
    low = sum(s <= seen + 1e-9 for s in sums) / len(sums)
    high = sum(s >= seen - 1e-9 for s in sums) / len(sums)
    return min(1.0, 2 * min(low, high))


def blocks_of(count, shift, digits):
    draw = lambda by: [[float(x) for x in numpy.round(10 + block + by + random.normal(0, 0.2, 2), digits)] for block in range(count)]
    return draw(0), draw(shift)


blocks = [blocks_of(count, shift, digits) for count in (1, 2, 5, 6) for shift, digits in ((0, 3), (0.2, 1), (1, 3))]
blocks.append(([[1.0, 2.0], [3.0]], [[2.0, 2.0], [4.0]]))  # a pair was lost

print(json.dumps({
    "scipy": scipy.__version__,
    "cases": [{"values": s, "hodgesLehmann": walsh_median(s)} for s in samples],
    "blocks": [{"base": b, "patched": p, "p": exact_p(b, p)} for b, p in blocks],
    "probit": {"0.975": float(stats.norm.ppf(0.975)), "0.8": float(stats.norm.ppf(0.8))},
}, indent=1))
