#!/usr/bin/env python3
"""Plays whole games against `interregnum uci` through python-chess's engine client, with pyffish as the referee.

    uci_session.py [--binary FILE] [--nodes 100] [--seed 1]

In chess and Gardner the engine plays against random movers and against itself, with limits of nodes and of time, and analyses
until `stop`. In chess it is then asked for several lines, chosen moves, mates and pondering; it plays from shuffled start positions
and where a draw can be claimed, and analyses move after move. At last it is set up with lichess-bot's default options, and with a
variant of a rule file, which the option VariantPath loads. Every move and every line of analysis must be legal, every limit kept,
and the client must have nothing to complain about. The exit code is 1 otherwise.
"""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import chess
import chess.engine
import pyffish

import oracle
from program import add_binary, command_parser, require

# Longer than the n-move rule lets any of these games become.
MAX_PLIES = 1500
# Seconds by which a busy machine may exceed a time limit.
GRACE = 5.0

RULE_FILE = """
[hill-of-five:gardner]
flagPiece = k
flagRegion = c3
"""


class Client(logging.Handler):
    """Turns what the engine client logs (illegal lines, unexpected output) into failures."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []
        logging.getLogger("chess.engine").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.complaints.append(record.getMessage())

    def check(self) -> None:
        require(not self.complaints, "the client complains: " + "; ".join(self.complaints))


class RefereedBoard(chess.Board):
    """A game of a variant that python-chess need not know: pyffish has the rules. Holds what the engine client uses of a board."""

    def __init__(self, fen: str | None = None) -> None:
        self._root = fen or self.starting_fen
        self._fens = [self._root]
        self.move_stack: list[chess.Move] = []
        self.chess960 = False

    def fen(self, **_: object) -> str:
        return self._fens[-1]

    @property
    def turn(self) -> chess.Color:  # type: ignore[override]
        return self.fen().split()[1] == "w"

    def root(self) -> RefereedBoard:
        return type(self)(self._root)

    def copy(self, *, stack: bool | int = True) -> RefereedBoard:
        board = type(self)(self._root if stack else self.fen())
        if stack:
            board._fens, board.move_stack = self._fens.copy(), self.move_stack.copy()
        return board

    def push(self, move: chess.Move) -> None:
        self._fens.append(oracle.play(self.uci_variant or "", self.fen(), move.uci()))
        self.move_stack.append(move)

    def pop(self) -> chess.Move:
        self._fens.pop()
        return self.move_stack.pop()

    @property
    def legal_moves(self) -> Iterator[chess.Move]:  # type: ignore[override]
        return map(chess.Move.from_uci, oracle.legal_moves(self.uci_variant or "", self.fen()))

    def parse_uci(self, uci: str) -> chess.Move:
        move = chess.Move.from_uci(uci)
        if move not in self.legal_moves:
            raise chess.IllegalMoveError(f"illegal uci: {uci!r} in {self.fen()}")
        return move


def board_of(variant: str) -> type[chess.Board]:
    """The board class of a variant: python-chess's own for chess, otherwise one that asks pyffish."""
    if variant == "chess":
        return chess.Board
    return type(variant, (RefereedBoard,), {"uci_variant": variant, "starting_fen": pyffish.start_fen(variant)})


def outcome(board: chess.Board, variant: str) -> str | None:
    """The result of the game so far by pyffish; None if it goes on."""
    moves = [move.uci() for move in board.move_stack]
    fen = board.fen()
    ending = oracle.ended(variant, board.root().fen(), moves, fen, oracle.legal_moves(variant, fen))
    return ending.outcome if ending else None


