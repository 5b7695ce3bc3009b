"""Environments."""

import numpy as np
import pytest

import pyinterregnum as pin
from pyinterregnum import VectorEnv

HILL = pin.variant("gardner").edit(flagPiece="k", flagRegion="c3", name="hill")


def rollout(env, steps, seed=None):
    """Random play; yields the actions and what they led to."""
    out, actions = env.buffers(), np.zeros(len(env), np.int32)
    env.reset(out, seed=seed)
    for _ in range(steps):
        env.sample(actions)
        before = {name: array.copy() for name, array in out.items()}
        env.step(actions, out)
        yield actions.copy(), before, {name: array.copy() for name, array in out.items()}


@pytest.mark.parametrize("name", ["gardner", "chess", "crazyhouse", "duck", "shogi", "grand", "seirawan", "racingkings"])
def test_many_games_are_stepped_as_single_ones(name):
    env = VectorEnv(name, 3, seed=5, max_plies=60)
    games = [pin.variant(name).game() for _ in range(3)]
    done = 0
    for actions, before, after in rollout(env, 80):
        for number, action in enumerate(actions):
            game = games[number]
            assert np.array_equal(before["observation"][number], game.observation())
            assert np.array_equal(before["mask"][number].nonzero()[0], game.legal_actions())
            assert before["turn"][number] == (game.turn == "black")
            moved = game.push_action(int(action))
            expected = 0
            if moved and game.is_over:
                expected = 1
                assert after["reward"][number].tolist() == [game.ending.white, game.ending.black]
            elif moved and game.ply >= 60:
                expected = 2
            assert after["done"][number] == expected
            if expected:
                done += 1
                games[number] = pin.variant(name).game()
            else:
                assert not after["reward"][number].any()
    assert env.fens == [game.fen for game in games]


def test_equal_seeds_give_equal_games():
    runs = [[actions.tolist() for actions, *_ in rollout(VectorEnv("gardner", 8, seed=seed), 50)] for seed in [1, 1, 2]]
    assert runs[0] == runs[1] != runs[2]
    env = VectorEnv("gardner", 8, seed=1)
    again = [[actions.tolist() for actions, *_ in rollout(env, 50)] for _ in range(2)]
    assert again == [runs[0], runs[0]]


def test_rules_change_amid_the_game():
    env = VectorEnv("gardner", 64, seed=3, change=HILL, change_plies=(6, 10), max_plies=80)
    changed_at, plies, goals = set(), np.zeros(64, int), 0
    for _, before, after in rollout(env, 400):
        # An action that leaves a move to be completed does not pass the turn.
        plies += before["turn"] != after["turn"]
        for number in range(64):
            if after["done"][number]:
                plies[number] = 0
                goals += after["done"][number] == 1
            elif after["regime"][number] and not before["regime"][number]:
                changed_at.add(int(plies[number]))
        assert (before["regime"] <= 1).all()
    assert changed_at == {6, 7, 8, 9, 10} and goals > 20
    with pytest.raises(pin.PlayerError):
        VectorEnv("gardner", 4, change=pin.variant("chess"))


def test_any_array_may_be_missing_and_the_rest_must_fit():
    env = VectorEnv("gardner", 4)
    actions = np.zeros(4, np.int32)
    env.sample(actions)
    env.step(actions)
    out = env.buffers()
    for wrong in [
        {"mask": np.zeros((4, 3), np.int8)},
        {"mask": out["mask"].T},
        {"mask": out["mask"].astype(np.float64)},
        {"observation": np.asfortranarray(out["observation"])},
        {"reward": "no array"},
        {"prize": out["reward"]},
        {"done": out["turn"], "turn": out["turn"]},
    ]:
        fens = env.fens
        env.sample(actions)
        with pytest.raises((ValueError, TypeError)):
            env.step(actions, wrong)
        assert env.fens == fens
    out["mask"].flags.writeable = False
    with pytest.raises(ValueError):
        env.reset({"mask": out["mask"]})
    for kind in [np.uint8, np.int8, bool]:
        env.reset({"mask": (mask := np.zeros(out["mask"].shape, kind))})
        assert mask.sum() == 28
    env.reset({"observation": (planes := np.zeros(out["observation"].shape, np.float32))})
    assert planes.sum() == 4 * 20


def test_an_action_that_is_not_legal_changes_nothing():
    env = VectorEnv("gardner", 4)
    actions = np.zeros(4, np.int32)
    env.sample(actions)
    actions[2] = 0
    fens = env.fens
    with pytest.raises(pin.MoveError, match="game 2"):
        env.step(actions)
    assert env.fens == fens
    for wrong in [actions[:3], actions.astype(np.int64), actions.reshape(2, 2), actions.tolist(), None]:
        with pytest.raises((ValueError, TypeError)):
            env.step(wrong)


