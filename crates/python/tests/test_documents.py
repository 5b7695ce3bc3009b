"""Examples of the documentation run, and types are what the native module has."""

import doctest
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import pyinterregnum

PACKAGE = Path(pyinterregnum.__file__).parent
README = Path(__file__).parent.parent / "README.md"
NEEDS = {
    "pyinterregnum.envs.gymnasium": "gymnasium",
    "pyinterregnum.envs.pettingzoo": "pettingzoo",
    "pyinterregnum.envs.openspiel": "pyspiel",
    "pyinterregnum.torch": "torch",
    "pyinterregnum.tensorboard": "tensorboardX",
}


def test_the_readme():
    result = doctest.testfile(str(README), module_relative=False)
    assert result.failed == 0 and result.attempted > 30


@pytest.mark.parametrize("name", ["pyinterregnum", "pyinterregnum._play", *NEEDS])
def test_docstrings(name):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_everything_public_is_documented():
    for name in pyinterregnum.__all__:
        thing = getattr(pyinterregnum, name)
        assert name == "__version__" or thing.__doc__, name
        if isinstance(thing, type) and not issubclass(thing, Exception):
            for method in vars(thing):
                assert method.startswith("_") or getattr(thing, method).__doc__, f"{name}.{method}"


def test_types(tmp_path):
    pytest.importorskip("mypy")
    config = str(README.parent / "pyproject.toml")
    # A module whose library is not installed has no types to check by.
    paths = [path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
    names = [name for name in names if name not in NEEDS or importlib.util.find_spec(NEEDS[name])]
    assert len(names) > 8
    run = [sys.executable, "-m", "mypy", "--config-file", config, *(word for name in names for word in ["-m", name])]
    checked = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    words = ["pyinterregnum._native", "--ignore-missing-stub", "--ignore-disjoint-bases"]
    checked = subprocess.run([sys.executable, "-m", "mypy.stubtest", *words], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_importing_loads_no_other_library():
    code = "import sys, numpy; before = set(sys.modules); import pyinterregnum; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {name.split(".")[0] for name in loaded} & {"torch", "tqdm", "gymnasium", "pettingzoo", "pyspiel", "pandas"}
