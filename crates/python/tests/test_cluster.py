"""Runs on a Ray cluster hold the bytes of runs on one machine, whatever is lost on the way."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import pyinterregnum as pin
from helpers import SUITE
from pyinterregnum import _native, cluster

# Without this a cluster listens on all networks. Ray reads it when it is imported.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402

# A program that was built with libtorch, for runs of training.
TRAINER = os.environ.get("INTERREGNUM_TRAINER")
# More cells than that of other tests.
MANY_CELLS = SUITE.replace("{1..2}", "{1..3}").replace('matches = [', 'matches = [["frozen", "zero"], ').replace("playouts = [8]", "playouts = [20]")


@pytest.fixture(scope="module")
def nodes():
    """A head without processors and two nodes with one each, all on the loopback."""
    arguments = {"node_ip_address": "127.0.0.1", "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **arguments})
    made.add_node(num_cpus=1, node_ip_address="127.0.0.1")
    made.add_node(num_cpus=1, node_ip_address="127.0.0.1")
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def alone(*words, cwd):
    """A command without a cluster."""
    run = [sys.executable, "-m", "pyinterregnum", *words]
    return subprocess.run(run, check=True, capture_output=True, text=True, cwd=cwd).stdout


def files(folder):
    """The files of a run, but those that say when and who."""
    folder = Path(folder)
    found = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {str(name): data for name, data in found.items() if name.name not in {"clock.jsonl", "run.lock"}}


def games(path):
    """A PGN file without its dates."""
    return [line for line in Path(path).read_text().splitlines() if not line.startswith(("[Date", "[UTC"))]


MATCH = ["match", "model:gardner-1@playouts=40", "model:gardner-2@playouts=40", "--variant", "gardner"]


@pytest.mark.parametrize("sprt", [[], ["--sprt", "elo0=0", "elo1=60"]])
@pytest.mark.parametrize("stored", [False, True])
def test_a_match(nodes, tmp_path, monkeypatch, sprt, stored):
    monkeypatch.chdir(tmp_path)
    words = [*MATCH, "--rounds", "80", *sprt]
    alone(*words, "--pgn", "alone.pgn", cwd=tmp_path)
    counts = cluster.Counts()
    shared = [*words, "--shared-in", "m", "--pgn", "shared.pgn"]
    storage = str(tmp_path / "storage") if stored else None
    if storage:
        os.mkdir(storage)
    assert cluster.drive(shared, progress=False, counts=counts, unit_seconds=0.1, storage=storage) == 0
    assert games("shared.pgn") == games("alone.pgn") and counts.done > 3
    assert not (tmp_path / "m" / "work").exists()


def test_a_stress_run(nodes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("suite.toml").write_text(MANY_CELLS)
    alone("stress", "suite.toml", "--out", "alone", cwd=tmp_path)
    counts = cluster.Counts()
    assert cluster.drive(["stress", "suite.toml", "--out", "shared"], progress=False, counts=counts) == 0
    assert files("shared") == files("alone") and counts.done == 12


def test_workers_and_nodes_are_lost_and_results_damaged(nodes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["match", "model:gardner-1@playouts=400", "zero@playouts=400", "--variant", "gardner", "--rounds", "60"]
    alone(*words, "--pgn", "alone.pgn", cwd=tmp_path)
    counts, rng, real = cluster.Counts(), random.Random(1), _native.put_result
    damaged = []

    def put(run, unit, sealed):
        """The network damages the first results, and brings one of another program."""
        if len(damaged) < 2:
            damaged.append(unit)
            sealed = sealed[:-3] if len(damaged) == 1 else sealed.replace(json.loads(unit)["signature"].encode(), b"another build", 1)
        real(run, unit, sealed)

    monkeypatch.setattr(cluster._native, "put_result", put)
    stop = threading.Event()

    def kill():
        """Kills workers at random, then a whole node."""
        for _ in range(4):
            if stop.wait(0.7):
                return
            found = subprocess.run(["pgrep", "-f", "ray::_work"], capture_output=True, text=True).stdout.split()
            if found:
                os.kill(int(rng.choice(found)), signal.SIGKILL)
        nodes.remove_node(third, allow_graceful=False)

    third = nodes.add_node(num_cpus=1, node_ip_address="127.0.0.1")
    nodes.wait_for_nodes()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        shared = [*words, "--shared-in", "m", "--pgn", "shared.pgn"]
        assert cluster.drive(shared, progress=False, counts=counts, unit_seconds=0.3) == 0
    finally:
        stop.set()
        killer.join()
    assert games("shared.pgn") == games("alone.pgn")
    said = capsys.readouterr().err
    assert counts.damaged == 2 and "damaged or cut short" in said and "signature another build" in said
    assert counts.lost >= 1 and "is done again" in said


def test_a_driver_that_is_killed_leaves_a_run_that_goes_on(nodes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("suite.toml").write_text(MANY_CELLS.replace("pairs = 3", "pairs = 30"))
    alone("stress", "suite.toml", "--out", "alone", cwd=tmp_path)
    run = [sys.executable, "-m", "pyinterregnum.cluster", "--address", nodes.address, "stress", "suite.toml", "--out", "shared"]
    for kill in (signal.SIGKILL, signal.SIGTERM):
        more = ["--resume"] if Path("shared/run.json").exists() else []
        driver = subprocess.Popen([*run, *more], start_new_session=True, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        seen = len(list(Path("shared/work/done").glob("*"))) if Path("shared/work/done").exists() else 0
        while driver.poll() is None and time.monotonic() < until:
            if Path("shared/work/done").exists() and len(list(Path("shared/work/done").glob("*"))) > seen:
                break
            time.sleep(0.05)
        # The owner goes with its driver, as where a machine is switched off.
        os.killpg(driver.pid, kill)
        driver.wait()
    # Without a cluster it goes on as well as with one: what was done is taken in.
    alone("stress", "suite.toml", "--out", "shared", "--resume", cwd=tmp_path)
    assert files("shared") == files("alone")


def test_a_unit_that_fails_by_itself_ends_the_run(nodes, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    real = _native.pending_units

    def pending(run):
        job, units = real(run)
        return job.replace(b'"max_plies":512', b'"max_plies":513'), units

    monkeypatch.setattr(cluster._native, "pending_units", pending)
    with pytest.raises(cluster.UnitFailed, match="do not belong together"):
        cluster.drive([*MATCH, "--rounds", "6", "--shared-in", "m"], progress=False)
    assert "failed" in capsys.readouterr().err


def test_what_is_handed_to_workers_is_checked():
    with pytest.raises(pin.RunError, match="unit"):
        _native.do_unit(b"{}", "nonsense", {}, 1)
    with pytest.raises(pin.RunError, match="job"):
        _native.do_unit(b"nonsense", '{"id":"","signature":"","job":"","kind":"","inputs":{},"files":[]}', {}, 1)
    with pytest.raises(pin.RunError, match="signature"):
        _native.do_unit(b"{}", '{"id":"","signature":"x","job":"","kind":"","inputs":{},"files":[]}', {}, 1)
    assert cluster.run_directory(["--out=x"]) == Path("x")
    with pytest.raises(SystemExit):
        cluster.run_directory(["--rounds", "3"])


@pytest.mark.skipif(not TRAINER, reason="needs a program with libtorch: INTERREGNUM_TRAINER names it")
def test_a_training_run(nodes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["train", "gardner-fast", "--set", "generations=3", "--seed", "5"]
    subprocess.run([TRAINER, *words, "--out", "alone"], check=True)
    counts = cluster.Counts()
    shared = [*words, "--out", "shared"]
    assert cluster.drive(shared, program=[TRAINER], progress=False, counts=counts, unit_seconds=0.3) == 0
    assert files("shared") == files("alone") and counts.done > 20
