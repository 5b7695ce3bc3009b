#!/usr/bin/env python3
"""Trains a network on the shards of a training run, and writes a weight file that the engine plays with.

    python train.py RUN_DIR OUT.safetensors [--hidden 64] [--epochs 2]

The loss is that of `interregnum train`: cross entropy of win, draw and loss with the game's worth, and of the policy with the visits.
"""

import argparse
from pathlib import Path

import polars
import torch

import pyinterregnum as pin
from pyinterregnum.torch import EvaluatorModule


def rows_of(run: Path) -> polars.DataFrame:
    """The positions of a run's shards that are learnt from."""
    shards = polars.read_parquet(run / "shards" / "*.parquet")
    return shards.filter(polars.col("target"))


def targets(rows: polars.DataFrame, variant: pin.Variant, most: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities of win, draw and loss, [n, 3], and of legal moves, [n, most], in their order."""
    worth = torch.tensor(rows["worth" if "worth" in rows.columns else "outcome"].to_list(), dtype=torch.float32)
    wdl = torch.stack([worth.clamp(min=0), 1 - worth.abs(), (-worth).clamp(min=0)], 1)
    policy = torch.zeros(len(rows), most)
    for row, (fen, moves, visits) in enumerate(rows.select("fen", "moves", "visits").iter_rows()):
        of = dict(zip(moves, visits, strict=True))
        legal = variant.game(fen).legal_moves
        policy[row, : len(legal)] = torch.tensor([float(of[move]) for move in legal])
    return wdl, policy / policy.sum(1, keepdim=True)


def train(rows: polars.DataFrame, start: pin.Evaluator, epochs: int, batch: int = 256, rate: float = 2e-3) -> EvaluatorModule:
    """Takes gradient steps through all rows, shuffled."""
    variant = pin.variant(rows["variant"][0])
    module, generator = EvaluatorModule(start), torch.Generator().manual_seed(1)
    optimiser = torch.optim.Adam(module.parameters(), lr=rate)
    for epoch in range(epochs):
        losses = []
        for chosen in torch.randperm(len(rows), generator=generator).split(batch):
            part = rows[chosen.tolist()]
            features, moves = module.inputs(part["fen"].to_list(), variant)
            wdl, policy = targets(part, variant, moves.shape[1])
            outcome, logits = module(features, moves)
            of_moves = (policy * logits.log_softmax(-1).masked_fill(policy == 0, 0)).sum(-1)
            loss = -(wdl * outcome.log_softmax(-1)).sum(-1).mean() - of_moves.mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            module.clamp_()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}")
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    rows = rows_of(args.run)
    start = pin.new_evaluator(pin.variant(rows["variant"][0]), hidden=args.hidden, seed=1)
    train(rows, start, args.epochs).to_evaluator("examples/train.py").save(args.out)


if __name__ == "__main__":
    main()
