"""The broken inputs of hostile.py: one method for each reader of the program, which mutates valid files. Not a command."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile_mutations import BINARY, CONTROLS, NUMBERS, WORDS, broken_toml, json_mutated, mutated
from program import ROOT

ALLOWED = (0, 2)


@dataclass
class Case:
    """One run of the program."""

    what: str  # what is wrong with the input, for the reader of a problem
    args: list[str]
    stdin: bytes = b""
    wrong: bool = False  # whether the input is certainly broken, so that it must not be accepted
    codes: tuple[int, ...] = ALLOWED  # exit codes that fit
    absent: list[Path] = field(default_factory=list)  # files that a refusal must not leave behind
    answers: int | None = None  # how many lines of JSON are expected on standard output
    ready: range | None = None  # how many lines `readyok` may be there
    unchanged: dict[Path, str] = field(default_factory=dict)  # paths that must stay the kind of file that they are
    limited: bool = True  # whether processor time is limited; not where an input that is valid after all is work to be done


class Inputs:
    """Makes the cases of every reader, from the valid files in `base` and in the repository.

    Every reader has a method of its name, which makes a case in a new folder.
    """

    def __init__(self, base: Path, torch: bool) -> None:
        self.base = base
        self.readers: dict[str, Callable[[random.Random, Path], Case]] = {
            "rules": self.rules, "fen": self.fen, "legal": self.legal, "uci": self.uci, "book": self.book, "weights": self.weights,
            "shards": self.shards, "suites": self.suites, "runs": self.runs, "summaries": self.summaries, "results": self.results,
            "tournaments": self.tournaments, "state": self.state, "files": self.files, "outputs": self.outputs, "words": self.words,
        }  # fmt: skip
        if torch:
            self.readers["configs"] = self.configs
        sections = re.split(r"(?m)^(?=\[)", (ROOT / "tests/perft/variants.ini").read_text())
        self.sections = [s for s in sections if s.startswith("[")]
        self.suite = (ROOT / "tests/data/small.toml").read_bytes()
        self.quick = (ROOT / "crates/interregnum/suites/quick.toml").read_bytes()
        self.model = (ROOT / "models/tiny-1.safetensors").read_bytes()
        self.variants: list[dict[str, Any]] = json.loads((base / "variants.json").read_text())["variants"]

    def write(self, folder: Path, name: str, data: bytes) -> str:
        path = folder / name
        path.write_bytes(data)
        return str(path)

    def rules(self, rng: random.Random, folder: Path) -> Case:
        text = "".join(rng.sample(self.sections, rng.choice([1, 1, 3]))).encode()
        wrong = rng.random() < 0.3
        if wrong:
            # The mistake stands at the end, so that no later line can replace it.
            key = rng.choice(["maxRnak = 8", "maxRank = 99", "maxRank = eight", "customPiece1 = \u00e9:W", "nonsense", "startFen = \x1b[31m"])
            what, data = f"{key!a} at the end", text.rstrip() + b"\n" + key.encode() + b"\n"
        else:
            what, data = mutated(rng, text)
        path = self.write(folder, "rules.ini", data)
        return Case(what, ["variants", "check", path], wrong=wrong)

    def position(self, rng: random.Random) -> tuple[str, str]:
        variant = rng.choice(self.variants)
        fen = variant["start_fen"].encode()
        return variant["name"], mutated(rng, fen)[1][:2000].decode(errors="replace")

    def fen(self, rng: random.Random, folder: Path) -> Case:
        questions = []
        for _ in range(60):
            variant, fen = self.position(rng)
            questions.append(json.dumps({"variant": variant, "fen": fen, "san": rng.random() < 0.5}))
        text = "\n".join(questions).encode() + b"\n"
        self.write(folder, "questions.jsonl", text)
        return Case("60 positions", ["legal", "--stdin"], text, codes=(0,), answers=60)

    def legal(self, rng: random.Random, folder: Path) -> Case:
        questions = []
        moves = ["e2e4", "e7e5", "g1f3", "b8c6", "f3g1", "c6b8"]
        for _ in range(60):
            question = {"variant": rng.choice(["chess", "gardner"]), "moves": moves[: rng.randrange(7)], "fen": None, "san": True}
            data = json_mutated(rng, json.dumps(question).encode())[1][:50_000]
            line = data.replace(b"\n", b" ").replace(b"\r", b" ")
            questions.append(line if line.strip(b" \t\x0c") else b"x")
        text = b"\n".join(questions) + b"\n"
        self.write(folder, "questions.jsonl", text)
        return Case("60 questions", ["legal", "--stdin"], text, codes=(0,), answers=60)

    def uci(self, rng: random.Random, folder: Path) -> Case:
        valid = [
            "uci", "isready", "ucinewgame", "position startpos", "position startpos moves e2e4 e7e5", "go nodes 20", "go depth 1", "stop",
            "setoption name UCI_Variant value gardner", "setoption name Hash value 1", "setoption name MultiPV value 3",
            f"setoption name EvalFile value {ROOT / 'models/gardner-1.safetensors'}", "setoption name VariantPath value /dev/zero",
            f"setoption name EvalFile value {folder}", "d", "eval", "go movetime 1", "go mate 1", "ponderhit", "debug on",
            "position fen rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1 moves b2b3", "go nodes 5 searchmoves e2e4", "go perft 1",
        ]  # fmt: skip
        commands: list[bytes] = []
        for _ in range(25):
            command = rng.choice(valid).encode()
            broken = rng.random() < 0.6
            line = mutated(rng, command)[1][:100_000].replace(b"\n", b" ") if broken else command
            # A mutation of `go` may be a search without a limit, which would only cost time.
            if line.startswith((b"go", b"quit", b"uci_")) and broken:
                line = b"x" + line
            commands.append(line)
            if rng.random() < 0.3:
                commands.append(b"isready")
        text = b"\n".join([*commands, b"stop", b"isready", b"quit", b""])
        self.write(folder, "commands.txt", text)
        # A line that a mutation has changed and that still contains `isready` may or may not be answered.
        ready = range(text.split(b"\n").count(b"isready"), sum(b"isready" in line for line in text.split(b"\n")) + 1)
        return Case("25 commands", ["uci"], text, codes=(0,), ready=ready, limited=False)

    def book(self, rng: random.Random, folder: Path) -> Case:
        pgn = rng.random() < 0.5
        if pgn:
            text = (
                '[Event "?"]\n[Site "?"]\n[White "a"]\n[Black "b"]\n[Result "1-0"]\n\n1. e4 {a comment} e5 2. Nf3 (2. f4 exf4 $1) 2... Nc6 '
                '3. Bb5 a6 ; the rest\n4. Ba4 Nf6 5. O-O 1-0\n\n[Event "two"]\n[FEN "4k3/P7/8/8/8/8/8/4K3 w - - 0 1"]\n[SetUp "1"]\n\n1. a8=Q+ *\n'
            )
        else:
            text = (
                "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1\nrnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - hmvc 0;\n"
                "e2e4 e7e5 g1f3\nd2d4 d7d5\n"
            )
        what, data = mutated(rng, text.encode())
        path = self.write(folder, "book.pgn" if pgn else "book.epd", data)
        args = ["match", "random", "random", "--variant", "chess", "--rounds", "1", "--maxmoves", "1", "--concurrency", "1", "--openings", path]
        return Case(what, args)

    def weights(self, rng: random.Random, folder: Path) -> Case:
        data = self.model
        length = struct.unpack("<Q", data[:8])[0]
        body = 8 + length
        kind = rng.randrange(7)
        wrong = True
        if kind == 0:
            data, what = data[: rng.randrange(len(data))], "truncated"
        elif kind == 1:
            at = rng.randrange(body, len(data))
            data, what = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :], "a flipped weight"
        elif kind == 2:
            data, what = data + b"\x00" * rng.choice([1, 8, 1000]), "bytes too many"
        elif kind == 3:
            claimed = rng.choice([0, length + 1, 2**20, 2**20 + 1, 2**32, 2**63, 2**64 - 1])
            data, what = struct.pack("<Q", claimed) + data[8:], "another length of the header"
        elif kind == 4:
            header = json.loads(data[8:body])
            name = rng.choice([key for key in header if key != "__metadata__"])
            what = f"tensor {name}"
            change = rng.choice(["dtype", "shape", "data_offsets", "name", "missing"])
            tensor = header[name]
            if change == "dtype":
                tensor["dtype"] = {"I8": "U8"}.get(tensor["dtype"], "I8")
            elif change in ("shape", "data_offsets"):
                tensor[change][rng.randrange(len(tensor[change]))] += rng.choice([1, 7, 2**40])
            elif change == "name":
                header["\x1b[31m" + name] = header.pop(name)
            else:
                del header[name]
            data = with_header(header, data[body:])
        elif kind == 5:
            header = json.loads(data[8:body])
            card = header["__metadata__"]["card"].encode()
            header["__metadata__"]["card"] = json_mutated(rng, card)[1][:200_000].decode(errors="replace")
            data, what, wrong = with_header(header, data[body:]), "the card", False
        else:
            what, data = mutated(rng, data[:body], BINARY)
            data, wrong = data + self.model[body:], False
        path = self.write(folder, "weights.safetensors", data)
        args = rng.choice([["model", "verify", path], ["model", "show", path], ["model", "show", path, "--json"]])
        return Case(what, args, wrong=wrong)

    def training_run(self, folder: Path) -> Path:
        run = folder / "run"
        (run / "checkpoints").mkdir(parents=True)
        (run / "shards").mkdir()
        for name in ["config.json", "events.jsonl", "clock.jsonl", "shards/0001.parquet"]:
            (run / name).write_bytes((ROOT / "tests/data/training" / name).read_bytes())
        return run

    def shards(self, rng: random.Random, folder: Path) -> Case:
        run = self.training_run(folder)
        path = run / "shards/0001.parquet"
        data = path.read_bytes()
        if rng.random() < 0.5:
            # The footer says what the rest of the file means, so it is where a reader can be misled.
            footer = 8 + struct.unpack("<I", data[-8:-4])[0]
            what, broken = mutated(rng, data[-footer:-8], BINARY)
            data = data[:-footer] + broken + struct.pack("<I", len(broken)) + b"PAR1"
        else:
            what, data = mutated(rng, data, BINARY)
        path.write_bytes(data)
        return Case(what, ["report", str(run)])

    def runs(self, rng: random.Random, folder: Path) -> Case:
        run = self.training_run(folder)
        name = rng.choice(["config.json", "events.jsonl", "clock.jsonl"])
        what, data = json_mutated(rng, (run / name).read_bytes().strip())
        (run / name).write_bytes(data + b"\n")
        return Case(f"{name}: {what}", ["report", str(run)])

    def suites(self, rng: random.Random, folder: Path) -> Case:
        text, out = rng.choice([self.suite, self.quick]), folder / "out"
        wrong = rng.random() < 0.35
        if wrong:
            what, data = "certainly wrong", broken_toml(rng, text)
        else:
            what, data = mutated(rng, text)
        path = self.write(folder, "suite.toml", data)
        # A suite that a mutation left sound would be played, which takes long: it is only listed.
        list_it = not wrong or rng.random() < 0.3
        models = ["--models", str(ROOT / "models")]
        args = ["stress", path, "--list", rng.choice(["--json", "--models=x"])] if list_it else ["stress", path, "--out", str(out), *models]
        return Case(what, args, wrong=wrong, absent=[out])

    def tournaments(self, rng: random.Random, folder: Path) -> Case:
        text = (
            b'name = "small"\nvariant = "gardner"\nformat = "round-robin"\nrounds = 1\nseed = 1\nmax_plies = 2\nanchor = "a"\nanchor_elo = 0.0\n'
            b'[openings]\nplies = 1\norder = "random"\n[[player]]\nname = "a"\nspec = "random"\n[[player]]\nname = "b"\nspec = "random"\n'
        )
        out = folder / "out"
        wrong = rng.random() < 0.35
        what, data = ("certainly wrong", broken_toml(rng, text)) if wrong else mutated(rng, text)
        path = self.write(folder, "tournament.toml", data)
        args = ["tournament", path, "--out", str(out), "--jobs", "1"]
        return Case(what, args, wrong=wrong, absent=[out], limited=False)

    def configs(self, rng: random.Random, folder: Path) -> Case:
        text, out = (ROOT / "crates/interregnum/configs/gardner-tiny.toml").read_bytes(), folder / "out"
        path = self.write(folder, "config.toml", broken_toml(rng, text))
        return Case("certainly wrong", ["train", path, "--out", str(out)], wrong=True, absent=[out])

    def copied(self, folder: Path, name: str) -> Path:
        target = folder / name
        target.mkdir()
        for path in (self.base / name).iterdir():
            if path.is_file():
                (target / path.name).write_bytes(path.read_bytes())
        return target

    def summaries(self, rng: random.Random, folder: Path) -> Case:
        run = self.copied(folder, "stress")
        name = rng.choice(["run.json", "extras.json", "results.parquet"])
        if name == "results.parquet":
            (run / "results.jsonl").unlink()
            what, data = mutated(rng, (run / name).read_bytes(), BINARY)
        else:
            what, data = json_mutated(rng, (run / name).read_bytes())
        (run / name).write_bytes(data)
        args = ["report", str(run)] + (["--markdown"] if rng.random() < 0.3 else [])
        return Case(f"{name}: {what}", args, codes=(0, 1, 2))

    def results(self, rng: random.Random, folder: Path) -> Case:
        run = self.copied(folder, "stress")
        name = rng.choice(["results.jsonl", "probes.jsonl"])
        rows = (run / name).read_bytes().splitlines()
        at = rng.randrange(len(rows))
        what, rows[at] = json_mutated(rng, rows[at])
        (run / name).write_bytes(b"\n".join(rows) + b"\n")
        suite = str(ROOT / "tests/data/small.toml")
        args = ["stress", suite, "--out", str(run), "--resume", "--jobs", "1", "--models", str(ROOT / "models")]
        # A damaged last row is played again. Another changed row may contradict an exact null, which ends with exit code 1.
        return Case(f"{name}: {what}", args, codes=(0, 1, 2), limited=False)

    def state(self, rng: random.Random, folder: Path) -> Case:
        if rng.random() < 0.5:
            run = self.copied(folder, "match")
            args = ["match", "random", "random", "--variant", "gardner", "--rounds", "3", "--maxmoves", "3", "--concurrency", "1"]
            args += ["--pgn", str(run / "games.pgn"), "--resume"]
            name = rng.choice(["games.pgn", "games.pgn.state.jsonl"])
        else:
            run = self.copied(folder, "tournament")
            args = ["tournament", str(self.base / "tournament.toml"), "--out", str(run), "--resume", "--jobs", "1"]
            name = rng.choice(["games.pgn", "results.jsonl", "config.json"])
        what, data = mutated(rng, (run / name).read_bytes())
        (run / name).write_bytes(data)
        return Case(f"{name}: {what}", args, limited=False)

    def special(self, rng: random.Random, folder: Path) -> tuple[str, Path]:
        """The kind and the path of something that is no regular file, or one that is much too large."""
        kind = rng.choice(["/dev/zero", "/dev/full", "/dev/tty", "fifo", "socket", "folder", "dangling", "circle", "missing", "too large"])
        path = folder / "special"
        if kind.startswith("/dev"):
            return kind, Path(kind)
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                here = os.open(folder, os.O_RDONLY)
                try:
                    # The path of a socket may have about a hundred characters at most, which the folder's may exceed.
                    listener.bind(f"/proc/self/fd/{here}/special")
                finally:
                    os.close(here)
        elif kind == "folder":
            path.mkdir()
        elif kind == "dangling":
            path.symlink_to("nowhere")
        elif kind == "circle":
            path.symlink_to("special")
        elif kind == "too large":
            with path.open("wb") as file:
                file.truncate(1 << 36)
        return kind, path

    def files(self, rng: random.Random, folder: Path) -> Case:
        kind, path = self.special(rng, folder)
        text, out = str(path), folder / "out"
        run = folder / "run"
        run.mkdir()
        (run / rng.choice(["run.json", "config.json"])).symlink_to(path)
        (run / "checkpoints").mkdir()
        training = self.training_run(folder / "t")
        name = rng.choice(["config.json", "events.jsonl", "clock.jsonl", "shards/0001.parquet"])
        (training / name).unlink()
        (training / name).symlink_to(path)
        game = ["--variant", "gardner", "--rounds", "1"]
        choices = [
            ["variants", "check", text],
            ["legal", "--variant", "chess", "--variant-path", text],
            ["match", "random", "random", *game, "--openings", text],
            ["match", f"model:{text}", "random", *game],
            ["match", f"policy:{text}", "random", *game],
            ["search", f"model:{text}", "--variant", "gardner"],
            ["model", "show", text],
            ["model", "verify", text],
            ["stress", text, "--out", str(out)],
            ["stress", text, "--list"],
            ["stress", "--replicate", text, "--out", str(out)],
            ["tournament", text, "--out", str(out)],
            ["report", str(run)],
            ["report", str(training)],
            ["report", text],
        ]
        args = rng.choice(choices)
        # A run whose log is missing has not begun to write it, which is no mistake.
        optional = args[-1] == str(training) and name in ("events.jsonl", "clock.jsonl") and kind in ("dangling", "missing", "circle")
        return Case(f"{kind} for {' '.join(args[:2])} {name}", args, wrong=not optional, absent=[out])

    def outputs(self, rng: random.Random, folder: Path) -> Case:
        kind, path = self.special(rng, folder)
        if kind in ("/dev/tty", "too large"):
            kind, path = "/dev/full", Path("/dev/full")
        text, suite = str(path), str(ROOT / "tests/data/small.toml")
        inner = rng.choice(["", "/inner"])
        choices = [
            ["stress", suite, "--out", text + inner, "--models", str(ROOT / "models"), "--jobs", "1"],
            ["tournament", str(self.base / "tournament.toml"), "--out", text + inner, "--jobs", "1"],
            ["openings", "--variant", "gardner", "--count", "3", "--out", text],
            ["search", "zero@playouts=20", "--variant", "gardner", "--dot", text],
            ["match", "random", "random", "--variant", "gardner", "--rounds", "1", "--maxmoves", "2", "--pgn", text],
        ]
        args = rng.choice(choices)
        made = args[0] in ("openings", "search", "match")
        sound = kind in ("dangling", "missing") or (kind == "folder" and not made) or kind == "/dev/zero" and made
        wrong = not sound or (kind == "dangling" and not made)
        unchanged = {path: kind} if kind in ("fifo", "socket", "/dev/zero", "/dev/full") else {}
        # Writing to a full device is a failure (1); a path at which nothing can be written is a bad input (2).
        codes = (1,) if kind == "/dev/full" and args[0] in ("openings", "search") else (0, 2)
        return Case(f"{kind}{inner} for {args[0]}", args, wrong=wrong, codes=codes, unchanged=unchanged, limited=False)

    def words(self, rng: random.Random, folder: Path) -> Case:
        """A bad word somewhere on the command line."""
        word = rng.choice([*CONTROLS, *WORDS, *NUMBERS, "x" * 100_000, "\udcff\udcfe", "--\x1b[31m", "e2e4\n"]).replace("\x00", "\x01")
        choices = [
            [word], ["legal", "--variant", word], ["legal", "--variant", "chess", "--fen", word], ["legal", "--variant", "chess", word],
            ["perft", "--variant", "chess", word], ["match", word, word, "--variant", "chess"], ["match", "zero", "random", "--variant", word],
            ["match", f"zero@playouts={word}", "random", "--variant", "chess"], ["match", "zero", "random", "--variant", "chess", "--sprt", word],
            ["match", "zero", "random", "--variant", "chess", "--resign", word], ["stress", word, "--out", "x"], ["model", "show", word],
            ["variants", "show", word], ["variants", "diff", "chess", word], ["openings", "--variant", word], ["tournament", word, "--out", "x"],
            ["search", word, "--variant", "chess"], ["bench", "--threads", word], ["--variant-path", word, "variants", "list"], ["report", word],
            ["match", f"uci:{word}@nodes=1", "random", "--variant", "chess", "--rounds", "1"], [f"--{word}"], ["uci", word],
        ]  # fmt: skip
        args = rng.choice(choices)
        return Case(f"{word[:20]!r} in {' '.join(args)[:40]!r}", args, codes=(0, 2), limited=False)


def with_header(header: dict[str, Any], body: bytes) -> bytes:
    """A file of weights: the length of its header, the header and the weights."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body
