#!/usr/bin/env python3
"""Recomputes crates/arena/tests/data/reference_statistics.toml by other means than the program: general optimisers of
scipy and derivatives by differences in place of closed forms. Prints each number with its distance; fails if one is
further off than its row states. Needs numpy and scipy.

    python3 scripts/reference_statistics.py [--sample]      --sample prints the simulated pairs of the rating case
"""

import itertools
import math
import random
import sys
import tomllib
from pathlib import Path

import numpy as np
from scipy import optimize, stats

DATA = Path(__file__).resolve().parent.parent / "crates/arena/tests/data/reference_statistics.toml"
UNIT = 400 / math.log(10)
NORMALISED = 800 / math.log(10)
Z = stats.norm.ppf(0.975)
failures = 0


def check(what, expected, actual, tolerance):
    global failures
    bad = not abs(expected - actual) <= tolerance
    failures += bad
    print(f"{'FAIL' if bad else 'ok  '} {what}: {expected} computed {actual:.7g}")


def elo(score):
    return UNIT * stats.logistic.ppf(score)


def scores(counts):
    return np.linspace(0, 1, len(counts))


def summary(counts):
    """Everything that is said of the counts; games per unit: 1 for three classes, 2 for five."""
    counts = np.array(counts, float)
    a, n = scores(counts), counts.sum()
    per_unit = {3: 1, 5: 2}[len(counts)]
    smooth = counts.copy()
    smooth[[0, -1]] += 1

    def moments(c):
        mean = np.average(a, weights=c)
        return mean, np.average((a - mean) ** 2, weights=c)

    def normalised(c):
        mean, variance = moments(c)
        return (mean - 0.5) / math.sqrt(per_unit * variance) * NORMALISED

    mean, variance = moments(counts)
    se = math.sqrt(variance / n)
    m, v = moments(smooth)
    s = math.sqrt(v / smooth.sum())
    # Delta method: the gradient by the frequencies, by differences, and the multinomial covariance.
    p, total = smooth / smooth.sum(), smooth.sum()
    steps = np.eye(len(p)) * 1e-6
    gradient = np.array([(normalised(p + h) - normalised(p - h)) / 2e-6 for h in steps])
    deviation = math.sqrt(gradient @ (np.diag(p) - np.outer(p, p)) @ gradient / total)
    result = {
        "score": mean, "se": se, "score_low": max(0, m - Z * s), "score_high": min(1, m + Z * s),
        "los": stats.norm.cdf((m - 0.5) / s),
        "nelo_low": normalised(smooth) - Z * deviation, "nelo_high": normalised(smooth) + Z * deviation,
    }
    if 0 < mean < 1:
        result["elo"] = elo(mean)
    if variance > 0:
        result |= {"nelo": normalised(counts), "los_plain": stats.norm.cdf((mean - 0.5) / se)}
        if 0 < mean - Z * se and mean + Z * se < 1:
            result["elo_error"] = (elo(mean + Z * se) - elo(mean - Z * se)) / 2
        result["nelo_error"] = Z / math.sqrt(per_unit * n) * NORMALISED
    for end in ("low", "high"):
        if 0 < result[f"score_{end}"] < 1:
            result[f"elo_{end}"] = elo(result[f"score_{end}"])
    return result


def likeliest(counts, fulfils, start):
    """The largest log-likelihood of a distribution that fulfils a condition, by a general optimiser (softmax)."""
    counts = np.array(counts, float)
    n = counts.sum()

    def distribution(x):
        e = np.exp(x - x.max())
        return e / e.sum()

    best = None
    for start in (np.log(counts), start, np.zeros(len(counts))):
        found = optimize.minimize(
            lambda x: -np.sum(counts / n * np.log(distribution(x))), start,
            constraints={"type": "eq", "fun": lambda x: fulfils(distribution(x))},
            method="SLSQP", options={"ftol": 1e-16, "maxiter": 5000},
        )
        p = distribution(found.x)
        if abs(fulfils(p)) < 1e-8:
            value = float(counts @ np.log(p))
            best = value if best is None else max(best, value)
    return best


def llr(model, counts, elo0, elo1):
    counts = [c if c else 1e-3 for c in counts]
    a = scores(counts)
    games = {3: 1, 5: 2}[len(counts)]

    def condition(e):
        if model == "logistic":
            target = stats.logistic.cdf(e / UNIT)
            return lambda p: a @ p - target
        t = e / NORMALISED * math.sqrt(games)
        return lambda p: (a @ p - 0.5) - t * math.sqrt(max((a * a) @ p - (a @ p) ** 2, 0))

    values = [likeliest(counts, condition(e), np.log(np.array(counts) + 1)) for e in (elo0, elo1)]
    return values[1] - values[0]


