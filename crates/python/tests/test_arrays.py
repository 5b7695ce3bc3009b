"""What arrays and iterables of positions may be."""

import collections
import subprocess
import sys

import numpy as np
import pytest

import pyinterregnum as pin

GARDNER = pin.variant("gardner")


def unaligned(array):
    """The same values at an odd address."""
    room = np.empty(array.nbytes + 1, np.uint8)[1:]
    other = room.view(array.dtype).reshape(array.shape)
    other[...] = array
    assert not other.flags.aligned or array.dtype.itemsize == 1
    return other


def test_weights_of_any_layout_are_taken():
    evaluator = pin.load("gardner-1")
    tensors = {name: array * 0.5 for name, array in evaluator.tensors().items()}
    expected = evaluator.with_tensors(tensors).weights
    assert expected != evaluator.weights
    for change in [unaligned, np.asfortranarray, lambda a: a.astype(np.float64), lambda a: a.astype(">f4"), np.ndarray.tolist]:
        assert evaluator.with_tensors({name: change(array) for name, array in tensors.items()}).weights == expected
    for wrong in [lambda a: a.astype(complex), lambda a: a.astype(str), lambda a: a.astype(object), lambda a: np.full(a.shape, "1970", "M8[Y]")]:
        with pytest.raises(TypeError, match="features.weight|real numbers"):
            evaluator.with_tensors({name: wrong(array) for name, array in tensors.items()})


def test_arrays_that_are_not_aligned_are_refused_by_environments():
    env = pin.VectorEnv("gardner", 4)
    out, actions = env.buffers(), np.zeros(4, np.int32)
    env.sample(actions)
    fens = env.fens
    for call in [
        lambda: env.sample(unaligned(actions)),
        lambda: env.step(unaligned(actions)),
        lambda: env.step(actions, {"reward": unaligned(out["reward"])}),
        lambda: env.reset({"reward": unaligned(out["reward"])}),
    ]:
        with pytest.raises(ValueError, match="aligned"):
            call()
        assert env.fens == fens
    assert isinstance(env.observation_shape, tuple)


def test_a_refused_reset_begins_nothing():
    env, actions = pin.VectorEnv("gardner", 2), np.zeros(2, np.int32)
    env.sample(actions)
    env.step(actions)
    fens = env.fens
    for wrong in [{"mask": np.zeros(3)}, {"prize": actions}]:
        with pytest.raises((ValueError, TypeError)):
            env.reset(wrong, seed=9)
        assert env.fens == fens


def test_positions_are_read_by_the_rules_of_their_games_whatever_holds_them():
    forced = GARDNER.edit(mustCapture=True, name="forced")
    games = [forced.game(), forced.game(moves=["b3"])]
    assert games[1].legal_moves == ["a4b3", "c4b3"]
    evaluator = pin.load("gardner-1")
    for hold in [list, tuple, iter, collections.deque, lambda games: (game for game in games)]:
        assert evaluator.evaluate(hold(games)).moves == [game.legal_moves for game in games]
        assert pin.load("zero").evaluate(hold([games[0], games[1].fen])).moves[1] == games[1].legal_moves
        assert (evaluator.inputs(hold(games))[1][1, :, 0] >= 0).sum() == 2
        mixed = [GARDNER.game(), games[1]]
        for order in [mixed, mixed[::-1]]:
            with pytest.raises(ValueError) as caught:
                evaluator.evaluate(hold(order))
            assert GARDNER.hash in str(caught.value) and forced.hash in str(caught.value)
            assert len(evaluator.evaluate(hold(order), "gardner").moves) == 2
    with pytest.raises(TypeError):
        evaluator.evaluate(games[0])
    assert repr(evaluator.evaluate(games)).startswith("<Evaluation of 2 positions")


@pytest.mark.parametrize("kind", [complex, str, object])
def test_answers_that_are_no_real_numbers_are_refused(kind):
    def judge(batch):
        return np.zeros(len(batch)).astype(kind), np.ones(batch.moves.shape[:2])

    with pytest.raises(TypeError, match="real numbers"):
        pin.search(GARDNER.game(), judge, playouts=3)


WITHOUT = """
import sys
sys.modules["numpy"] = None
try:
    import pyinterregnum
except ImportError as error:
    assert "numpy" in str(error), error
    print("refused")
"""
LATER = """
import sys
import numpy as np
import pyinterregnum as pin
actions, game, env = np.zeros(1, np.int32), pin.variant("gardner").game(), pin.VectorEnv("gardner", 1)
# Whatever an interrupt or a damaged installation would prevent from now on is there already.
for name in ["numpy", "numpy.core", "numpy.core.multiarray", "numpy._core", "numpy._core.multiarray"]:
    sys.modules[name] = None
game.legal_actions(), game.observation(), env.sample(actions), env.step(actions, env.buffers())
pin.search(game, "zero", playouts=5, tree=2)
print("fine")
"""


@pytest.mark.parametrize(("code", "word"), [(WITHOUT, "refused"), (LATER, "fine")])
def test_numpy_is_found_when_the_package_is_imported(code, word):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == word and "PanicException" not in run.stderr, run.stderr


def test_a_table_gives_its_rows():
    table = pin.match("random", "random", "gardner", rounds=2, progress=False).games()
    rows = list(table)
    assert len(rows) == len(table) == 4 and list(rows[0]) == table.columns
    assert [row["moves"] for row in rows] == table["moves"]
