"""Games and evaluators come back from pickles and copies as they were."""

import copy
import pickle
import random
import threading

import numpy as np
import pytest

import pyinterregnum as pin


def same(game, other):
    """Whether two games are alike, as far as anyone can see."""
    return (
        (game.variant, game.fen, game.start_fen, game.history) == (other.variant, other.fen, other.start_fen, other.history)
        and np.array_equal(game.observation(), other.observation())
        and np.array_equal(game.legal_actions(), other.legal_actions())
        and game.repetitions == other.repetitions
    )


def again(thing):
    return pickle.loads(pickle.dumps(thing))


def test_a_move_that_is_half_chosen_survives():
    game = pin.variant("chess").game("8/P6k/8/8/8/8/7K/8 w - - 0 1")
    first, second = game.actions_of("a7a8n")
    game.push_action(first)
    for other in [again(game), copy.deepcopy(game), copy.copy(game)]:
        assert same(game, other) and len(other.legal_actions()) == 4
        assert other.push_action(second) and other.history == ["a7a8n"]
    with pytest.raises(pin.MoveError):
        game.push("zz")
    with pytest.raises(IndexError):
        game.pop()
    assert len(game.legal_actions()) == 4


@pytest.mark.parametrize("name", ["duck", "seirawan", "kyotoshogi", "crazyhouse", "chess"])
def test_half_chosen_moves_of_random_games_survive(name):
    if name not in pin.variants():
        pytest.skip("not built in")
    rng, game, partial = random.Random(name), pin.variant(name).game(), 0
    for _ in range(120):
        if game.is_over:
            game = pin.variant(name).game()
        partial += not game.push_action(int(rng.choice(game.legal_actions())))
        assert same(game, again(game))
    assert partial or name == "chess"


@pytest.mark.parametrize("name", pin.variants())
def test_games_of_all_variants_survive(name):
    rng = random.Random(name)
    game = pin.variant(name).game()
    for _ in range(40):
        if game.is_over:
            break
        assert same(game, again(game))
        game.push(rng.choice(game.legal_moves))


@pytest.mark.parametrize("name", ["chess", "seirawan", "shogi", "crazyhouse", "makruk", "sittuyin", "duck", "3check"])
def test_games_that_went_on_under_other_rules_survive(name):
    if name not in pin.variants():
        pytest.skip("not built in")
    rng, variant = random.Random(name), pin.variant(name)
    rules = [variant, variant.edit(stalemateValue="loss"), variant.edit(nMoveRule=30)]
    kept = 0
    for _ in range(15):
        game = variant.game()
        for _ in range(30):
            if game.is_over:
                break
            game.push(rng.choice(game.legal_moves))
            if rng.random() < 0.3:
                try:
                    game = game.under(rng.choice(rules))
                except pin.PositionError as error:
                    assert error.fen == game.fen
                    continue
                kept += 1
            assert same(game, again(game))
    assert kept > 10


def test_a_passing_pawn_can_be_captured_after_a_pickle_of_other_rules():
    chess = pin.variant("chess")
    game = chess.game(moves=["e4", "a6", "e5", "d5"]).under(chess.edit(stalemateValue="loss"))
    assert "e5d6" in game.legal_moves
    assert "e5d6" in again(game).legal_moves and same(game, again(game))


def test_a_long_chain_of_changes_ends_no_process():
    gardner = pin.variant("gardner")
    other, game = gardner.edit(stalemateValue="loss"), gardner.game()
    for number in range(200_000):
        game = game.under(other if number % 2 else gardner)
    del game


def test_damaged_pickles_of_games_are_refused():
    gardner = pin.variant("gardner")
    rebuild, (played, fen, actions) = gardner.game(moves=["b3"]).under(gardner.edit(stalemateValue="loss")).__reduce__()
    assert len(played) == 2 and fen is None and actions == []
    for wrong in [([], fen, []), (played, "x", []), (played, fen, [0]), (played, fen, [2**62]), ([(pin.variant("chess"), []), *played], fen, [])]:
        with pytest.raises(pin.Error):
            rebuild(*wrong)


@pytest.mark.parametrize("name", ["gardner-1", "gardner-hill-1", "zero", "rollout"])
def test_evaluators_survive(name):
    evaluator, game = pin.load(name, seed=5), pin.variant("gardner").game()
    for other in [again(evaluator), copy.copy(evaluator), copy.deepcopy(evaluator)]:
        assert repr(other) == repr(evaluator) and other.origin == evaluator.origin and other.weights == evaluator.weights
        found = [pin.search(game, judge, playouts=60).visits.tolist() for judge in [evaluator, other]]
        assert found[0] == found[1]
    if name.startswith("gardner"):
        assert evaluator.weights in repr(evaluator) and again(evaluator).card["weights"] == evaluator.weights
        rebuild, (file, *rest) = evaluator.__reduce__()
        with pytest.raises(pin.WeightsError):
            rebuild(file[:-9], *rest)


def test_weights_are_named_alike_everywhere(tmp_path):
    for name in ["gardner-1", "chess-1", "losalamos-1"]:
        evaluator = pin.load(name)
        child = evaluator.with_tensors(evaluator.tensors())
        assert child.card["lineage"]["parent"] == evaluator.weights == child.weights
        evaluator.save(tmp_path / "copy.safetensors")
        saved = pin.load(tmp_path / "copy.safetensors")
        assert saved.weights == saved.card["weights"] == evaluator.weights


def test_a_card_too_large_to_be_read_is_not_written(tmp_path):
    evaluator = pin.load("gardner-1")
    large = evaluator.with_tensors(evaluator.tensors(), command="x" * (1 << 20))
    with pytest.raises(pin.WeightsError, match="header"):
        large.save(tmp_path / "large.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_search_within_a_search_ends_before_the_stack_does():
    game, depth = pin.variant("gardner").game(), []

    def judge(batch):
        depth.append(1)
        pin.search(game, judge, playouts=2)
        raise AssertionError("never")

    def run():
        with pytest.raises(RecursionError):
            pin.search(game, judge, playouts=2)

    run()
    assert 50 < len(depth) <= 100
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(depth) <= 200
    pin.search(game, lambda batch: (np.zeros(len(batch)), np.ones(batch.moves.shape[:2])), playouts=3)
