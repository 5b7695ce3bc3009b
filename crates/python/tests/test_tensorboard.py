"""Event files."""

import json

import pytest

pytest.importorskip("tensorboardX")

from pyinterregnum.tensorboard import Follower  # noqa: E402


def scalars(folder):
    """All scalars of the event files in a folder: tag, step, value."""
    from tensorboardX.event_file_writer import EventsWriter  # noqa: F401
    from tensorboardX.proto import event_pb2

    found = []
    for path in folder.iterdir():
        data = path.read_bytes()
        while data:
            length = int.from_bytes(data[:8], "little")
            event = event_pb2.Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
    return found


def test_a_training_run_is_followed_live(tmp_path):
    run, logs = tmp_path / "run", tmp_path / "logs"
    run.mkdir()
    follower = Follower(run, logs)
    assert follower.poll() == 0
    event = {"generation": 1, "accepted": True, "trials": [{"value_loss": 0.75, "gate": [0, 1]}], "champion": "c5", "next": [{"id": 3}]}
    (run / "events.jsonl").write_text(json.dumps(event) + "\n")
    assert follower.poll() == 1 and follower.poll() == 0
    with (run / "events.jsonl").open("a") as file:
        file.write('{"generation": 2, "trials": [{"value_loss": 0.5}]}\n{"generation": 3, "tri')
        file.flush()
        assert follower.poll() == 1
        file.write('als": []}\n')
    (run / "clock.jsonl").write_text('{"generation": 1, "cpu_seconds": 21.5}\n')
    assert follower.poll() == 2
    follower.close()
    found = scalars(logs)
    assert ("trials/0/value_loss", 1, 0.75) in found and ("trials/0/value_loss", 2, 0.5) in found
    assert ("accepted", 1, 1.0) in found and ("clock/cpu_seconds", 1, 21.5) in found
    assert not any(tag.startswith("next") for tag, *_ in found)


def test_a_stress_run_shows_the_score_of_each_cell(tmp_path):
    run, logs = tmp_path / "run", tmp_path / "logs"
    run.mkdir()
    rows = [{"experiment": "e", "shift": "s", "agent": "a", "opponent": "b", "score": score} for score in [1.0, 0.5, 0.0]]
    (run / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    follower = Follower(run, logs)
    assert follower.poll() == 3
    follower.close()
    assert scalars(logs) == [("e/s/a-b", 1, 1.0), ("e/s/a-b", 2, 0.75), ("e/s/a-b", 3, 0.5)]
    with pytest.raises(NotADirectoryError):
        Follower(tmp_path / "nowhere", logs)


def test_logs_that_were_cut_and_lines_that_are_damaged(tmp_path):
    run, logs = tmp_path / "run", tmp_path / "logs"
    run.mkdir()
    follower = Follower(run, logs)
    line = '{"generation": %d, "loss": %d}\n'
    (run / "events.jsonl").write_text("".join(line % (n, n) for n in range(5)))
    row = json.dumps({"experiment": "e", "shift": "s", "agent": "a", "opponent": "b", "score": 1.0}) + "\n"
    (run / "results.jsonl").write_text(row * 3)
    assert follower.poll() == 8
    (run / "events.jsonl").write_text(line % (0, 0))
    (run / "results.jsonl").write_text(row.replace("1.0", "0.0"))
    assert follower.poll() == 2
    with (run / "events.jsonl").open("a") as file, pytest.warns(UserWarning, match="left out"):
        file.write('damaged\n[1]\n{"loss": 3}\n{"generation": "x"}\n' + line % (7, 7))
        file.flush()
        assert follower.poll() == 1
    follower.close()
    found = scalars(logs)
    assert ("loss", 7, 7.0) in found and found.count(("loss", 0, 0.0)) == 2 and ("e/s/a-b", 1, 0.0) in found