def engine_move(engine: chess.engine.SimpleEngine, board: chess.Board, variant: str, limit: chess.engine.Limit, game: object) -> chess.Move:
    """The engine's move, checked by the referee."""
    began = time.monotonic()
    result = engine.play(board, limit, game=game, info=chess.engine.INFO_ALL)
    took = time.monotonic() - began
    require(result.move is not None, f"no move in {board.fen()}")
    assert result.move
    require(result.move.uci() in oracle.legal_moves(variant, board.fen()), f"illegal move {result.move} in {board.fen()}")
    if limit.time:
        require(took < limit.time + GRACE, f"{took:.2f} s were taken of {limit.time} s")
    if limit.nodes:
        require(result.info.get("nodes", 0) <= limit.nodes, f"{result.info.get('nodes')} nodes were taken of {limit.nodes}")
    return result.move


def play_game(
    engine: chess.engine.SimpleEngine, variant: str, limits: list[chess.engine.Limit | None], rng: random.Random, client: Client
) -> None:
    """Plays a whole game. `limits` are White's and Black's; a side without a limit moves at random."""
    board = board_of(variant)()
    game = object()
    result = None
    while result is None and len(board.move_stack) < MAX_PLIES:
        limit = limits[len(board.move_stack) % 2]
        move = engine_move(engine, board, variant, limit, game) if limit else rng.choice(sorted(board.legal_moves, key=str))
        board.push(move)
        result = outcome(board, variant)
    require(result is not None, f"a game of {variant} did not end in {MAX_PLIES} plies")
    client.check()
    sides = " against ".join("engine" if limit else "random" for limit in limits)
    print(f"{variant}: {sides}, {len(board.move_stack)} plies, {result}", flush=True)


def analyse(engine: chess.engine.SimpleEngine, variant: str, client: Client) -> None:
    """A limited analysis, then an endless one that is stopped."""
    board = board_of(variant)()
    for _ in range(3):
        board.push(sorted(board.legal_moves, key=str)[0])
    info = engine.analyse(board, chess.engine.Limit(nodes=300), game=variant)
    for key in ("score", "nodes", "pv", "depth", "time", "nps"):
        require(key in info, f"analysis says nothing of `{key}`")
    require(0 < info["nodes"] <= 300, f"analysis took {info['nodes']} nodes of 300")
    require(len(info["pv"]) > 0, "analysis gives an empty line")
    with engine.analysis(board, game=variant) as analysis:
        time.sleep(0.7)
        began = time.monotonic()
        analysis.stop()
        best = analysis.wait()
        require(time.monotonic() - began < GRACE, "`stop` was not obeyed at once")
        require(best.move is not None and best.move in board.legal_moves, "a stopped analysis gives no legal move")
        require(analysis.info.get("nodes", 0) > 0, "a stopped analysis gives no information")
    engine.ping()
    client.check()
    print(f"{variant}: analysis, stop", flush=True)


def options(engine: chess.engine.SimpleEngine, client: Client) -> None:
    """Asks for several lines, chances of win, draw and loss, chosen moves, mates, little memory and pondering."""
    board = chess.Board()
    infos = engine.analyse(board, chess.engine.Limit(nodes=500), multipv=3)
    require([info["multipv"] for info in infos] == [1, 2, 3], "three lines were asked for")
    engine.configure({"UCI_ShowWDL": True})
    info = engine.analyse(board, chess.engine.Limit(nodes=500))
    require(info["wdl"].white().total() == 1000, "chances of a win, a draw and a loss add up")
    engine.configure({"UCI_ShowWDL": False})
    require("wdl" not in engine.analyse(board, chess.engine.Limit(nodes=500)), "no chances are shown unasked")
    require(len({info["pv"][0] for info in infos}) == 3, "lines begin with different moves")
    chosen = [chess.Move.from_uci("a2a3"), chess.Move.from_uci("h2h4")]
    for _ in range(2):
        result = engine.play(board, chess.engine.Limit(nodes=200), root_moves=chosen)
        require(result.move in chosen, f"{result.move} was not among the moves to search")
    for fen, mate in (("4k3/8/4K3/8/8/8/8/7R w - - 0 1", 1), ("7k/8/6K1/8/8/8/8/R7 b - - 0 1", -1)):
        info = engine.analyse(chess.Board(fen), chess.engine.Limit(nodes=2000))
        require(info["score"].relative == chess.engine.Mate(mate), f"{info['score']} in {fen}, mate {mate} was expected")
    engine.configure({"Hash": 1})
    info = engine.analyse(chess.Board(), chess.engine.Limit(time=0.3))
    require(info["hashfull"] <= 1100, f"hashfull is {info['hashfull']}")
    engine.configure({"Hash": 64})
    ponder = engine.play(board, chess.engine.Limit(nodes=200), ponder=True)
    require(ponder.move is not None and ponder.ponder is not None, "no move to ponder on")
    board.push(ponder.move)
    board.push(ponder.ponder)
    hit = engine.play(board, chess.engine.Limit(white_clock=1.0, black_clock=1.0))
    require(hit.move in board.legal_moves, "no legal move after pondering")
    board.push(next(iter(board.legal_moves)))
    client.check()
    print("chess: several lines, chosen moves, mates, pondering, memory", flush=True)


