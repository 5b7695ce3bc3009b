"""Inputs and expected outputs for `tests/estimators.rs`, computed with numpy and scipy from the definitions, not from the program.

    python3 -m venv target/venv && target/venv/bin/pip install numpy scipy
    target/venv/bin/python crates/regime/tests/data/estimators.py      # writes estimators.json beside itself

Balanced data are arrays [cell, x, shift, evaluator, rival, pair]. Sign flips and permutations go through all arrangements one by one, mean
squares are those of the classical decomposition of a full table, and the bootstrap draws levels and pairs themselves.
"""

import itertools
import json
import math
import pathlib

import numpy as np
from scipy import stats

DRAWS = 20_000
TIE = 1e-10
SCORE = 1 / (1 + 10 ** (-20 / 400)) - 0.5
LOGIT = 20 * np.log(10) / 400
AXES = {"evaluators": 1, "rivals": 2, "shifts": 0}
FLIP = {6: 1.79, 7: 1.33, 8: 1.19, 9: 1.09}
PERMUTED = {(3, 4): 4.79, (3, 5): 3.90, (4, 4): 4.09, (4, 5): 3.38, (4, 6): 3.34, (5, 5): 3.28}

cases = []


def logit(m):
    """Resampled means are held inside 0.001 to 0.999; cells that are not resampled lie well inside."""
    m = np.clip(m, 0.001, 0.999)
    return np.log(m / (1 - m))


def scores(rng, shape, mean, sd=0.3):
    """Pair scores in quarters around means that may vary over shape's leading axes."""
    return np.clip(np.round((mean + sd * rng.standard_normal(shape)) * 4) / 4, 0, 1)


def rows(data, xs=None, shift=lambda cell, s: s, rival=lambda s, e, r: r):
    found = []
    for cell, x, s, e, r, k in np.ndindex(data.shape):
        value = data[cell, x, s, e, r, k]
        found.append([cell, float(xs[x]) if xs is not None else 0.0, shift(cell, s), e, rival(s, e, r), float(value)])
    return found


# Tests.


DRAWN = 100_000


def sign_flip(values):
    values = np.asarray(values, float)
    if len(values) > 20:
        signs = np.random.default_rng(5).choice([-1.0, 1.0], size=(DRAWN, len(values)))
    else:
        signs = np.array(list(itertools.product([1, -1], repeat=len(values))))
    return float((np.abs(signs @ values) >= abs(values.sum()) - TIE * np.abs(values).sum()).mean())


def studentised(first, second):
    spread = first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)
    return abs(first.mean() - second.mean()) / np.sqrt(spread)


def group_permutation(first, second):
    values = np.concatenate([first, second])
    observed, as_far, count = studentised(first, second), 0, 0
    for chosen in itertools.combinations(range(len(values)), len(first)):
        inside = np.isin(np.arange(len(values)), chosen)
        as_far += studentised(values[inside], values[~inside]) >= observed * (1 - TIE)
        count += 1
    smallest = (2 if len(first) == len(second) else 1) / count
    return as_far / count, smallest


