"""Variants and games."""

import copy
import pickle
import random
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import pyinterregnum as pin


def random_games(name: str, games: int, plies: int, seed: int = 1):
    """Yields games in progress, each before a random move."""
    rng = random.Random(f"{name} {seed}")
    for _ in range(games):
        game = pin.variant(name).game()
        for _ in range(plies):
            if game.is_over:
                break
            yield game
            game.push(rng.choice(game.legal_moves))


def test_a_game_of_gardner():
    game = pin.variant("gardner").game()
    assert len(game.legal_moves) == 7
    game.push("b3")
    assert game.fen == "rnbqk/ppppp/1P3/P1PPP/RNBQK b - - 0 1"
    assert (game.turn, game.ply, game.history) == ("black", 1, ["b2b3"])
    assert game.san("a4b3") == "axb3" and game.uci("axb3") == "a4b3"
    assert game.pop() == "b2b3" and game.fen == game.variant.start_fen
    with pytest.raises(IndexError):
        game.pop()


def test_mate_ends_a_game_and_says_how():
    game = pin.variant("chess").game("6k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1", ["Ra8"])
    assert (game.outcome, game.is_over, game.in_check, game.legal_moves) == ("1-0", True, True, [])
    assert (game.ending.kind, game.ending.favours, game.ending.white, game.ending.black) == ("checkmate", "white", 1, -1)


@pytest.mark.parametrize("name", pin.variants())
def test_every_variant_plays_and_takes_back(name):
    fens = []
    for game in random_games(name, games=1, plies=30):
        fens.append(game.fen)
        assert len(set(game.legal_moves)) == len(game.legal_moves) > 0
        assert game.uci(game.legal_moves[-1]) == game.legal_moves[-1]
    while game.ply:
        game.pop()
        assert game.fen == fens[game.ply]


@pytest.mark.parametrize("name", pin.variants())
def test_actions_tell_all_moves_apart(name):
    for game in random_games(name, games=1, plies=12):
        variant, seen = game.variant, set()
        for move in random.Random(game.ply).sample(game.legal_moves, min(60, len(game.legal_moves))):
            actions, other = game.actions_of(move), game.copy()
            assert tuple(actions) not in seen
            seen.add(tuple(actions))
            for number, action in enumerate(actions):
                legal = other.legal_actions()
                assert action in legal and (np.diff(legal) > 0).all() and 0 <= legal[0] and legal[-1] < variant.action_count
                assert other.push_action(action) == (number + 1 == len(actions))
            assert other.history[-1] == move
        observation = game.observation()
        assert observation.dtype == np.uint8 and observation.shape == variant.observation_shape


def test_observations_turn_with_the_side_to_move():
    game = pin.variant("chess").game("4k3/8/8/8/8/8/P7/4K3 w - - 7 1")
    planes = game.observation()
    assert planes[15].nonzero() == (np.array([1]), np.array([0])) or planes[15][1, 0] == 1
    assert planes[10][0, 4] == planes[26 + 10][7, 4] == 1 and planes[64].max() == 0 and (planes[63] == 7).all()
    game.push("e1d1")
    planes = game.observation()
    assert planes[26 + 15][6, 0] == planes[10][0, 4] == planes[26 + 10][7, 3] == 1 and planes[64].min() == 1


def test_a_move_that_needs_a_second_action_is_shown_while_it_is_chosen():
    game = pin.variant("chess").game("8/P6k/8/8/8/8/7K/8 w - - 0 1")
    first, second = game.actions_of("a7a8n")
    assert not game.push_action(first)
    planes = game.observation()
    assert planes[117][6, 0] == planes[118][7, 0] == 1 and len(game.legal_actions()) == 4
    assert game.action_to_string(second) == "a7a8n"
    assert game.push_action(second) and game.fen.startswith("N7")