def shuffled(engine: chess.engine.SimpleEngine, rng: random.Random, client: Client) -> None:
    """Plays chess960, in which python-chess sends Shredder-FENs and expects castling written as the king taking the rook."""
    castled = 0
    for number in rng.sample(range(960), 4):
        board = chess.Board.from_chess960_pos(number)
        game = object()
        while not board.is_game_over() and len(board.move_stack) < 60:
            castling = [move for move in board.legal_moves if board.is_castling(move)]
            result = engine.play(board, chess.engine.Limit(nodes=60), game=game, root_moves=castling or None)
            require(result.move in board.legal_moves, f"illegal move {result.move} in {board.fen()}")
            assert result.move
            castled += board.is_castling(result.move)
            board.push(result.move)
    require(castled > 0, "nobody castled")
    client.check()
    print(f"chess960: 4 games, castled {castled} times", flush=True)


def claims(engine: chess.engine.SimpleEngine, client: Client) -> None:
    """Demands a move where a draw can be claimed, and none where the game is over."""
    board = chess.Board()
    for uci in ["g1f3", "g8f6", "f3g1", "f6g8"] * 5:
        board.push_uci(uci)
    fifty = chess.Board("4k3/8/8/8/8/8/4P3/4K3 w - - 120 90")
    for claimed in (board, fifty, chess.Board("4k3/8/8/8/8/8/8/4K3 w - - 0 1")):
        result = engine.play(claimed, chess.engine.Limit(nodes=100), game="claims")
        require(result.move in claimed.legal_moves, f"no move in {claimed.fen()}")
    for over in ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", "R5k1/5ppp/8/8/8/8/8/K7 b - - 0 1"):
        result = engine.play(chess.Board(over), chess.engine.Limit(nodes=100), game="claims")
        require(result.move is None, f"{result.move} in {over}")
    client.check()
    print("chess: draws that can be claimed", flush=True)


def move_after_move(engine: chess.engine.SimpleEngine, client: Client) -> None:
    """Analyses without a limit, makes the best move, and analyses again; then with limits of depth and of a mate."""
    board = chess.Board()
    for _ in range(6):
        with engine.analysis(board, multipv=3, game="analysis") as analysis:
            for _ in analysis:
                if len(analysis.multipv) == 3 and all("pv" in info for info in analysis.multipv):
                    break
            firsts = {info["pv"][0] for info in analysis.multipv}
            require(len(firsts) == 3 and firsts <= set(board.legal_moves), f"lines {firsts} in {board.fen()}")
            analysis.stop()
            best = analysis.wait()
        require(best.move in board.legal_moves, f"{best.move} in {board.fen()}")
        assert best.move
        board.push(best.move)
    for depth in (1, 4):
        info = engine.analyse(board, chess.engine.Limit(depth=depth, time=60), game="analysis")
        require(info["depth"] >= depth and info["time"] < 60, f"depth {depth} was wanted, {info} came")
    info = engine.analyse(chess.Board("k7/8/2K5/8/8/8/8/1R6 w - - 0 1"), chess.engine.Limit(mate=2, time=60), game="mate")
    require(info["score"].relative == chess.engine.Mate(2), f"{info['score']} is no mate in 2")
    client.check()
    print("chess: analysis move after move, depth, mate", flush=True)


