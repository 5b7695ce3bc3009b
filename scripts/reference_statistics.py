#!/usr/bin/env python3
"""Recomputes the reference values of crates/arena/tests/data/reference_statistics.toml by other means than the program: by
general optimisers of scipy, and by differences where the program has derivatives in closed form.

    reference_statistics.py              prints each value beside the computed one
    reference_statistics.py --sample     prints the simulated pairs of games of the rating case

The exit code is 1 if a value is further off than its row allows. Needs numpy and scipy.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from program import ROOT, command_parser

DATA = ROOT / "crates/arena/tests/data/reference_statistics.toml"
# Elo points for a strength of one natural unit.
UNIT = 400 / math.log(10)
# Points of normalised Elo for a mean that exceeds one half by one standard deviation.
NORMALISED = 800 / math.log(10)
# Standard deviations on either side of the mean that hold 95% of a normal distribution.
Z = stats.norm.ppf(0.975)
# Games per unit of a table of counts, by the number of its classes: single games for three, pairs of games for five.
GAMES = {3: 1, 5: 2}
TOLERANCE = 5e-4  # of a row that states none
RATING_TOLERANCE = 2e-3  # Elo points

Array = np.ndarray[Any, np.dtype[np.float64]]


class Checks:
    """Compares values with computed ones, and counts those that are too far off."""

    def __init__(self) -> None:
        self.failures = 0

    def check(self, what: str, expected: float, computed: float, tolerance: float) -> None:
        """Prints a value of the file beside the computed one."""
        bad = not abs(expected - computed) <= tolerance
        self.failures += bad
        print(f"{'FAIL' if bad else 'ok  '} {what}: {expected} computed {computed:.7g}")


def elo(score: float) -> float:
    """The logistic Elo difference of an expected score in (0, 1)."""
    return UNIT * stats.logistic.ppf(score)


def scores(classes: int) -> Array:
    """The scores of the classes, from 0 to 1."""
    return np.linspace(0, 1, classes)


def summary(row_counts: list[int]) -> dict[str, float]:
    """Score, Elo, normalised Elo and their errors and intervals for a table of counts, from the lowest score to the highest."""
    counts = np.array(row_counts, float)
    a, n = scores(len(counts)), counts.sum()
    per_unit = GAMES[len(counts)]
    # Intervals are computed from counts with one more at either end.
    smooth = counts.copy()
    smooth[[0, -1]] += 1

    def moments(c: Array) -> tuple[float, float]:
        mean = np.average(a, weights=c)
        return mean, np.average((a - mean) ** 2, weights=c)

    def normalised(c: Array) -> float:
        mean, variance = moments(c)
        return (mean - 0.5) / math.sqrt(per_unit * variance) * NORMALISED

    mean, variance = moments(counts)
    se = math.sqrt(variance / n)
    m, v = moments(smooth)
    s = math.sqrt(v / smooth.sum())
    # The delta method: the covariance of the frequencies is multinomial; the gradient is computed by differences.
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
        if mean - Z * se > 0 and mean + Z * se < 1:
            result["elo_error"] = (elo(mean + Z * se) - elo(mean - Z * se)) / 2
        result["nelo_error"] = Z / math.sqrt(per_unit * n) * NORMALISED
    for end in ("low", "high"):
        if 0 < result[f"score_{end}"] < 1:
            result[f"elo_{end}"] = elo(result[f"score_{end}"])
    return result


def likeliest(counts: Array, condition: Callable[[Array], float]) -> float:
    """The largest log-likelihood of the counts under a distribution for which `condition` is zero.

    Found by a general optimiser over logits, from several starts.
    """
    n = counts.sum()

    def distribution(x: Array) -> Array:
        e = np.exp(x - x.max())
        return e / e.sum()

    best = -math.inf
    for start in (np.log(counts), np.log(counts + 1), np.zeros(len(counts))):
        found = optimize.minimize(
            lambda x: -np.sum(counts / n * np.log(distribution(x))), start,
            constraints={"type": "eq", "fun": lambda x: condition(distribution(x))},
            method="SLSQP", options={"ftol": 1e-16, "maxiter": 5000},
        )
        p = distribution(found.x)
        if abs(condition(p)) < 1e-8:
            best = max(best, float(counts @ np.log(p)))
    return best


def llr(model: str, row_counts: list[int], elo0: float, elo1: float) -> float:
    """The generalised log-likelihood ratio of `elo1` against `elo0`; the model is `logistic` or `normalised`."""
    counts = np.array([c if c else 1e-3 for c in row_counts])
    a = scores(len(counts))
    games = GAMES[len(counts)]

    def condition(e: float) -> Callable[[Array], float]:
        """Zero for the distributions of a player who is `e` points stronger."""
        if model == "logistic":
            target = stats.logistic.cdf(e / UNIT)
            return lambda p: a @ p - target
        t = e / NORMALISED * math.sqrt(games)
        return lambda p: (a @ p - 0.5) - t * math.sqrt(max((a * a) @ p - (a @ p) ** 2, 0))

    return likeliest(counts, condition(elo1)) - likeliest(counts, condition(elo0))


@dataclass(frozen=True)
class Game:
    """A game of the rating case. Players are numbered from 0."""

    white: int
    black: int
    result: int  # 1 for a win of White, 0 for a draw, -1 for a loss
    cluster: int  # games of one number are dependent


@dataclass(frozen=True)
class Rating:
    """A number with its standard error, both in Elo points."""

    elo: float
    error: float


@dataclass(frozen=True)
class Fit:
    """Davidson's model fitted to games."""

    ratings: list[Rating]
    white: Rating  # White's advantage
    nu: float  # the draw parameter
    strengths: Array  # natural units, with mean zero
    colour: float  # White's advantage in natural units