def test_pgx_encoding_is_that_of_pgx():
    jax = pytest.importorskip("jax")
    pgx = pytest.importorskip("pgx")
    theirs = pgx.make("gardner_chess")
    init, step, observe = jax.jit(theirs.init), jax.jit(theirs.step), jax.jit(theirs.observe)
    compared, rng = 0, np.random.default_rng(1)
    for seed in range(12):
        env, state = VectorEnv("gardner", 1, encoding="pgx"), init(jax.random.PRNGKey(seed))
        out = env.buffers()
        env.reset(out)
        assert out["observation"].shape == (1, 5, 5, 115) and out["mask"].shape == (1, 1225)
        while not bool(state.terminated):
            assert np.array_equal(out["mask"][0], np.asarray(state.legal_action_mask))
            assert np.allclose(out["observation"][0], np.asarray(observe(state, state.current_player)))
            compared += 1
            action = rng.choice(out["mask"][0].nonzero()[0])
            player, state = int(state.current_player), step(state, int(action))
            env.step(np.array([action], np.int32), out)
            if out["done"][0]:
                assert bool(state.terminated)
                turn = 1 - out["turn"][0]
                del turn
                assert sorted(out["reward"][0].tolist()) == sorted(np.asarray(state.rewards).tolist())
                assert out["reward"][0].any() == (np.asarray(state.rewards)[player] == 1)
                break
    assert compared > 300
    for wrong in [("chess", {}), (HILL, {}), ("gardner", {"change": HILL})]:
        with pytest.raises(pin.PlayerError):
            VectorEnv(wrong[0], 1, encoding="pgx", **wrong[1])


def test_pettingzoo_accepts_the_environment():
    pytest.importorskip("pettingzoo")
    from pettingzoo.test import api_test, seed_test

    from pyinterregnum.envs.pettingzoo import env

    api_test(env("gardner", max_plies=60), num_cycles=300)
    api_test(env("duck", max_plies=20), num_cycles=50)
    seed_test(lambda: env("gardner", change=HILL), num_cycles=100)


def test_a_pettingzoo_game_from_start_to_end():
    pytest.importorskip("pettingzoo")
    from pyinterregnum.envs.pettingzoo import env

    games, rng = env("gardner", change=HILL, change_plies=(4, 4)), np.random.default_rng(1)
    decided = 0
    for seed in range(10):
        games.reset(seed=seed)
        total, regimes = dict.fromkeys(games.possible_agents, 0.0), set()
        for agent in games.agent_iter():
            observation, reward, termination, truncation, info = games.last()
            total[agent] += reward
            regimes.add(info["regime"])
            legal = observation["action_mask"].nonzero()[0]
            games.step(None if termination or truncation else int(rng.choice(legal)))
        assert sum(total.values()) == 0 and regimes == {0, 1}
        decided += total["player_0"] != 0
    assert decided


def test_gymnasium_accepts_the_environment():
    pytest.importorskip("gymnasium")
    from gymnasium.utils.env_checker import check_env

    from pyinterregnum.envs.gymnasium import AgainstPlayer

    check_env(AgainstPlayer("gardner", "zero", playouts=5), skip_render_check=True)
    wins, rng = 0, np.random.default_rng(1)
    for seed in range(6):
        env = AgainstPlayer("gardner", "gardner-1", playouts=50, side="black" if seed % 2 else "white", change=HILL, stale=True)
        _, info = env.reset(seed=seed)
        done = False
        while not done:
            action = rng.choice(info["action_mask"].nonzero()[0])
            _, reward, terminated, truncated, info = env.step(action)
            done = terminated or truncated
        wins += reward == 1
    assert wins <= 3
    env.reset(seed=1)
    assert env.step(np.int64(0))[1:3] == (-1.0, True)


@pytest.mark.parametrize("name", pin.variants())
def test_openspiel_plays_every_variant(name):
    pyspiel = pytest.importorskip("pyspiel")
    import pyinterregnum.envs.openspiel  # noqa: F401

    game = pyspiel.load_game(f"python_interregnum(variant={name},max_plies=20)")
    pyspiel.random_sim_test(game, num_sims=1, serialize=True, verbose=False)


def test_openspiel_serialises_and_edits():
    pyspiel = pytest.importorskip("pyspiel")
    import pyinterregnum.envs.openspiel  # noqa: F401

    game = pyspiel.load_game("python_interregnum(variant=gardner,edit=flagPiece:k;flagRegion:c3)")
    assert game.variant == HILL
    state = game.new_initial_state()
    for _ in range(9):
        state.apply_action(state.legal_actions()[0])
    text = pyspiel.serialize_game_and_state(game, state)
    again, copy = pyspiel.deserialize_game_and_state(text)
    assert str(copy) == str(state) and copy.history() == state.history() and again.variant == HILL
    assert str(state.clone()) == str(state)
