"""The command line that the package installs."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "interregnum"


@pytest.mark.parametrize("words", [[str(SCRIPT)], [sys.executable, "-m", "pyinterregnum"]])
def test_the_program_is_there(words, tmp_path):
    def run(*more):
        return subprocess.run([*words, *more], capture_output=True, text=True, cwd=tmp_path)

    said = run("--version")
    assert said.returncode == 0 and said.stdout.startswith("interregnum ")
    assert "gardner" in run("variants", "list").stdout
    said = run("search", "zero@playouts=10", "--variant", "no such game")
    assert said.returncode == 2 and "no such game" in said.stderr
    assert run("stress", "quick", "--list").returncode == 0


def test_a_signal_ends_the_program():
    words = [str(SCRIPT), "match", "zero@playouts=500", "zero@playouts=500", "--variant", "chess", "--rounds", "5000"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.communicate(timeout=10)
    assert process.returncode == 130 and time.monotonic() - began < 5