def slope(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """The gradient by differences."""
    return np.array([(f(x + d) - f(x - d)) / (2 * h) for d in np.eye(len(x)) * h])


@dataclass(frozen=True)
class Davidson:
    """Davidson's model of games: its parameters as one vector of strengths, White's advantage and, with draws, their exponent."""

    players: int
    draws: bool

    @property
    def size(self) -> int:
        return self.players + self.draws

    def strengths(self, x: Array) -> Array:
        """The strengths, of which the vector leaves out the last, as their mean is zero."""
        free = x[: self.players - 1]
        return np.append(free, -np.sum(free))

    def colour(self, x: Array) -> float:
        return float(x[self.players - 1])

    def draw(self, x: Array) -> float:
        """The exponent of a draw, the logarithm of nu."""
        return float(x[self.players]) if self.draws else -math.inf

    def log_likelihood(self, x: Array, game: Game) -> float:
        strengths = self.strengths(x)
        d = strengths[game.white] - strengths[game.black] + self.colour(x)
        exponents = np.array([d / 2, self.draw(x), -d / 2])
        return float(exponents[1 - game.result] - np.logaddexp.reduce(exponents))

    def minus_log_likelihood(self, games: list[Game]) -> Callable[[Array], float]:
        """The function that a fit minimises; equal games are computed once."""
        grouped: dict[Game, int] = {}
        for game in games:
            alike = Game(game.white, game.black, game.result, 0)
            grouped[alike] = grouped.get(alike, 0) + 1
        return lambda x: -sum(count * self.log_likelihood(x, game) for game, count in grouped.items())

    def covariance(self, x: Array, games: list[Game]) -> Array:
        """The sandwich estimate, with the games of one cluster as dependent, and with pseudo-games for pairs of players."""
        total = self.minus_log_likelihood(games)
        information = np.array([slope(lambda y, i=i: slope(total, y, 1e-4)[i], x, 1e-4) for i in range(self.size)])
        scores_of_clusters: dict[int, Array] = {}
        for game in games:
            score = slope(lambda y, game=game: self.log_likelihood(y, game), x)
            scores_of_clusters[game.cluster] = scores_of_clusters.get(game.cluster, 0) + score
        k = len(scores_of_clusters)
        meat = sum(np.outer(u, u) for u in scores_of_clusters.values()) * (k / (k - 1))
        for player in range(self.players):
            pairs = sum(player in (game.white, game.black) for game in games) / 2
            others = {game.white + game.black - player for game in games if player in (game.white, game.black)}
            for other, (result, added) in itertools.product(others, ((1, 1), (0, 0), (-1, 1))):
                if result == 0 and not self.draws:
                    continue
                both = (Game(player, other, result, 0), Game(other, player, -result, 0))
                expected = sum(math.exp(self.log_likelihood(x, game)) for game in both) / 2
                u = sum(slope(lambda y, game=game: self.log_likelihood(y, game), x) for game in both)
                meat = meat + (pairs * expected + added) / (pairs + 2) / len(others) * np.outer(u, u)
        bread = np.linalg.inv(information)
        return bread @ meat @ bread


def rating_case(row: dict[str, Any]) -> Fit:
    """Fits Davidson's model to the games of a row by scipy's general optimisers."""
    games = games_of(row)
    model = Davidson(max(max(game.white, game.black) for game in games) + 1, any(game.result == 0 for game in games))
    total = model.minus_log_likelihood(games)
    x = optimize.minimize(total, np.zeros(model.size), method="BFGS", options={"gtol": 1e-9}).x
    x = optimize.minimize(total, x, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-13, "maxiter": 50000}).x
    covariance = model.covariance(x, games)

    def scaled(natural: Callable[[Array], float]) -> Rating:
        """Elo points of a function of the parameters in natural units, scaled for the share of draws."""

        def points(y: Array) -> float:
            return natural(y) * UNIT * 2 / (2 + (math.exp(model.draw(y)) if model.draws else 0))

        gradient = slope(points, x)
        return Rating(float(points(x)), math.sqrt(gradient @ covariance @ gradient))

    anchor: int | None = row.get("anchor")

    def strength(player: int) -> Callable[[Array], float]:
        """The strength of a player, above that of the anchor if there is one."""
        return lambda y: model.strengths(y)[player] - (0.0 if anchor is None else model.strengths(y)[anchor])

    ratings = [scaled(strength(player)) for player in range(model.players)]
    return Fit(ratings, scaled(model.colour), math.exp(model.draw(x)), model.strengths(x), model.colour(x))