def arranged(statistic, n):
    """All permutations of n things: the share whose statistic is as far from 0 as that of the identity."""
    observed = abs(statistic(list(range(n)))) * (1 - TIE)
    if n > 8:
        random = np.random.default_rng(6)
        return float(np.mean([abs(statistic(random.permutation(n))) >= observed for _ in range(DRAWN // 5)]))
    found = [abs(statistic(list(order))) >= observed for order in itertools.permutations(range(n))]
    return float(np.mean(found))


def smallest_arranged(values):
    """Equal values have fewer arrangements; more than 200,000 are drawn."""
    counts = np.unique(values, return_counts=True)[1]
    all_of_them = math.factorial(len(values)) / np.prod([math.factorial(c) for c in counts])
    return 1 / all_of_them if all_of_them <= 200_000 else 1e-4


# Variance over crossed factors.


def mean_square(table, axes):
    """The interaction of some axes of a table (the mean over the other axes being taken first), as (variance of the mean, df)."""
    others = tuple(a for a in range(table.ndim) if a not in axes)
    t = table.mean(axis=others, keepdims=True) if others else table
    for axis in axes:
        t = t - t.mean(axis=axis, keepdims=True)
    df = np.prod([table.shape[a] - 1 for a in axes])
    cells = np.prod([table.shape[a] for a in axes])
    return (t**2).sum() / df / cells, float(df)


def satterthwaite(terms):
    value = sum(v for v, _ in terms)
    below = sum(v**2 / d for v, d in terms)
    return value, max(value**2 / below, 1.0)


def crossed(table, named):
    """table [shift, evaluator, rival] of effects."""
    axes = [AXES[name] for name in named if table.shape[AXES[name]] > 1]
    alone = [mean_square(table, (a,)) for a in axes]
    largest = max(alone)
    if len(axes) == 1:
        return largest
    terms = list(alone)
    for size in range(2, len(axes) + 1):
        for chosen in itertools.combinations(axes, size):
            value, df = mean_square(table, chosen)
            terms.append(((-1) ** (size + 1) * value, df))
    total = satterthwaite(terms)
    return total if total[0] > largest[0] else largest


def bloom(df):
    return stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df)


def t_p(effect, value, df):
    return float(2 * stats.t.sf(abs(effect) / np.sqrt(value), df))


def tost(effect, value, df, margin):
    return float(max(stats.t.sf((effect + margin) / np.sqrt(value), df), stats.t.cdf((effect - margin) / np.sqrt(value), df)))


def expanded(draws, df):
    share = stats.norm.cdf(-np.sqrt((df + 1) / df) * stats.t.ppf(0.975, df))
    return [float(np.quantile(draws, share)), float(np.quantile(draws, 1 - share))]


def add(name, estimator, cells, populations, observations, effect, tests, value, df, margin, draws, **more):
    """A case; `tests` are (population, units, p, smallest p), `more` may say that t counts, how it is detected, covariates."""
    counts = more.get("t_counts", len(tests) > 1)
    ps = [p for _, _, p, _ in tests] + ([t_p(effect, value, df)] if counts else [])
    smallest = max(s for _, _, _, s in tests)
    detectable = more.get("detectable")
    if detectable is None:
        shown = [bloom(df) * np.sqrt(value)]
        if margin is not None:
            shown.append(margin + stats.t.ppf(0.8, df) * np.sqrt(value))
        detectable = max(shown + more.get("shown", []))
    cases.append(
        {
            "name": name,
            "estimator": estimator,
            "cells": cells,
            "populations": populations,
            "observations": observations,
            "numbers": more.get("numbers", {}),
            "group": more.get("group", []),
            "effect": float(effect),
            "p": float(max(ps)),
            "smallest_p": float(smallest),
            "tests": [{"population": a, "units": b, "p": float(c), "smallest_p": float(d)} for a, b, c, d in tests],
            "error": float(np.sqrt(value)),
            "df": float(df),
            "crossed_p": t_p(effect, value, df),
            "margin": margin,
            "equivalence_p": None if margin is None else tost(effect, value, df, margin),
            "detectable": None if smallest > 0.05 or np.isinf(detectable) else float(detectable),
            "interval": expanded(draws, df),
            # Draws of few shifts leave a coefficient all but undetermined, and its interval rests on them.
            "compare": estimator.get("statistic") != "coefficient" or tests[-1][1] > 7,
            "detail": more.get("detail"),
        }
    )


def flip_tests(table, named):
    """Sign flips of unit effects, and the smallest effects that they show."""
    tests, shown = [], []
    for name in named:
        axis = AXES[name]
        units = table.mean(axis=tuple(a for a in range(3) if a != axis))
        n = len(units)
        tests.append((name, n, sign_flip(units), 2 / 2**n if n <= 20 else 1e-4))
        shown.append((FLIP[n] if n in FLIP else bloom(n - 1) / np.sqrt(n)) * units.std(ddof=1))
    return tests, shown


# The bootstrap: levels of named populations, and pairs within blocks.


def resampled(rng, data, named, effect_of):
    """Draws of effect_of(means [cell, x, shift, evaluator, rival])."""
    cells, xs, shifts, evaluators, rivals, pairs = data.shape
    found = []
    for _ in range(DRAWS):
        pick = rng.integers(pairs, size=data.shape)
        means = np.take_along_axis(data, pick, axis=5).mean(axis=5)
        draw = {"shifts": (2, shifts), "evaluators": (3, evaluators), "rivals": (4, rivals)}
        for name in named:
            axis, n = draw[name]
            means = np.take(means, rng.integers(n, size=n), axis=axis)
        found.append(effect_of(means))
    return np.array(found)


def smooth(name, estimator, populations, data, weights, margin, *, scale="score", constant=0.0, xs=None, counted=None, **more):
    """Effects that are the mean over shifts of sum over (cell, x) of weights * g(mean over evaluators and rivals)."""
    counted = populations if counted is None else counted
    random_shifts = "shifts" in populations
    g = logit if scale == "logit" else (lambda m: m)
    slope = (lambda m: 1 / (m * (1 - m))) if scale == "logit" else np.ones_like
    pooled = (3, 4) if random_shifts else (2, 3, 4)

    def effect_of(means):
        return (weights[:, :, None] * g(means.mean(axis=pooled)).reshape(*weights.shape, -1)).sum(axis=(0, 1)).mean() - constant

    blocks = data.mean(axis=5)
    effect = effect_of(blocks)
    # The linear expansion of the effect, one entry per (shift, evaluator, rival). Fixed shifts do not vary.
    points = blocks.mean(axis=pooled, keepdims=True)
    within = blocks.mean(axis=(3, 4), keepdims=True)
    local = (weights[:, :, None, None, None] * slope(points) * (blocks - within)).sum(axis=(0, 1))
    per_shift = (weights[:, :, None, None, None] * g(points)).sum(axis=(0, 1)) - constant
    table = local + per_shift * np.ones_like(local)
    tests, shown = flip_tests(table, counted)
    value, df = crossed(table, counted)
    draws = resampled(np.random.default_rng(len(cases)), data, counted, effect_of)
    add(
        name, estimator, data.shape[0], populations, more.pop("observations", None) or rows(data, xs),
        effect, tests, value, df, margin, draws, shown=shown, **more,
    )  # fmt: skip


def varied(rng, cells, xs, shifts, evaluators, rivals, pairs, means, shift_sd=0.08, evaluator_sd=0.05, rival_sd=0.04):
    """Pair scores with random effects of shifts, evaluators and rivals in each cell."""
    mean = np.asarray(means, float).reshape(cells, xs, 1, 1, 1, 1)
    mean = mean + shift_sd * rng.standard_normal((cells, 1, shifts, 1, 1, 1))
    mean = mean + evaluator_sd * rng.standard_normal((cells, 1, 1, evaluators, 1, 1))
    mean = mean + rival_sd * rng.standard_normal((cells, 1, 1, 1, rivals, 1))
    return scores(rng, (cells, xs, shifts, evaluators, rivals, pairs), mean)


def differences(rng):
    one = {"kind": "difference", "less": 0.5}
    data = varied(rng, 1, 1, 1, 8, 1, 10, [0.4])
    smooth("one cell less a half, evaluators", one, ["evaluators"], data, np.ones((1, 1)), SCORE, constant=0.5)
    data = varied(rng, 2, 1, 7, 9, 1, 3, [0.45, 0.5])
    pair = np.array([[1.0], [-1.0]])
    smooth("two cells, evaluators and shifts", {"kind": "difference"}, ["evaluators", "shifts"], data, pair, SCORE)
    smooth("two cells, shifts", {"kind": "difference"}, ["shifts"], data, pair, SCORE)
    smooth("two cells, fixed shifts", {"kind": "difference"}, ["evaluators"], data, pair, SCORE)
    data = varied(rng, 3, 1, 6, 6, 7, 2, [0.3, 0.5, 0.5])
    weighed = {"kind": "difference", "weights": [1, -0.5, -0.5], "margin": 0.05}
    three = ["evaluators", "rivals", "shifts"]
    smooth("three populations", weighed, three, data, np.array([[1.0], [-0.5], [-0.5]]), 0.05)
    data = varied(rng, 1, 1, 1, 7, 8, 4, [0.4])
    smooth("evaluators and rivals", one, ["rivals", "evaluators"], data, np.ones((1, 1)), SCORE, constant=0.5)
    # Each evaluator meets a rival of its own: the two are one population.
    data = varied(rng, 1, 1, 1, 10, 1, 6, [0.45])
    own = rows(data, rival=lambda s, e, r: 40 + e)
    smooth(
        "rivals of their own", one, ["evaluators", "rivals"], data, np.ones((1, 1)), SCORE, constant=0.5,
        observations=own, counted=["evaluators"],
    )  # fmt: skip
    # Rivals that belong to one shift each are part of what differs between shifts.
    data = varied(rng, 1, 1, 7, 6, 3, 2, [0.4])
    nested = rows(data, rival=lambda s, e, r: 3 * s + r)
    smooth(
        "rivals within shifts", one, ["evaluators", "rivals", "shifts"], data, np.ones((1, 1)), SCORE, constant=0.5,
        observations=nested, counted=["evaluators", "shifts"],
    )  # fmt: skip
    data = varied(rng, 1, 1, 24, 6, 1, 2, [0.475])
    smooth("many shifts", one, ["evaluators", "shifts"], data, np.ones((1, 1)), SCORE, constant=0.5)
    data = varied(rng, 1, 1, 3, 12, 1, 4, [0.45])
    smooth("too few shifts", one, ["evaluators", "shifts"], data, np.ones((1, 1)), SCORE, constant=0.5)


def group_difference(rng, name, sizes, named):
    """Cell 0 under the first shifts, cell 1 under the others."""
    evaluators, pairs, n = 6, 3, sum(sizes)
    common = 0.05 * rng.standard_normal((1, evaluators, 1))
    of_shift = 0.08 * rng.standard_normal((n, 1, 1)) + np.where(np.arange(n) < sizes[0], 0.35, 0.5)[:, None, None]
    data = scores(rng, (n, evaluators, pairs), of_shift + common)
    observations = [
        [int(s >= sizes[0]), 0.0, s, e, 0, float(v)] for (s, e, _), v in np.ndenumerate(data)
    ]  # fmt: skip
    blocks = data.mean(axis=2)
    parts = blocks[: sizes[0]], blocks[sizes[0] :]
    effect = parts[0].mean() - parts[1].mean()
    first, second = (part.mean(axis=1) for part in parts)
    p, smallest = group_permutation(first, second)
    tests = [("shifts", n, p, smallest)]
    terms = [(part.var(ddof=1) / len(part), len(part) - 1.0) for part in (first, second)]
    value, df = satterthwaite(terms)
    shown = [max(PERMUTED.get(tuple(sorted(sizes)), 0), bloom(df)) * np.sqrt(value)]
    if "evaluators" in named:
        by_evaluator = parts[0].mean(axis=0) - parts[1].mean(axis=0)
        tests.insert(0, ("evaluators", evaluators, sign_flip(by_evaluator), 2 / 2**evaluators))
        alone = [(by_evaluator.var(ddof=1) / evaluators, evaluators - 1.0), (value, df)]
        shown.append(FLIP[6] * by_evaluator.std(ddof=1))
        both = []
        for part in parts:
            square, freedom = mean_square(part[:, :, None], (0, 1))
            both.append((-square, freedom))
        value, df = satterthwaite(alone + both)
        if value <= max(alone)[0]:
            value, df = max(alone)
    draws, random = [], np.random.default_rng(len(cases))
    for _ in range(DRAWS):
        means = np.take_along_axis(data, random.integers(pairs, size=data.shape), axis=2).mean(axis=2)
        if "evaluators" in named:
            means = means[:, random.integers(evaluators, size=evaluators)]
        a = means[: sizes[0]][random.integers(sizes[0], size=sizes[0])]
        b = means[sizes[0] :][random.integers(sizes[1], size=sizes[1])]
        draws.append(a.mean() - b.mean())
    add(
        name, {"kind": "difference"}, 2, named, observations, effect, tests, value, df, SCORE, draws,
        shown=shown, t_counts=True,
    )  # fmt: skip


def curves(rng):
    data = varied(rng, 4, 1, 6, 7, 1, 4, [0.3, 0.4, 0.5, 0.7])
    signs = np.array([[1.0], [-1.0], [-1.0], [1.0]])
    two = ["evaluators", "shifts"]
    smooth("interaction", {"kind": "interaction"}, two, data, signs, LOGIT, scale="logit")
    smooth("interaction, fixed shifts", {"kind": "interaction"}, ["evaluators"], data, signs, LOGIT, scale="logit")
    given = {"kind": "interaction", "constants": {"b": 0.25, "d": 0.5}}
    part = np.array([[1.0], [-1.0]])
    smooth(
        "interaction with constants", given, two, data[[0, 2]], part, LOGIT, scale="logit", constant=logit(0.25)
    )  # fmt: skip

    xs = np.array([1.0, 4.0, 16.0, 32.0])
    data = varied(rng, 2, 4, 6, 7, 1, 3, [[0.3, 0.4, 0.45, 0.6], [0.4, 0.4, 0.5, 0.45]])
    for axis, scale in [("linear", "score"), ("log", "logit")]:
        t = np.log2(xs) if axis == "log" else xs
        # The slope is linear in y: its weights are the slopes of unit vectors.
        slopes = np.array([np.polyfit(t, unit, 1)[0] for unit in np.eye(4)])
        margin = (LOGIT if scale == "logit" else SCORE) / (t[-1] - t[0])
        weights = np.array([slopes, -slopes])
        estimator = {"kind": "trend", "axis": axis, "scale": scale}
        smooth(f"trend, {axis}, {scale}", estimator, two, data, weights, margin, scale=scale, xs=xs)
    smooth(
        "trend of one cell", {"kind": "trend", "axis": "log", "margin": 0.02}, ["evaluators"], data[:1], np.array([slopes]),
        0.02, xs=xs,
    )  # fmt: skip
    for axis in ["linear", "log"]:
        t = np.log2(xs) if axis == "log" else xs
        areas = np.array([np.trapezoid(unit, t) for unit in np.eye(4)]) / (t[-1] - t[0])
        estimator = {"kind": "area", "axis": axis}
        smooth(f"area, {axis}", estimator, two, data, np.array([areas, -areas]), SCORE, xs=xs)
    smooth(
        "area less a constant", {"kind": "area", "axis": "log", "less": 0.5}, ["shifts"], data[:1], np.array([areas]),
        SCORE, constant=0.5, xs=xs,
    )  # fmt: skip

    for named, pilots in [(["evaluators"], 0), (two, 2)]:
        data = varied(rng, 1, 4, 6 + pilots, 10, 1, 4, [[0.4, 0.7, 0.3, 0.45]])
        pilot = data[0, :, : pilots or None, :3].mean(axis=(1, 2, 3, 4))
        peak = int(pilot.argmax())
        trough = peak + 1 + int(pilot[peak + 1 :].argmin())
        weights = np.zeros((1, 4))
        weights[0, peak], weights[0, trough] = 1, -1
        estimator = {"kind": "peak-to-trough", "pilot": 3} | ({"pilot_shifts": pilots} if pilots else {})
        smooth(
            f"peak to trough, {' and '.join(named)}", estimator, named, data[:, :, pilots:, 3:], weights, SCORE,
            observations=rows(data, xs), detail=[float(xs[peak]), float(xs[trough])],
        )  # fmt: skip


def times(rng):
    xs = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    data = varied(rng, 2, 5, 6, 7, 2, 3, [[0.2, 0.4, 0.45, 0.6, 0.6], [0.2, 0.3, 0.35, 0.45, 0.55]])
    for side, threshold, axis, named in [
        ("at-least", 0.45, "linear", ["evaluators", "shifts"]),
        ("at-most", 0.45, "log", ["evaluators"]),
    ]:
        means = data.mean(axis=(4, 5))
        right = means >= threshold if side == "at-least" else means <= threshold
        t = np.log2(xs) if axis == "log" else xs
        found = np.empty(means[:, 0].shape)
        cut = [0, 0]
        for cell, s, e in np.ndindex(found.shape):
            stays = [all(right[cell, x:, s, e]) for x in range(5)]
            cut[cell] += not any(stays)
            found[cell, s, e] = t[stays.index(True)] if any(stays) else t[-1]
        table = (found[0] - found[1])[:, :, None]
        effect = table.mean()
        within = table if "shifts" in named else table - table.mean(axis=1, keepdims=True) + effect
        tests, shown = flip_tests(within, named)
        value, df = crossed(within, named)
        draws = resampled(np.random.default_rng(1), found[:, None, :, :, None, None], named, lambda m: (m[0] - m[1]).mean())
        estimator = {"kind": "time-to-threshold", "threshold": threshold, "side": side, "axis": axis, "margin": 1.5}
        add(
            f"time, {side}, {axis}", estimator, 2, named, rows(data, xs), effect, tests, value, df, 1.5, draws,
            shown=shown, detail=[float(t[-1]), *map(float, cut)],
        )  # fmt: skip


def associations(rng, n, wanted):
    evaluators, pairs = 8, 4
    z = np.round(rng.standard_normal(n), 2)
    data = varied(rng, 3, 1, n, evaluators, 1, pairs, [0.4, 0.5, 0.45])
    data[0] = scores(rng, data[0].shape, 0.4 + 0.12 * z[None, :, None, None, None])
    members = np.array([1, 0, 1, 0, 0, 1, 0.0] * 2)[:n]
    design = lambda z, m: np.column_stack([np.ones(len(z)), z, m])  # noqa: E731

    def fit(y, z, m):
        x = design(z, m)
        beta, *_ = np.linalg.lstsq(x, y, rcond=None)
        rest = y - x @ beta
        return beta[2], (rest @ rest) / (len(y) - 3) * np.linalg.inv(x.T @ x)[2, 2]

    statistics = {
        "pearson": lambda y, z, m: stats.pearsonr(y, z)[0],
        "spearman": lambda y, z, m: stats.spearmanr(y, z)[0],
        "coefficient": lambda y, z, m: fit(y, z, m)[0],
    }
    for kind, named, contrast in wanted:
        used = data if contrast else data[:2]
        statistic = statistics[kind]

        def parts(means):
            """[cell, 1, shift, evaluator, 1] to y and z per shift."""
            by_shift = means.mean(axis=(1, 3, 4))
            return by_shift[0] - by_shift[1], (by_shift[2] if contrast else None)

        blocks = used.mean(axis=5)
        y, other = parts(blocks)
        zs = other if contrast else z
        effect = statistic(y, zs, members)
        if kind == "coefficient":
            null, freedom = fit(y, zs, members)[1], n - 3.0
            reduced = np.polyfit(zs, y, 1)
            rest = y - np.polyval(reduced, zs)

            def t_of(order):
                b, v = fit(np.polyval(reduced, zs) + rest[order], zs, members)
                return b / np.sqrt(v)

            p = arranged(t_of, n)
        else:
            null, freedom = (1 - effect**2) / (n - 2), n - 2.0
            p = arranged(lambda order: statistic(y, zs[order], members), n)
        tests = [("shifts", n, p, smallest_arranged(rest if kind == "coefficient" else zs))]
        terms, beside = [(null, freedom)], 0.0
        if "evaluators" in named:
            left = []
            for e in range(evaluators):
                yy, zz = parts(np.delete(blocks, e, axis=3))
                left.append(statistic(yy, zz if contrast else z, members))
            left = np.array(left)
            influence = (evaluators - 1) / evaluators * (left.mean() - left)
            tests.insert(0, ("evaluators", evaluators, sign_flip(influence + effect / evaluators), 2 / 2**evaluators))
            beside = evaluators / (evaluators - 1) * (influence**2).sum()
            terms.append((beside, evaluators - 1.0))
        value, df = satterthwaite(terms) if len(terms) > 1 else terms[0]
        draws, random = [], np.random.default_rng(3)
        for _ in range(DRAWS):
            means = np.take_along_axis(used, random.integers(pairs, size=used.shape), axis=5).mean(axis=5)
            if "evaluators" in named:
                means = np.take(means, random.integers(evaluators, size=evaluators), axis=3)
            drawn = random.integers(n, size=n)
            yy, zz = parts(means)
            zz = (zz if contrast else z)[drawn]
            m = members[drawn]
            flat = np.ptp(zz) < 1e-12 or np.ptp(yy[drawn]) < 1e-12
            if kind == "coefficient":
                flat = flat or np.linalg.matrix_rank(design(zz, m)) < 3
            if not flat:
                draws.append(statistic(yy[drawn], zz, m))
        margin = SCORE if kind == "coefficient" else None
        needed = bloom(df)
        if kind == "coefficient":
            detectable = max(needed * np.sqrt(value), margin)
        else:
            # Infinite where no correlation is large enough.
            detectable = np.sqrt(needed**2 * (1 / (n - 2) + beside) / (1 + needed**2 / (n - 2)))
            detectable = detectable if detectable < 1 else np.inf
        estimator = {"kind": "association", "statistic": kind}
        estimator |= {"covariate": {"weights": [0, 0, 1]}, "weights": [1, -1, 0]} if contrast else {"covariate": {"measured": "z"}}
        if kind == "coefficient":
            estimator["group"] = ["a"]
        add(
            f"{kind}, {' and '.join(named)}, {n}", estimator, used.shape[0], named, rows(used), effect, tests, value, df, margin,
            draws, detectable=detectable, numbers={} if contrast else {str(i): float(v) for i, v in enumerate(z)},
            group=[int(i) for i in np.flatnonzero(members)] if kind == "coefficient" else [],
        )  # fmt: skip


def distributions():
    ts, dfs = [-40, -3.2, -1, -1e-3, 0.5, 2.1, 7.7], [0.8, 1, 2, 3.7, 11, 143, 5e4]
    ps = [1e-12, 1e-4, 0.025, 0.31, 0.5, 0.8, 0.93, 0.999999]
    return {
        "student_cdf": [[t, df, float(stats.t.cdf(t, df))] for t in ts for df in dfs],
        "student_quantile": [[p, df, float(stats.t.ppf(p, df))] for p in ps[1:] for df in dfs],
        "normal_quantile": [[p, float(stats.norm.ppf(p))] for p in ps],
        "normal_cdf": [[x, float(stats.norm.cdf(x))] for x in [-37.5, -8, -1.2, 0, 0.3, 4]],
    }


def main():
    rng = np.random.default_rng(20)
    differences(rng)
    group_difference(rng, "groups of shifts", (4, 8), ["shifts"])
    group_difference(rng, "small groups of shifts", (3, 4), ["shifts"])
    group_difference(rng, "groups of shifts, evaluators too", (4, 5), ["evaluators", "shifts"])
    curves(rng)
    times(rng)
    two = ["evaluators", "shifts"]
    few = [("pearson", ["shifts"], False), ("pearson", two, True), ("spearman", two, False)]
    associations(rng, 7, few + [("coefficient", ["shifts"], False), ("coefficient", two, False)])
    associations(rng, 14, [("spearman", two, True), ("coefficient", ["shifts"], False), ("coefficient", two, False)])
    path = pathlib.Path(__file__).with_suffix(".json")
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    assert "NaN" not in lines and "Infinity" not in lines
    path.write_text(f'{{"distributions":{json.dumps(distributions())},\n"cases":[\n{lines}\n]}}\n')
    print(len(cases), "cases")


main()
