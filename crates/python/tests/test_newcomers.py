"""What is refused, what is said, and what names may be."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import pyinterregnum as pin

GARDNER = pin.variant("gardner")


def test_names_of_variants_are_taken_wherever_variants_are():
    game = GARDNER.game()
    assert game.under("gardner").variant == GARDNER
    assert pin.new_evaluator("gardner", hidden=32).card["variant"] == "gardner"
    assert pin.search(game, "zero", playouts=5, believes="gardner").playouts == 5
    assert len(pin.VectorEnv("gardner", 2, change="gardner")) == 2
    assert len(pin.load("gardner-1").evaluate([GARDNER.start_fen], "gardner")) == 1
    for wrong in [lambda: game.under(5), lambda: pin.search(game, "zero", believes=5), lambda: pin.VectorEnv(5, 1)]:
        with pytest.raises(TypeError, match="Variant"):
            wrong()
    with pytest.raises(pin.RuleError):
        game.under("no such game")


def test_edits_of_edits_keep_names_short():
    variant = GARDNER
    names = set()
    for number in range(40):
        variant = variant.edit(nMoveRule=60 + number)
        names.add(variant.name)
    assert len(names) == 40 and max(map(len, names)) < 24
    long = GARDNER.edit(name="x" * 64)
    assert long.edit(nMoveRule=12).edit(nMoveRule=13).name.endswith("-edited-2")


def test_positions_that_are_refused_are_told():
    game = GARDNER.game()
    for wrong in [lambda: game.under("chess"), lambda: game.piece_at("z9"), lambda: pin.search(game, "zero", believes="chess")]:
        with pytest.raises(pin.PositionError) as caught:
            wrong()
        assert caught.value.fen == game.fen
    assert pin.Error.file is None and pin.PositionError.fen is None


def test_rollouts_are_those_of_the_command_line():
    import json

    words = ["search", "rollout@playouts=60,seed=3", "--variant", "gardner", "--json"]
    run = subprocess.run([sys.executable, "-m", "pyinterregnum", *words], capture_output=True, text=True, check=True)
    found = pin.search(GARDNER.game(), "rollout", playouts=60, seed=3)
    assert [(m["uci"], m["visits"]) for m in json.loads(run.stdout)["moves"]] == list(zip(found.moves, found.visits.tolist()))


def test_paths_of_all_kinds_are_taken(tmp_path):
    evaluator, game = pin.load("gardner-1"), GARDNER.game()
    odd = os.fsencode(tmp_path) + b"/caf\xe9.safetensors"
    for path in [tmp_path / "a.safetensors", str(tmp_path / "b.safetensors"), os.fsencode(tmp_path / "c.safetensors"), odd, os.fsdecode(odd), pathlib.Path(os.fsdecode(odd))]:
        evaluator.save(path)
        assert pin.load(path).weights == evaluator.weights
        assert pin.search(game, path, playouts=5).playouts == 5
    with pytest.raises(pin.Error, match="empty"):
        pin.stress("quick", "", progress=False)


def test_a_refused_suite_leaves_no_folder(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(pin.SuiteError):
        pin.stress("no such suite", progress=False)
    assert not list(tmp_path.iterdir())
    with pytest.raises(pin.RunError) as caught:
        pin.read_run(tmp_path)
    assert caught.value.file is not None


def test_a_missing_weight_file_is_told_without_flags():
    with pytest.raises(pin.WeightsError) as caught:
        pin.load("gardner")
    assert "did you mean gardner-1?" in str(caught.value) and "--" not in str(caught.value)
    with pytest.raises(pin.WeightsError) as caught:
        pin.load("nobody")
    assert "did you mean" not in str(caught.value)


CLOSED = """
import os, sys
import pyinterregnum as pin
{}
assert len(pin.match("random", "random", "gardner", rounds=3).games()) == 6
"""


@pytest.mark.parametrize("how", ["os.close(2)", "sys.stderr.close()", "sys.stderr = None", "sys.stderr = open('/dev/full', 'w', buffering=1)"])
def test_a_bar_that_cannot_be_shown_stops_no_match(how):
    if "full" in how and not os.path.exists("/dev/full"):
        pytest.skip("no such device")
    run = subprocess.run([sys.executable, "-c", CLOSED.format(how)], capture_output=True, text=True)
    # Python itself complains at its exit if what standard error still holds cannot be written: 120.
    assert run.returncode in ([0, 120] if "full" in how else [0]), run.stderr


@pytest.mark.parametrize(
    "options",
    [{"change": "chess"}, {"change_plies": (5, 2), "change": "gardner"}, {"max_plies": 0}, {"change": 5}],
)
def test_environments_refuse_at_once_what_cannot_be(options):
    pytest.importorskip("pettingzoo")
    from pyinterregnum.envs.gymnasium import AgainstPlayer
    from pyinterregnum.envs.pettingzoo import env

    for make in [lambda **o: pin.VectorEnv("gardner", 1, **o), lambda **o: env("gardner", **o), lambda **o: AgainstPlayer("gardner", "zero", **o)]:
        with pytest.raises((pin.PlayerError, TypeError)):
            make(**options)


def test_sides_and_parameters_of_openspiel_are_checked():
    pytest.importorskip("gymnasium")
    from pyinterregnum.envs.gymnasium import AgainstPlayer

    with pytest.raises(pin.PlayerError, match="red"):
        AgainstPlayer("gardner", side="red")
    pytest.importorskip("pyspiel")
    from pyinterregnum.envs.openspiel import InterregnumGame

    for parameters, error in [({"max_plies": -3}, pin.PlayerError), ({"edit": "bad"}, pin.RuleError), ({"edit": ":x"}, pin.RuleError)]:
        with pytest.raises(error):
            InterregnumGame({"variant": "gardner", **parameters})


def test_a_stale_player_plays_on_where_its_rules_lack_the_position():
    pytest.importorskip("gymnasium")
    from pyinterregnum.envs.gymnasium import AgainstPlayer

    # Under the new rules pawns become commoners, which the old ones do not have.
    change = GARDNER.edit(commoner="m", promotionPieceTypes="m", name="commoners")
    rng, lacking = np.random.default_rng(1), 0
    for seed in range(12):
        games = AgainstPlayer("gardner", "zero", playouts=4, side="white", change=change, change_plies=(1, 1), stale=True, max_plies=120)
        _, info = games.reset(seed=seed)
        done = False
        while not done:
            legal = info["action_mask"].nonzero()[0]
            _, _, terminated, truncated, info = games.step(rng.choice(legal))
            done = terminated or truncated
            try:
                games.match.game.under(GARDNER)
            except pin.PositionError:
                lacking += not done
    assert lacking


def test_a_half_chosen_move_of_openspiel_is_copied():
    pyspiel = pytest.importorskip("pyspiel")
    import copy

    import pyinterregnum.envs.openspiel  # noqa: F401

    game = pyspiel.load_game("python_interregnum(variant=duck)")
    state = game.new_initial_state()
    for _ in range(5):
        state.apply_action(state.legal_actions()[0])
        for other in [copy.deepcopy(state), state.clone(), game.deserialize_state(state.serialize())]:
            assert other.legal_actions() == state.legal_actions() and str(other) == str(state)