def games_of(row: dict[str, Any]) -> list[Game]:
    """The games of a row: pairs with the results of both games, or a table of wins, draws and losses."""
    games: list[Game] = []
    if "pairs" in row:
        for cluster, (a, b, first, second) in enumerate(row["pairs"]):
            games += [Game(a, b, first, cluster), Game(b, a, -second, cluster)]
        return games
    for white, black, wins, drawn, losses in row["table"]:
        for result, count in ((1, wins), (0, drawn), (-1, losses)):
            for _ in range(count):
                games.append(Game(white, black, result, len(games)))
                if row.get("both_colours"):
                    games.append(Game(black, white, -result, len(games)))
    return games


def sample() -> None:
    """Prints simulated pairs of games whose openings favour one colour, so that the games of a pair are dependent."""
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


def main() -> int:
    parser = command_parser(__doc__)
    parser.add_argument("--sample", action="store_true", help="print the simulated pairs instead")
    if parser.parse_args().sample:
        sample()
        return 0
    data = tomllib.loads(DATA.read_text())
    checks = Checks()
    for row in data["counts"]:
        computed = summary(row["counts"])
        for key, value in row.items():
            if key in computed:
                checks.check(f"{row['counts']} {key}", value, computed[key], row.get("tolerance", TOLERANCE))
    for row in data["llr"]:
        ratio = llr(row["model"], row["counts"], row["elo0"], row["elo1"])
        checks.check(f"LLR {row['model']} {row['counts']}", row["llr"], ratio, row.get("tolerance", TOLERANCE))
    for row in data["ratings"]:
        fit = rating_case(row)
        tolerance = row.get("tolerance", TOLERANCE)
        ratings, errors = [r.elo for r in fit.ratings], [r.error for r in fit.ratings]
        print(f"{row['name']}: ratings {[round(r, 4) for r in ratings]}, errors {[round(e, 4) for e in errors]}")
        for i, value in enumerate(row.get("elo", [])):
            checks.check(f"rating {i}", value, ratings[i], RATING_TOLERANCE)
        for i, value in enumerate(row.get("se", [])):
            checks.check(f"error {i}", value, errors[i], RATING_TOLERANCE)
        if "worths" in row:
            worths = np.sort(np.exp(fit.strengths)) / np.sum(np.exp(fit.strengths))
            for i, value in enumerate(row["worths"]):
                checks.check(f"worth {i}", value, worths[i], tolerance)
        if "colour" in row:
            checks.check("colour", row["colour"], fit.colour, tolerance)
        if "white_elo" in row:
            checks.check("white", row["white_elo"], fit.white.elo, RATING_TOLERANCE)
            checks.check("white error", row["white_se"], fit.white.error, RATING_TOLERANCE)
        if "nu" in row:
            checks.check("nu", row["nu"], fit.nu, tolerance)
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
