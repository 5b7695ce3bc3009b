"""Matches, stress runs, and their tables."""

import json
import subprocess
import sys

import pytest

import pyinterregnum as pin
from helpers import SUITE, interrupted

@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    (folder / "small.toml").write_text(SUITE)
    return pin.stress(folder / "small.toml", folder / "run", progress=False)


def test_a_match_is_that_of_the_command_line():
    a, b = "model:gardner-1@playouts=30", "zero@playouts=60"
    result = pin.match(a, b, "gardner", rounds=6, seed=3, jobs=2, progress=False)
    words = [sys.executable, "-m", "pyinterregnum", "match", a, b, "--variant", "gardner", "--rounds", "6", "--seed", "3", "--json"]
    there = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
    assert {key: there[key] for key in result.summary} == result.summary
    assert result.score == there["score"] and len(result.games()) == 12
    games = result.games().to_dict()
    assert sum(games["worth"]) / 24 + 0.5 == pytest.approx(result.score)
    assert games["round"] == [n // 2 for n in range(12)] and games["a_is_white"] == [True, False] * 6
    replayed = pin.variant("gardner").game(moves=games["moves"][0].split())
    assert replayed.ply == games["plies"][0] and (replayed.outcome or "1/2-1/2") == games["result"][0]


def test_openings_edits_and_large_boards():
    hill = pin.variant("gardner").edit(flagPiece="k", flagRegion="c3", name="hill")
    result = pin.match("zero@playouts=40,search_rules=gardner", "zero@playouts=40,search_rules=hill", hill,
                       rounds=2, openings=["b2b3 a4b3", "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1; a2a3"], progress=False)
    assert result.games()["opening"] == ["b2b3 a4b3"] * 2 + ["a2a3"] * 2
    assert len(pin.match("random", "random", "grand", rounds=1, max_plies=40, progress=False).games()) == 2
    for wrong in [("nobody", "random"), ("model:no such file", "random"), ("random", "zero@dreams=4")]:
        with pytest.raises(pin.PlayerError):
            pin.match(*wrong, "gardner", rounds=1, progress=False)
    with pytest.raises(pin.PlayerError):
        pin.match("random", "random", "gardner", rounds=1, openings=["e2e4"], progress=False)


def test_matches_and_runs_stop_at_an_interrupt_and_go_on(tmp_path):
    interrupted(lambda: pin.match("zero@playouts=2000", "zero@playouts=2000", "chess", rounds=1000, progress=False))
    assert len(pin.match("random", "random", "gardner", rounds=1, progress=False).games()) == 2
    path = tmp_path / "long.toml"
    path.write_text(SUITE.replace("pairs = 3", "pairs = 40").replace("playouts = [8]", "playouts = [200]"))
    interrupted(lambda: pin.stress(path, tmp_path / "run", progress=False))
    with pytest.raises(pin.RunError):
        pin.stress(path, tmp_path / "run", progress=False)
    assert not pin.read_run(tmp_path / "run").finished


def test_progress_is_told_and_shown(capsys):
    told = []
    variant = pin.variant("gardner")
    pin._native.play_match("random", "random", variant, 3, 4, None, 1, 1, 512, lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
    pin.match("random", "random", "gardner", rounds=3)
    assert "rounds" in capsys.readouterr().err

    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pin._native.play_match("zero", "zero", variant, 20, 4, None, 1, 1, 512, fail)


def test_a_run_is_that_of_the_command_line(run, tmp_path):
    (tmp_path / "small.toml").write_text(SUITE)
    words = ["stress", "small.toml", "--out", "again", "--jobs", "1"]
    subprocess.run([sys.executable, "-m", "pyinterregnum", *words], check=True, cwd=tmp_path, capture_output=True)
    again = pin.read_run(tmp_path / "again")
    assert again.finished and again.rows().to_dict() == run.rows().to_dict()
    assert str(again) == str(run) and "hill" in str(run)


def test_rows_and_verdicts(run):
    rows, shifts = run.rows(), run.shifts()
    assert run.finished and len(rows) == 12 and set(rows["shift"]) == {"none", "hill"}
    assert all(0 <= score <= 1 for score in rows["score"])
    assert dict(zip(shifts["shift"], shifts["expected"], strict=True)) == {"hill": "costs"} | dict(zip(shifts["shift"], shifts["expected"]))
    assert run.summary["run"]["suite"] == "small" and len(run.verdicts()) == len(run.summary["findings"])
    cells = run.cells().to_dict()
    for shift, score in zip(cells["shift"], cells["score"], strict=True):
        own = [s for s, of in zip(rows["score"], rows["shift"], strict=True) if of == shift]
        assert score == pytest.approx(sum(own) / len(own))
    page = run.show(height=500)._repr_html_()
    assert page.startswith("<iframe srcdoc=") and "500px" in page and "&lt;html" in page
    with pytest.raises(KeyError):
        rows["dreams"]


def test_tables_are_read_through_arrow(run):
    table = table_of_ours = run.rows()
    pyarrow = pytest.importorskip("pyarrow")
    read = pyarrow.table(table)
    assert read.to_pydict() == table.to_dict() and read.schema.field("playouts").type == pyarrow.int64()
    pandas, polars, duckdb = (pytest.importorskip(name) for name in ["pandas", "polars", "duckdb"])
    assert polars.DataFrame(table)["score"].to_list() == table["score"]
    frame = pandas.DataFrame.from_arrow(table) if hasattr(pandas.DataFrame, "from_arrow") else read.to_pandas()
    assert frame.score.tolist() == table["score"] and frame.shape == (12, 35)
    assert duckdb.sql("select count(*) from table_of_ours where shift = 'hill'").fetchall() == [(6,)]
    del table, table_of_ours, run
    assert read.num_rows == 12


def test_errors_of_suites_and_runs_carry_file_line_and_key(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(SUITE.replace("pairs = 3", "pears = 3"))
    with pytest.raises(pin.SuiteError) as caught:
        pin.stress(path, tmp_path / "run", progress=False)
    error = caught.value
    assert error.file.endswith("wrong.toml") and error.line == 15 and "pears" in str(error)
    path.write_text(SUITE.replace('flagPiece = "k"', 'flagPiece = "z"'))
    with pytest.raises(pin.Error) as caught:
        pin.stress(path, tmp_path / "run", progress=False)
    assert caught.value.key == "flagPiece"
    with pytest.raises(pin.SuiteError) as caught:
        pin.stress("no such suite", tmp_path / "run", progress=False)
    assert caught.value.file == "no such suite"
    with pytest.raises(pin.RunError):
        pin.read_run(tmp_path)