def lichess_bot(binary: Path, client: Client) -> None:
    """Plays with lichess-bot's default options; python-chess raises an error if the engine lacks one of them."""
    options = {"Move Overhead": 100, "Threads": 4, "Hash": 512, "SyzygyPath": "./syzygy/", "UCI_ShowWDL": True}
    with chess.engine.SimpleEngine.popen_uci([str(binary), "uci"], timeout=60) as engine:
        engine.configure(options)
        engine.send_opponent_information(opponent=chess.engine.Opponent("somebody", "BOT", 1500, True), engine_rating=1500)
        for board in (chess.Board(), chess.Board.from_chess960_pos(77)):
            for _ in range(4):
                limit = chess.engine.Limit(white_clock=3, black_clock=3, white_inc=0, black_inc=0)
                result = engine.play(board, limit, info=chess.engine.INFO_ALL, ponder=True, draw_offered=False, game=board.chess960)
                require(result.move in board.legal_moves, f"{result.move} in {board.fen()}")
                require(result.info["wdl"].white().total() == 1000, "chances of a win, a draw and a loss were wanted")
                assert result.move
                board.push(result.move)
                board.push(min(board.legal_moves, key=str))
        engine.ping()
    client.check()
    print("lichess-bot's default options", flush=True)


def rule_file(binary: Path) -> None:
    """Plays a variant of a rule file. Without python-chess, which sets no variant that the engine did not announce at first."""
    oracle.load_rules(RULE_FILE)
    (name,) = oracle.section_names(RULE_FILE)
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(RULE_FILE)
        file.flush()
        commands = ["uci", f"setoption name VariantPath value {file.name}", f"setoption name UCI_Variant value {name}"]
        commands += ["isready", "position startpos moves e2e3", "go nodes 100"]
        done = subprocess.run([binary, "uci"], input="\n".join(commands) + "\n", capture_output=True, text=True, timeout=60, check=True)
    best = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("bestmove")]
    require(len(best) == 1, f"one move was expected of a rule file's variant: {done.stdout}{done.stderr}")
    fen = oracle.play(name, pyffish.start_fen(name), "e2e3")
    require(best[0] in oracle.legal_moves(name, fen), f"illegal move {best[0]} in {fen} of {name}")
    print(f"{name}: from a rule file", flush=True)


def main() -> int:
    parser = command_parser(__doc__)
    add_binary(parser)
    parser.add_argument("--nodes", type=int, default=100, help="search per move [default: %(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="[default: %(default)s]")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    client = Client()
    nodes, clock = chess.engine.Limit(nodes=args.nodes), chess.engine.Limit(time=0.03)
    with chess.engine.SimpleEngine.popen_uci([str(args.binary), "uci"], timeout=60) as engine:
        for option in ("UCI_Variant", "VariantPath"):
            require(option in engine.options, f"the engine has no option {option}")
        require("name" in engine.id, "the engine does not say its name")
        for variant in ("chess", "gardner"):
            play_game(engine, variant, [nodes, None], rng, client)
            play_game(engine, variant, [None, clock], rng, client)
            play_game(engine, variant, [nodes, nodes], rng, client)
            analyse(engine, variant, client)
        # The return to the first variant must leave nothing of the second.
        play_game(engine, "chess", [nodes, nodes], rng, client)
        options(engine, client)
        shuffled(engine, rng, client)
        claims(engine, client)
        move_after_move(engine, client)
    lichess_bot(args.binary, client)
    rule_file(args.binary)
    print("uci session passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
