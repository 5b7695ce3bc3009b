#!/usr/bin/env python3
"""Reads the games that `interregnum match --pgn` wrote with other programs and plays them again, move by move.

    read_back.py GAMES.pgn [--variant-path FILE.ini]

python-chess reads the PGN and has the rules of chess; pyffish has the rules of all other variants. Every move must be legal, a
game must not go on after its end, and where the record says that the rules ended a game, its result must be the one that the
rules give. Rounds must be numbered from 1 without a gap, each of two games from one opening with colours swapped. Prints a
summary; the exit code is 1 if anything is wrong.

python-chess finds the moves of variants on boards of up to eight by eight, with drops of P, N, B, R and Q. It misreads drops of
other pieces and the `+` of shogi's promotions.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import chess
import chess.pgn
import pyffish

import oracle
from program import command_parser

# An end by counting moves without progress takes this many plies at least, in any variant.
SHORTEST_COUNT = 16


@dataclass
class Record:
    """A game as it stands in the file."""

    headers: dict[str, str] = field(default_factory=dict)
    moves: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def fen(self) -> str:
        return self.headers.get("FEN", chess.STARTING_FEN)

    @property
    def book(self) -> list[str]:
        """The moves of the opening book."""
        return [move for move, comment in zip(self.moves, self.comments, strict=False) if comment == "book"]


class Recorder(chess.pgn.BaseVisitor[Record]):
    """Collects headers, moves and comments as text: python-chess may not know the variant, so it must not play the moves."""

    def begin_game(self) -> None:
        self.record = Record()

    def begin_headers(self) -> chess.pgn.Headers:
        # Without headers here, python-chess sets up no board of the variant.
        return chess.pgn.Headers({})

    def visit_header(self, name: str, value: str) -> None:
        self.record.headers[name] = value

    def begin_parse_san(self, board: chess.Board, san: str) -> chess.pgn.SkipType:
        self.record.moves.append(san)
        return chess.pgn.SKIP

    def visit_comment(self, comment: str | list[str]) -> None:
        self.record.comments.append(str(comment))

    def handle_error(self, error: Exception) -> None:
        raise error

    def result(self) -> Record:
        return self.record


@dataclass(frozen=True)
class Replay:
    """What came of playing a game again."""

    problem: str | None = None
    result: str | None = None  # by the rules; None if they have not ended the game


def play_again(record: Record) -> Replay:
    """Plays a game again by the rules of its variant."""
    variant = record.headers.get("Variant", "chess")
    return by_python_chess(record) if variant == "chess" else by_pyffish(variant, record)


def by_pyffish(variant: str, record: Record) -> Replay:
    # A call of pyffish takes milliseconds for every move that it is given, so it is given as few as possible: the one move from
    # the position before it, and for the end of the game those since the last position that cannot occur again.
    start = now = record.fen
    since: list[str] = []
    seen = {position_of(now)}
    repeated = False
    for ply, move in enumerate(record.moves):
        try:
            # Fails for any move if the game is over, as there are no legal moves then.
            following = pyffish.get_fen(variant, now, [move])
        except (SystemError, ValueError):
            return Replay(f"ply {ply + 1}: {move} is illegal in {now}")
        # A game with a legal move can only be over by a repetition or a count.
        if ply and (repeated or counter_of(now) >= SHORTEST_COUNT) and pyffish.is_optional_game_end(variant, start, since)[0]:
            return Replay(f"ply {ply + 1}: the game was over before {move}")
        now = following
        since.append(move)
        if counter_of(now) == 0:
            start, since, seen = now, [], set()
        repeated = position_of(now) in seen
        seen.add(position_of(now))
    legal = pyffish.legal_moves(variant, start, since)
    ending = oracle.ended(variant, start, since, now, legal)
    if ending:
        return Replay(result=ending.outcome)
    return Replay(result="1/2-1/2" if all(pyffish.has_insufficient_material(variant, now, [])) else None)


def counter_of(fen: str) -> int:
    """Plies since the last capture or pawn move."""
    return int(fen.split()[-2])


def position_of(fen: str) -> str:
    """A FEN without its two counters."""
    return fen.rsplit(maxsplit=2)[0]


def by_python_chess(record: Record) -> Replay:
    board = chess.Board(record.fen)
    for ply, move in enumerate(record.moves):
        if drawn(board):
            return Replay(f"ply {ply + 1}: the game was over before {move}")
        try:
            board.push_uci(move)
        except ValueError as error:
            return Replay(f"ply {ply + 1}: {error}")
    if board.is_checkmate():
        return Replay(result=board.result())
    return Replay(result="1/2-1/2" if board.is_stalemate() or drawn(board) else None)


def drawn(board: chess.Board) -> bool:
    """Whether the game has ended in a draw although there are moves: the program takes such a draw at once."""
    return board.is_repetition(3) or board.is_fifty_moves() or board.is_insufficient_material()


def problems_of_game(record: Record) -> list[str]:
    """What is wrong with a game by itself."""
    place = f"game {record.headers['Round']}"
    problems = []
    if int(record.headers["PlyCount"]) != len(record.moves):
        problems.append(f"{place}: {len(record.moves)} moves, but PlyCount {record.headers['PlyCount']}")
    replay = play_again(record)
    by_rules = record.headers["Termination"] == "normal"
    if replay.problem:
        problems.append(f"{place}: {replay.problem}")
    elif by_rules and replay.result != record.headers["Result"]:
        problems.append(f"{place}: the result is {record.headers['Result']}, the rules say {replay.result}")
    elif not by_rules and replay.result is not None:
        problems.append(f"{place}: the rules had ended the game: {replay.result}")
    return problems


def problems_of_rounds(rounds: dict[int, list[Record]]) -> list[str]:
    """What is wrong with the numbers of the rounds, and with the games of each as a pair."""
    problems = []
    if sorted(rounds) != list(range(1, len(rounds) + 1)):
        problems.append("rounds are missing")
    for number, games in rounds.items():
        halves = [int(game.headers["Round"].split(".")[1]) for game in games]
        if halves != [1, 2]:
            problems.append(f"round {number}: games {halves}")
            continue
        first, second = games
        swapped = first.headers["White"] == second.headers["Black"] and first.headers["Black"] == second.headers["White"]
        if not swapped or first.fen != second.fen or first.book != second.book:
            problems.append(f"round {number}: not one opening with colours swapped")
    return problems


def read(path: Path) -> list[Record]:
    """All games of a file."""
    games: list[Record] = []
    with path.open() as file:
        while (record := chess.pgn.read_game(file, Visitor=Recorder)) is not None:
            games.append(record)
    return games


def main() -> int:
    parser = command_parser(__doc__)
    parser.add_argument("pgn", type=Path)
    parser.add_argument("--variant-path", type=Path, metavar="FILE.ini", help="a rule file for the variants of the games")
    args = parser.parse_args()
    if args.variant_path:
        oracle.load_rules(args.variant_path.read_text())
    games = read(args.pgn)
    rounds: dict[int, list[Record]] = {}
    for record in games:
        rounds.setdefault(int(record.headers["Round"].split(".")[0]), []).append(record)
    problems = [problem for record in games for problem in problems_of_game(record)] + problems_of_rounds(rounds)
    results, terminations = (Counter(record.headers[name] for record in games) for name in ("Result", "Termination"))
    plies = sum(len(record.moves) for record in games)
    print(f"{len(games)} games, {len(rounds)} rounds, {plies} moves; {dict(results)}; {dict(terminations)}")
    for problem in problems[:20]:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems or not rounds else 0


if __name__ == "__main__":
    sys.exit(main())
