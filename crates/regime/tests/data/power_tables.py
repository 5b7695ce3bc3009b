"""Simulates the tables of `src/analysis/inference/power.rs`: effects that randomisation tests of few units show with a power of 80%.

    python3 -m venv target/venv && target/venv/bin/pip install numpy scipy
    target/venv/bin/python crates/regime/tests/data/power_tables.py

Units are normal with standard deviation 1. The third column is what a t test needs (Bloom 1995), for comparison.
"""

import itertools

import numpy as np
from scipy import stats

SIMULATED = 20_000
TIE = 1e-9


def bisect(power, high):
    """The effect with a power of 80%, the same noise being used throughout."""
    low = 0.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle) < 0.8 else (low, middle)
    return high


def bloom(df):
    return stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df)


def flip(n):
    noise = np.random.default_rng(n).standard_normal((SIMULATED, n))
    signs = np.array([(1,) + s for s in itertools.product([1, -1], repeat=n - 1)])

    def power(effect):
        x = noise + effect
        p = (np.abs(x @ signs.T) >= np.abs(x.sum(axis=1))[:, None] - TIE).mean(axis=1)
        return (p < 0.05).mean()

    return bisect(power, 4.0)


def permuted(smaller, larger):
    n = smaller + larger
    noise = np.random.default_rng(100 * smaller + larger).standard_normal((SIMULATED, n))
    first = np.array([[float(i in chosen) for i in range(n)] for chosen in itertools.combinations(range(n), smaller)])

    def power(effect):
        x = noise.copy()
        x[:, :smaller] += effect
        sums, squares = x @ first.T, x**2 @ first.T
        means = sums / smaller, (x.sum(axis=1)[:, None] - sums) / larger
        rests = squares, (x**2).sum(axis=1)[:, None] - squares
        variance = 0.0
        for mean, rest, size in zip(means, rests, (smaller, larger)):
            variance = variance + (rest - size * mean**2) / (size - 1) / size
        t = np.abs(means[0] - means[1]) / np.sqrt(variance)
        p = (t >= t[:, :1] * (1 - TIE)).mean(axis=1)
        return (p < 0.05).mean()

    return bisect(power, 12.0) / np.sqrt(1 / smaller + 1 / larger)


def welch_df(smaller, larger):
    a, b = 1 / smaller, 1 / larger
    return (a + b) ** 2 / (a**2 / (smaller - 1) + b**2 / (larger - 1))


for n in range(6, 12):
    print(f"flip {n}: {flip(n):.3f} {bloom(n - 1) / np.sqrt(n):.3f}")
for smaller in (2, 3, 4, 5):
    for larger in range(max(smaller, 7 - smaller), 10):
        print(f"permuted {smaller} {larger}: {permuted(smaller, larger):.2f} {bloom(welch_df(smaller, larger)):.2f}")
