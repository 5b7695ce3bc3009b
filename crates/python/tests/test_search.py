"""Evaluators and searches."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest

import pyinterregnum as pin
from helpers import interrupted

GARDNER = pin.variant("gardner")


def command(*words):
    """The answer of the command line as JSON."""
    run = [sys.executable, "-m", "pyinterregnum", *words]
    return json.loads(subprocess.run(run, capture_output=True, check=True, text=True).stdout)


def test_an_evaluation_is_what_the_command_line_says():
    said = pin.load("gardner-1").evaluate([GARDNER.start_fen, GARDNER.game(moves=["b3", "axb3"])])
    assert said.wdl.shape == (2, 3) and said.wdl.dtype == np.float32 and len(said) == 2
    assert np.allclose(said.wdl.sum(1), 1) and np.allclose(said.value, said.wdl[:, 0] - said.wdl[:, 2], atol=1e-3)
    there = command("search", "model:gardner-1@playouts=1", "--variant", "gardner", "--json")["evaluator"]
    assert said.value[0] == np.float32(there["value"])
    assert dict(zip(said.moves[0], said.priors[0].tolist(), strict=True)) == pytest.approx(there["priors"])
    assert said.priors[1].sum() == pytest.approx(1, abs=1e-3) and said.priors[1].shape == (len(said.moves[1]),)


def test_shipped_evaluators_are_listed_and_loaded_without_a_word():
    assert {"gardner-1", "gardner-long-1", "chess-1"} <= set(pin.evaluators())
    code = "import pyinterregnum as pin; pin.load('gardner-1'); pin.match('model:gardner-1', 'random', 'gardner', rounds=1, progress=False)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stderr == ""


def test_the_card_says_where_weights_come_from(tmp_path):
    card = pin.load("gardner-1").card
    assert card["variant"] == "gardner" and card["rules"] == GARDNER.hash and card["shape"]["files"] == 5
    assert pin.load("zero").card is None
    with pytest.raises(pin.WeightsError) as caught:
        pin.load("no such file")
    assert caught.value.file == "no such file"
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"damaged")
    with pytest.raises(pin.WeightsError) as caught:
        pin.load(path)
    assert caught.value.file == str(path)
    with pytest.raises(pin.WeightsError):
        pin.load("gardner-1").evaluate([pin.variant("chess").start_fen], pin.variant("chess"))


@pytest.mark.parametrize(
    ("player", "options"),
    [
        ("model:gardner-1@playouts=700", {"evaluator": "gardner-1", "playouts": 700}),
        ("model:gardner-1@nodes=300", {"evaluator": "gardner-1", "nodes": 300}),
        ("zero@playouts=900,cpuct=2,solver=off", {"evaluator": "zero", "playouts": 900, "cpuct": 2, "solver": False}),
        ("model:gardner-1@playouts=200,considered=4", {"evaluator": "gardner-1", "playouts": 200, "considered": 4}),
        ("alphabeta:gardner-1@nodes=3000", {"evaluator": "gardner-1", "nodes": 3000, "method": "alphabeta"}),
        ("model:gardner-1@playouts=12000,batch=16", {"evaluator": "gardner-1", "playouts": 12000, "batch": 16, "threads": 2}),
    ],
)
def test_a_search_finds_what_the_command_line_finds(player, options):
    found = pin.search(GARDNER.game(moves=["b3"]), **options)
    there = command("search", player, "--variant", "gardner", "--json", "b2b3")
    assert found.moves == [move["uci"] for move in there["moves"]]
    assert found.visits.tolist() == [move["visits"] for move in there["moves"]]
    assert found.value == np.float32(there["value"]) and found.pv == there["line"] and found.playouts == there["playouts"]
    assert found.prior.tolist() == pytest.approx([move["prior"] for move in there["moves"]])
    assert found.best == found.moves[0] and found.legal.all()


def test_rollouts_depend_on_their_seed_alone():
    found = [pin.search(GARDNER.game(), "rollout", playouts=100, seed=seed).visits.tolist() for seed in [7, 7, 8]]
    assert found[0] == found[1] != found[2]


def test_the_tree_as_arrays():
    found = pin.search(GARDNER.game(), "gardner-1", playouts=200, tree=50)
    tree = found.tree
    assert len(tree["parent"]) == len(tree["move"]) == 50 and tree["parent"][0] == -1 and tree["move"][0] == ""
    assert (tree["parent"][1:] < np.arange(1, 50)).all() and tree["visits"][0] == 201
    children = {move: visits for move, parent, visits in zip(tree["move"], tree["parent"], tree["visits"]) if parent == 0}
    assert children and children.items() <= dict(zip(found.moves, found.visits)).items() and found.best in children
    assert found.tree is not None and pin.search(GARDNER.game(), "zero").tree is None


def test_a_mate_is_proven():
    game = pin.variant("chess").game("7k/8/6K1/8/8/8/8/R7 w - - 0 1")
    found = pin.search(game, "zero", playouts=500)
    assert (found.best, found.proven, found.plies_to_end) == ("a1a8", 1.0, 1) and found.proven_moves[0] == 1.0
    def knows_nothing(batch):
        return np.zeros(len(batch)), np.ones(batch.moves.shape[:2])

    found = pin.search(game, knows_nothing, playouts=500, batch=8)
    assert (found.best, found.proven, found.plies_to_end) == ("a1a8", 1.0, 1)
    over = pin.search(pin.variant("chess").game("R5k1/5ppp/8/8/8/8/8/6K1 b - - 0 1"), "zero")
    assert (over.moves, over.best, over.value) == ([], None, -1.0)


def test_a_player_may_believe_in_other_rules():
    chess = pin.variant("chess")
    game = chess.game("7k/5Q2/8/6K1/8/8/8/8 w - - 0 1")
    loss = pin.search(game, "zero", playouts=3000, believes=chess.edit(stalemateValue="win"))
    assert not np.array_equal(loss.q, pin.search(game, "zero", playouts=3000).q, equal_nan=True)
    blocked = chess.game(moves=["e4"])
    pawns = chess.edit(doubleStep=False)
    assert pin.search(chess.game(), "zero", playouts=50, believes=pawns).legal.all()
    assert not pin.search(chess.edit(doubleStep=False).game(), "zero", playouts=50, believes=chess).legal.all()
    with pytest.raises(pin.PositionError):
        pin.search(blocked, "zero", believes=GARDNER)


def ours(evaluator, variant):
    """An evaluator of ours as a callable."""

    def judge(batch):
        said = evaluator.evaluate(batch.fens, variant)
        priors = np.zeros(batch.moves.shape[:2], np.float32)
        for row, weights in enumerate(said.priors):
            priors[row, : len(weights)] = weights
        return said.value, priors

    return judge


def test_a_callable_grows_the_tree_of_our_own_search():
    evaluator = pin.load("gardner-1")
    for moves in [[], ["b3"], ["b3", "axb3"]]:
        game = GARDNER.game(moves=moves)
        own = pin.search(game, evaluator, playouts=600, tree=100)
        by_callable = pin.search(game, ours(evaluator, GARDNER), playouts=600, tree=100)
        # Priors of a network do not sum to 1 exactly, and those of a callable are made to.
        assert dict(zip(by_callable.moves, by_callable.visits)) == pytest.approx(dict(zip(own.moves, own.visits)), abs=6)
        assert by_callable.value == pytest.approx(own.value, abs=2e-3) and by_callable.best == own.best


@pytest.mark.parametrize("name", ["gardner", "duck", "grand", "shogi", "crazyhouse"])
@pytest.mark.parametrize("batch", [1, 7, 64])
def test_a_callable_judges_in_batches(name, batch):
    sizes = []
    variant = pin.variant(name)

    def judge(given):
        n, most = len(given), given.moves.shape[1]
        sizes.append(n)
        assert given.planes.shape == (n, *variant.observation_shape) and given.planes.dtype == np.uint8
        assert given.moves.shape == (n, most, 3) and given.counts.max() == most
        assert ((given.moves[:, :, 0] >= 0) == (np.arange(most) < given.counts[:, None])).all()
        return np.tanh(given.planes[:, :26].sum((1, 2, 3)) - 16.0), np.ones((n, most))

    found = pin.search(variant.game(), judge, playouts=300, batch=batch)
    again = pin.search(variant.game(), judge, playouts=300, batch=batch)
    assert found.playouts == 300 == found.visits.sum() and max(sizes) <= batch and (batch == 1 or max(sizes) > 3)
    assert found.visits.tolist() == again.visits.tolist() and found.value == again.value


def test_the_first_move_of_a_batch_has_the_address_that_the_network_has():
    given = []
    pin.search(pin.variant("chess").game("8/P6k/8/8/8/8/7K/8 w - - 0 1"), lambda b: (given.append(b), ([0], np.ones(b.moves.shape[:2])))[1], playouts=1)
    rows = given[0].moves[0].tolist()
    assert [48 * 64 + 56, 16 * 64 + 56, -1] in rows and [15 * 64 + 7, -1, -1] in rows


@pytest.mark.parametrize(
    "answer",
    [None, 1, (1, 2), ([0.0], [[np.nan] * 7]), ([2.0], np.ones((1, 7))), ([0.0], np.zeros((1, 7))), ([0.0], -np.ones((1, 7))), ([0.0], np.ones((1, 8)))],
)
def test_wrong_answers_are_refused(answer):
    with pytest.raises((ValueError, TypeError)):
        pin.search(GARDNER.game(), lambda batch: answer)


def test_errors_of_a_callable_come_back():
    def judge(batch):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        pin.search(GARDNER.game(), judge)


@pytest.mark.parametrize(
    "options",
    [{"playouts": 0}, {"playouts": 5, "nodes": 5}, {"batch": 0}, {"threads": 0}, {"cpuct": float("nan")}, {"method": "dream"},
     {"considered": 4, "nodes": 10}, {"method": "alphabeta", "playouts": 4}],
)
def test_constants_that_make_no_sense_are_refused(options):
    with pytest.raises(pin.PlayerError):
        pin.search(GARDNER.game(), "zero", **options)


@pytest.mark.parametrize(
    "options",
    [{"playouts": 2**31}, {"playouts": 2**31, "batch": 64, "threads": 2}, {"playouts": 2**31, "considered": 4},
     {"nodes": 2**32 - 1, "method": "alphabeta"}, {"nodes": 2**31}],
)
def test_an_interrupt_is_honoured_within_a_second(options):
    interrupted(lambda: pin.search(pin.variant("chess").game(), "chess-1", **options))


def test_other_threads_run_meanwhile():
    done = threading.Event()
    thread = threading.Thread(target=lambda: (pin.search(GARDNER.game(), "gardner-1", playouts=200_000), done.set()))
    thread.start()
    counted = 0
    while not done.is_set():
        counted += 1
    thread.join()
    assert counted > 1000