def rating_case(row):
    """Davidson's model by scipy: games are (white, black, result, cluster)."""
    games = games_of(row)
    n = max(max(g[:2]) for g in games) + 1
    draws = any(g[2] == 0 for g in games)

    def parameters(x):
        """Strengths with mean zero, colour advantage, draw exponent."""
        strengths = np.append(x[: n - 1], -np.sum(x[: n - 1]))
        return strengths, x[n - 1], (x[n] if draws else -np.inf)

    def likelihood(x, game):
        strengths, colour, draw = parameters(x)
        white, black, result, _ = game
        d = strengths[white] - strengths[black] + colour
        exponents = np.array([d / 2, draw, -d / 2])
        return exponents[1 - result] - np.logaddexp.reduce(exponents)

    grouped = {}
    for g in games:
        grouped[g[:3]] = grouped.get(g[:3], 0) + 1
    total = lambda x: -sum(k * likelihood(x, (*g, 0)) for g, k in grouped.items())
    size = n + draws
    x = optimize.minimize(total, np.zeros(size), method="BFGS", options={"gtol": 1e-9}).x
    x = optimize.minimize(total, x, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-13, "maxiter": 50000}).x

    def slope(f, x, h=1e-5):
        return np.array([(f(x + d) - f(x - d)) / (2 * h) for d in np.eye(len(x)) * h])

    information = np.array([slope(lambda y: slope(total, y, 1e-4)[i], x, 1e-4) for i in range(size)])
    pulls = {}
    for g in games:
        pulls[g[3]] = pulls.get(g[3], 0) + slope(lambda y: likelihood(y, g), x)
    k = len(pulls)
    filling = sum(np.outer(u, u) for u in pulls.values()) * (k / (k - 1))
    for player in range(n):
        pairs = sum(player in g[:2] for g in games) / 2
        others = {a + b - player for a, b, *_ in games if player in (a, b)}
        for other, (result, added) in itertools.product(others, ((1, 1), (0, 0), (-1, 1))):
            if result == 0 and not draws:
                continue
            both = ((player, other, result, 0), (other, player, -result, 0))
            expected = sum(math.exp(likelihood(x, g)) for g in both) / 2
            u = sum(slope(lambda y, g=g: likelihood(y, g), x) for g in both)
            filling = filling + (pairs * expected + added) / (pairs + 2) / len(others) * np.outer(u, u)
    bread = np.linalg.inv(information)
    covariance = bread @ filling @ bread

    def scaled(f):
        """A rating and its error: f gives natural units."""
        rating = lambda x: f(x) * UNIT * 2 / (2 + (math.exp(parameters(x)[2]) if draws else 0))
        g = slope(rating, x)
        return rating(x), math.sqrt(g @ covariance @ g)

    anchor = row.get("anchor")
    out = []
    for i in range(n):
        zero = lambda x: 0.0 if anchor is None else parameters(x)[0][anchor]
        out.append(scaled(lambda x, i=i: parameters(x)[0][i] - zero(x)))
    strengths, colour, draw = parameters(x)
    return out, scaled(lambda x: parameters(x)[1]), math.exp(draw), strengths, colour


def games_of(row):
    games = []
    if "pairs" in row:
        for cluster, (a, b, first, second) in enumerate(row["pairs"]):
            games += [(a, b, first, cluster), (b, a, -second, cluster)]
        return games
    for white, black, wins, drawn, losses in row["table"]:
        for result, count in ((1, wins), (0, drawn), (-1, losses)):
            for _ in range(count):
                games.append((white, black, result, len(games)))
                if row.get("both_colours"):
                    games.append((black, white, -result, len(games)))
    return games


def sample():
    """Pairs of games whose openings favour one colour, so that the games of a pair are dependent."""
    rng = random.Random(1970)
    strengths = [0.9, 0.3, -0.2, -1.0]
    for a, b in itertools.combinations(range(4), 2):
        for _ in range(14):
            bias = rng.gauss(0.1, 1.2)
            results = []
            for white, black in ((a, b), (b, a)):
                d = strengths[white] - strengths[black] + bias
                weights = [math.exp(d / 2), 1.1, math.exp(-d / 2)]
                result = rng.choices([1, 0, -1], weights)[0]
                results.append(result if white == a else -result)
            print(f"  [{a}, {b}, {results[0]}, {results[1]}],")


def main():
    if "--sample" in sys.argv:
        return sample()
    data = tomllib.loads(DATA.read_text())
    for row in data["counts"]:
        computed = summary(row["counts"])
        for key, value in row.items():
            if key in computed:
                check(f"{row['counts']} {key}", value, computed[key], row.get("tolerance", 5e-4))
    for row in data["llr"]:
        computed = llr(row["model"], row["counts"], row["elo0"], row["elo1"])
        check(f"LLR {row['model']} {row['counts']}", row["llr"], computed, row.get("tolerance", 5e-4))
    for row in data["ratings"]:
        ratings, colour, nu, strengths, natural = rating_case(row)
        tolerance = row.get("tolerance", 5e-4)
        print(row["name"], [round(float(r), 4) for r, _ in ratings], [round(s, 4) for _, s in ratings], colour, nu)
        for i, r in enumerate(row.get("elo", [])):
            check(f"rating {i}", r, ratings[i][0], 2e-3)
        for i, r in enumerate(row.get("se", [])):
            check(f"error {i}", r, ratings[i][1], 2e-3)
        if "worths" in row:
            worths = np.sort(np.exp(strengths)) / np.sum(np.exp(strengths))
            for i, w in enumerate(row["worths"]):
                check(f"worth {i}", w, worths[i], tolerance)
        if "colour" in row:
            check("colour", row["colour"], natural, tolerance)
        if "white_elo" in row:
            check("white", row["white_elo"], colour[0], 2e-3)
            check("white error", row["white_se"], colour[1], 2e-3)
        if "nu" in row:
            check("nu", row["nu"], nu, tolerance)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
