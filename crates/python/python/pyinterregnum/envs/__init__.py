"""Environments: `VectorEnv` of this package, and adapters for PettingZoo, Gymnasium and OpenSpiel.

The adapters import their library when they are imported: `pip install pyinterregnum[envs]` installs all of them.
"""

from .._native import VectorEnv

__all__ = ["VectorEnv"]
