"""PyTorch: our networks as modules, and modules in our search.

>>> import pyinterregnum as pin
>>> from pyinterregnum.torch import EvaluatorModule
>>> module = EvaluatorModule(pin.load("gardner-1"))
>>> wdl, policy = module.look([pin.variant("gardner").game()])
>>> wdl.shape, policy.shape
(torch.Size([1, 3]), torch.Size([1, 7]))
"""

from collections.abc import Callable, Iterable
from os import PathLike

import numpy as np
from numpy.typing import NDArray

try:
    import torch
    from torch import Tensor, nn
except ImportError as error:
    raise ImportError("this needs torch: pip install 'pyinterregnum[torch]'") from error

from . import _native
from ._native import Batch, Evaluator, Game, RuleError, Variant


class EvaluatorModule(nn.Module):
    """The network of a weight file in floats.

    Parameters have the names and shapes of `Evaluator.tensors()`, with `_` for dots:

        h      = clamp(features_bias + sum of the active rows of features_weight, 0, 1)²
        wdl    = softmax(value_weight h + value_bias)
        policy = softmax over legal moves of (policy_weight h + policy_bias) of origin and target, plus those of promotion and wall
    """

    features_weight: nn.Parameter
    features_bias: nn.Parameter
    value_weight: nn.Parameter
    value_bias: nn.Parameter

    def __init__(self, evaluator: Evaluator) -> None:
        super().__init__()
        self.evaluator = evaluator
        self._limits = evaluator.limits()
        for name, values in evaluator.tensors().items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(torch.from_numpy(values)))

    def forward(self, features: Tensor, moves: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of win, draw and loss, float [n, 3], and of legal moves, float [n, m], -inf where there is none.

        `features` int [n, k] and `moves` int [n, m, 3] are what `Evaluator.inputs` gives.
        """
        seen = (features >= 0).unsqueeze(-1).to(self.features_weight.dtype)
        total = (self.features_weight[features.clamp(min=0)] * seen).sum(1) + self.features_bias
        hidden = total.clamp(0, 1) ** 2
        wdl = hidden @ self.value_weight.T + self.value_bias
        heads = ["policy", "promotion", "wall"]
        logits = torch.zeros(moves.shape[:2], dtype=wdl.dtype, device=wdl.device)
        for column, head in enumerate(heads):
            weight = getattr(self, f"{head}_weight", None)
            if weight is None:
                continue
            rows = moves[..., column]
            scores = (weight[rows.clamp(min=0)] * hidden.unsqueeze(1)).sum(-1) + getattr(self, f"{head}_bias")[rows.clamp(min=0)]
            logits = logits + torch.where(rows >= 0, scores, torch.zeros_like(scores))
        return wdl, logits.masked_fill(moves[..., 0] < 0, -torch.inf)

    def inputs(self, positions: Iterable[Game | str], variant: Variant | str | None = None) -> tuple[Tensor, Tensor]:
        """What `forward` takes, int64, on the device of the parameters."""
        features, moves = self.evaluator.inputs(positions, variant)
        device = self.features_bias.device
        return torch.from_numpy(features).long().to(device), torch.from_numpy(moves).long().to(device)

    def look(self, positions: Iterable[Game | str], variant: Variant | str | None = None) -> tuple[Tensor, Tensor]:
        """Probabilities of win, draw and loss, float [n, 3], and of legal moves, float [n, m], without gradients."""
        with torch.no_grad():
            wdl, logits = self(*self.inputs(positions, variant))
        return wdl.softmax(-1), logits.softmax(-1)

    @torch.no_grad()
    def clamp_(self) -> None:
        """Brings all weights within what whole numbers can hold: call it after each step of an optimiser."""
        for name, limit in self._limits.items():
            getattr(self, name.replace(".", "_")).clamp_(-limit, limit)

    def to_evaluator(self, command: str = "") -> Evaluator:
        """The network in whole numbers, as the engine plays it. `command` says in its card how it was made."""
        tensors = {name: getattr(self, name.replace(".", "_")).detach().cpu().numpy() for name in self._limits}
        return self.evaluator.with_tensors(tensors, command=command)


def judge(
    network: Callable[[Tensor], tuple[Tensor, Tensor]], device: str = "cpu"
) -> Callable[[Batch], tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """A network over planes as an evaluator of `search`.

    `network` takes planes, float32 [n, 119, ranks, files], and returns values [n] in [-1, 1] and logits [n, squares² + 26 * squares]: of origins and
    targets, then of letters and targets, which are added for promotions and drops.
    """

    def evaluate(batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        squares = batch.planes.shape[2] * batch.planes.shape[3]
        moves = torch.from_numpy(batch.moves).long().to(device)
        with torch.no_grad():
            values, logits = network(torch.from_numpy(batch.planes).to(device).float())
            scores = logits.gather(1, moves[..., 0].clamp(min=0))
            lettered = logits.gather(1, squares**2 + moves[..., 1].clamp(min=0))
            scores = scores + torch.where(moves[..., 1] >= 0, lettered, torch.zeros_like(lettered))
            priors = scores.masked_fill(moves[..., 0] < 0, -torch.inf).softmax(-1)
        return values.float().cpu().numpy(), priors.float().cpu().numpy()

    return evaluate


def export_onnx(module: EvaluatorModule, path: str | PathLike[str], variant: Variant | str | None = None) -> None:
    """Writes the module as an ONNX file: inputs `features` int64 [n, k] and `moves` int64 [n, m, 3], outputs `wdl` and `policy` (logits).

    The exporter is shown the start position of `variant`; if none is given, of the built-in variant of the card. The file does not depend on it.
    """
    inputs = module.inputs([module_start(module, variant)] * 2)
    sizes = torch.export.Dim.AUTO
    torch.onnx.export(
        module.eval(),
        inputs,
        path,
        input_names=["features", "moves"],
        output_names=["wdl", "policy"],
        dynamic_shapes=({0: sizes, 1: sizes}, {0: sizes, 1: sizes}),
        dynamo=True,
        external_data=False,
    )


def module_start(module: EvaluatorModule, variant: Variant | str | None = None) -> Game:
    """The start position of a variant, or of the one that a module's network was selected under, if that is built in."""
    if variant is None:
        card = module.evaluator.card
        assert card is not None
        variant = str(card["variant"])
        if variant not in _native.variants():
            raise RuleError(f"the network was selected under {variant}, which is not built in: give `variant`")
    return (_native.variant(variant) if isinstance(variant, str) else variant).game()
