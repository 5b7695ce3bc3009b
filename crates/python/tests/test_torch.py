"""PyTorch, and what goes with it."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pyinterregnum as pin

torch = pytest.importorskip("torch")

from pyinterregnum.torch import EvaluatorModule, export_onnx, judge  # noqa: E402

TRAIN = Path(__file__).parent.parent / "examples" / "train.py"


def positions(name, count, seed=1):
    """Games in progress of random play."""
    rng, found = random.Random(seed), []
    while len(found) < count:
        game = pin.variant(name).game()
        while not game.is_over and game.ply < 60 and len(found) < count:
            found.append(game.copy())
            game.push(rng.choice(game.legal_moves))
    return found


@pytest.mark.parametrize(("name", "file"), [("gardner", "gardner-1"), ("gardner", "gardner-long-1"), ("chess", "chess-1")])
def test_a_module_is_the_network_within_what_rounding_loses(name, file):
    evaluator, games = pin.load(file), positions(name, 10_000)
    module, worst = EvaluatorModule(evaluator), 0.0
    for first in range(0, len(games), 500):
        part = games[first : first + 500]
        said = evaluator.evaluate(part)
        wdl, policy = (found.numpy() for found in module.look(part))
        worst = max(worst, float(np.abs(said.value - (wdl[:, 0] - wdl[:, 2])).max()))
        for own, exact in zip(said.priors, policy, strict=True):
            assert not exact[len(own) :].any()
            assert (np.abs(own - exact[: len(own)]) < 0.01 + 0.1 * exact[: len(own)]).all()
    # The bounds are those that the crate `evaluator` states for a network and its rounded form.
    assert 0 < worst < 0.05


def test_weights_come_back_as_they_went(tmp_path):
    evaluator = pin.load("gardner-long-1")
    module = EvaluatorModule(evaluator)
    again = module.to_evaluator("a test")
    # The same weights. Cards of format 1 have another kind of hash, so that of the evaluator is not looked at.
    assert again.card["weights"] == again.card["lineage"]["parent"]
    with torch.no_grad():
        module.value_bias += 0.5
    other = module.to_evaluator()
    path = tmp_path / "other.safetensors"
    other.save(path)
    loaded = pin.load(path)
    assert loaded.card["weights"] == other.card["weights"] != again.card["weights"]
    assert loaded.card["lineage"]["parent"] == again.card["weights"]
    assert pin.search(pin.variant("gardner").game(), loaded, playouts=50).playouts == 50
    with torch.no_grad():
        module.value_bias += 100
    with pytest.raises(pin.WeightsError) as caught:
        module.to_evaluator()
    assert "value.bias" in str(caught.value)
    module.clamp_()
    module.to_evaluator()


def test_tensors_that_do_not_fit_are_refused():
    evaluator = pin.load("gardner-1")
    tensors = evaluator.tensors()
    for wrong in [
        {**tensors, "value.bias": np.zeros(4)},
        {**tensors, "value.bias": np.full(3, np.nan)},
        {**tensors, "other": np.zeros(3)},
        {name: values for name, values in tensors.items() if name != "value.bias"},
    ]:
        with pytest.raises(pin.WeightsError):
            evaluator.with_tensors(wrong)
    with pytest.raises(pin.WeightsError):
        pin.load("zero").tensors()


@pytest.mark.parametrize("name", ["crazyhouse", "duck", "grand", "shogi"])
def test_new_networks_for_any_variant(name):
    evaluator = pin.new_evaluator(pin.variant(name), hidden=32, hands=True, seed=3)
    games = positions(name, 40)
    said = evaluator.evaluate(games)
    wdl, policy = EvaluatorModule(evaluator).look(games)
    assert np.abs(said.wdl - wdl.numpy()).max() < 0.05
    for own, exact in zip(said.priors, policy.numpy(), strict=True):
        assert (np.abs(own - exact[: len(own)]) < 0.01 + 0.1 * exact[: len(own)]).all()


def shards(folder, count):
    """A run directory with positions of searched games, in the columns of a shard."""
    polars = pytest.importorskip("polars")
    rows = []
    for game in positions("gardner", count, seed=5):
        found = pin.search(game, "gardner-1", playouts=60)
        visits = dict(zip(found.moves, found.visits.tolist(), strict=True))
        rows.append({"variant": "gardner", "fen": game.fen, "target": True, "moves": list(visits), "visits": list(visits.values()),
                     "value": found.value, "outcome": (found.value > 0.2) - (found.value < -0.2)})
    (folder / "shards").mkdir(parents=True)
    polars.DataFrame(rows).write_parquet(folder / "shards" / "0001.parquet")


def test_the_example_trains_a_network_that_plays(tmp_path):
    shards(tmp_path / "run", 1500)
    words = [sys.executable, TRAIN, tmp_path / "run", tmp_path / "new.safetensors", "--hidden", "32", "--epochs", "6"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    losses = [float(word) for word in said if "." in word]
    assert len(losses) == 6 and losses[-1] < losses[0] - 0.2
    assert len(TRAIN.read_text().splitlines()) < 100
    learnt = pin.match(f"policy:{tmp_path / 'new.safetensors'}", "random", "gardner", rounds=30, progress=False)
    assert learnt.score > 0.6


def test_a_network_of_any_size_in_our_search():
    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Conv2d(119, 16, 3, padding=1)
            self.value, self.policy = torch.nn.Linear(400, 1), torch.nn.Linear(400, 625 + 650)

        def forward(self, planes):
            hidden = self.body(planes / 8).relu().flatten(1)
            return self.value(hidden).tanh().squeeze(1), self.policy(hidden)

    torch.manual_seed(1)
    network = judge(Network())
    game = pin.variant("gardner").game()
    found = [pin.search(game, network, playouts=400, batch=32) for _ in range(2)]
    assert found[0].visits.tolist() == found[1].visits.tolist() and found[0].playouts == 400


def test_an_onnx_file_says_what_the_module_says(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    module = EvaluatorModule(pin.load("gardner-1"))
    export_onnx(module, tmp_path / "gardner.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "gardner.onnx")
    for count in [1, 7]:
        features, moves = module.inputs(positions("gardner", count))
        with torch.no_grad():
            expected = module(features, moves)
        given = session.run(["wdl", "policy"], {"features": features.numpy(), "moves": moves.numpy()})
        for own, other in zip(expected, given, strict=True):
            assert np.allclose(own.numpy(), other, atol=1e-4)


def test_modules_are_copied_and_saved_with_their_evaluator(tmp_path):
    import copy

    module = EvaluatorModule(pin.load("gardner-1"))
    games = positions("gardner", 5)
    torch.save(module, tmp_path / "module.pt")
    for other in [copy.deepcopy(module), torch.load(tmp_path / "module.pt", weights_only=False)]:
        assert all(torch.equal(a, b) for a, b in zip(module.look(games), other.look(games)))
        assert other.to_evaluator().weights == module.to_evaluator().weights


def test_the_start_of_a_variant_that_is_not_built_in_must_be_given(tmp_path):
    module = EvaluatorModule(pin.load("gardner-hill-1"))
    with pytest.raises(pin.RuleError, match="give `variant`"):
        export_onnx(module, tmp_path / "hill.onnx")
    pytest.importorskip("onnxscript")
    export_onnx(module, tmp_path / "hill.onnx", pin.variant("gardner").edit(flagPiece="k", flagRegion="c3"))
    assert (tmp_path / "hill.onnx").stat().st_size > 0