def test_an_edit_changes_the_rules_and_a_difference_gives_it_back():
    base = pin.variant("gardner")
    hill = base.edit(flagPiece="k", flagRegion="c3", name="hill")
    assert hill.name == "hill" and hill != base and hill.hash != base.hash
    assert base.edit(**base.diff(hill)) == hill
    assert base.diff(base) == {} and base.edit() == base
    assert hash(base.edit(flagPiece="k", flagRegion="c3")) == hash(hill)
    chess, gardner = pin.variant("chess"), pin.variant("gardner")
    assert chess.edit(**chess.diff(gardner)) == gardner
    twice = hill.edit(stalemateValue="loss")
    assert twice.edit(stalemateValue="draw") == hill


def test_a_payoff_prices_endings():
    variant = pin.variant("chess").with_payoff({"stalemate": 0.5})
    assert variant.payoff == {"stalemate": 0.5} and variant != pin.variant("chess")
    game = variant.game("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1")
    assert (game.outcome, game.ending.white, game.ending.black) == ("1/2-1/2", 0.5, -0.5)
    assert variant.edit(stalemateValue="loss").payoff == variant.payoff
    with pytest.raises(pin.Error, match="no ending"):
        variant.with_payoff({"boredom": 1.0})


def test_errors_carry_file_line_and_key(tmp_path):
    path = tmp_path / "mine.ini"
    path.write_text("[good:gardner]\nflagPiece = k\nflagRegion = c3\n\n[bad:gardner]\nstalemateValue = perhaps\n")
    with pytest.raises(pin.RuleError) as caught:
        pin.variant_file(path)
    error = caught.value
    assert (error.file, error.line, error.section, error.key) == (str(path), 6, "bad", "stalemateValue")
    assert isinstance(error, ValueError) and isinstance(error, pin.Error)
    assert list(pin.variant_file(path, strict=False)) == ["good"]
    with pytest.raises(pin.RuleError) as caught:
        pin.variant("gardner").edit(flagpeice="k")
    assert caught.value.key == "flagpeice" and caught.value.line is None
    with pytest.raises(pin.PositionError) as caught:
        pin.variant("chess").game("nonsense")
    assert caught.value.fen == "nonsense"
    with pytest.raises(pin.MoveError):
        pin.variant("chess").game().push("e2e5")
    with pytest.raises(TypeError):
        pin.variant("gardner").edit(flagPiece=1.5)


def test_a_game_goes_on_under_other_rules():
    gardner = pin.variant("gardner")
    game = gardner.game(moves=["b2b3"])
    hill = game.under(gardner.edit(flagPiece="k", flagRegion="c3"))
    assert hill.fen == game.fen and hill.history == []
    with pytest.raises(pin.PositionError):
        game.under(pin.variant("chess"))
    with pytest.raises(pin.PositionError):
        game.under(pin.variant("capablanca"))


@pytest.mark.parametrize("name", ["chess", "crazyhouse", "duck", "capablanca", "shogi", "seirawan"])
def test_copies_and_pickles(name):
    *_, game = random_games(name, games=1, plies=25)
    for other in [copy.copy(game), copy.deepcopy(game), pickle.loads(pickle.dumps(game))]:
        assert (other.fen, other.history, other.legal_moves) == (game.fen, game.history, game.legal_moves)
        other.push(other.legal_moves[0])
        assert other.ply == game.ply + 1
    edited = game.variant.edit(stalemateValue="loss").with_payoff({"checkmate": 0.75})
    assert pickle.loads(pickle.dumps(edited)) == edited


def test_a_picture_is_svg():
    for name in ["gardner", "grand", "amazons", "shogi"]:
        svg = ElementTree.fromstring(pin.variant(name).game()._repr_svg_())
        assert svg.tag.endswith("svg")


def test_types_of_words():
    assert pin.variant("chess").observation_shape == (119, 8, 8)
    assert pin.variant("grand").observation_shape == (119, 10, 10)
    assert pin.variant("crazyhouse").action_count == pin.variant("duck").action_count
    with pytest.raises(pin.RuleError):
        pin.variant("no such game")
