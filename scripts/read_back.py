#!/usr/bin/env python3
"""Reads the games of a match back with other programs, move by move: scripts/read_back.py GAMES.pgn [--variant-path FILE.ini]

python-chess reads the PGN; chess it also plays and ends. Other variants are played by pyffish. For every game: all moves are
legal, the result is the one that the rules give where the record says that they gave it, and the numbers of rounds are 1 to N
with two games each, colours swapped, from one opening. Prints a summary; exit code 1 if anything is wrong.
"""

import argparse
import collections
import sys

import chess
import chess.pgn
import pyffish


class Tokens(chess.pgn.BaseVisitor):
    """The moves as they stand in the record: it is not python-chess that knows the variant."""

    def begin_game(self):
        self.headers, self.moves, self.comments = {}, [], []

    def begin_headers(self):
        # Kept empty, so that the reader sets up no board of a variant that it may not know.
        return chess.pgn.Headers({})

    def visit_header(self, name, value):
        self.headers[name] = value

    def begin_parse_san(self, board, san):
        self.moves.append(san)
        return chess.pgn.SKIP

    def visit_comment(self, comment):
        self.comments.append(comment)

    def handle_error(self, error):
        raise error

    def result(self):
        return self.headers, self.moves, self.comments


def by_pyffish(variant, fen, moves):
    """The first illegal move, if any, and the result by the rules, if the game is over."""
    # Nothing before the last irreversible move can be repeated: what is replayed for each move stays short.
    start, since = fen, []
    for ply, move in enumerate(moves):
        if result_of(variant, start, since)[0]:
            return f"ply {ply + 1}: the game was over before {move}", None
        if move not in pyffish.legal_moves(variant, start, since):
            return f"ply {ply + 1}: {move} is illegal in {pyffish.get_fen(variant, start, since)}", None
        since.append(move)
        now = pyffish.get_fen(variant, start, since)
        if now.split()[-2] == "0":
            start, since = now, []
    over, result = result_of(variant, start, since)
    return None, result if over else None


def result_of(variant, fen, moves):
    white = pyffish.get_fen(variant, fen, moves).split()[1] == "w"

    def points(value):
        return "1/2-1/2" if value == 0 else "1-0" if (value > 0) == white else "0-1"

    if not pyffish.legal_moves(variant, fen, moves):
        return True, points(pyffish.game_result(variant, fen, moves))
    # The optional end is the draw by repetition or by the n-move rule, which the game takes at once.
    for over, value in (pyffish.is_immediate_game_end(variant, fen, moves), pyffish.is_optional_game_end(variant, fen, moves)):
        if over:
            return True, points(value)
    return False, None


def by_python_chess(fen, moves):
    board = chess.Board(fen)
    for ply, move in enumerate(moves):
        try:
            board.push_uci(move)
        except ValueError as error:
            return f"ply {ply + 1}: {error}", None
    outcome = board.outcome(claim_draw=False)
    if outcome is None and (board.is_repetition(3) or board.is_fifty_moves()):
        return None, "1/2-1/2"
    return None, outcome.result() if outcome else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pgn")
    parser.add_argument("--variant-path")
    options = parser.parse_args()
    if options.variant_path:
        with open(options.variant_path) as file:
            pyffish.load_variant_config(file.read())
    problems, terminations, results = [], collections.Counter(), collections.Counter()
    rounds, plies = {}, 0
    with open(options.pgn) as file:
        while (game := chess.pgn.read_game(file, Visitor=Tokens)) is not None:
            headers, moves, comments = game
            place = f"game {headers['Round']}"
            variant = headers.get("Variant", "chess")
            if int(headers["PlyCount"]) != len(moves):
                problems.append(f"{place}: {len(moves)} moves, but PlyCount {headers['PlyCount']}")
            fen = headers.get("FEN", chess.STARTING_FEN)
            checks = [by_pyffish(variant, fen, moves)]
            if variant == "chess":
                checks.append(by_python_chess(fen, moves))
            for problem, result in checks:
                if problem:
                    problems.append(f"{place}: {problem}")
                elif headers["Termination"] == "normal" and result != headers["Result"]:
                    problems.append(f"{place}: the result is {headers['Result']}, the rules say {result}")
                elif headers["Termination"] != "normal" and result is not None:
                    problems.append(f"{place}: the rules had ended the game: {result}")
            book = [m for m, c in zip(moves, comments) if c == "book"]
            number, half = map(int, headers["Round"].split("."))
            rounds.setdefault(number, []).append((half, headers["White"], headers["Black"], fen, book))
            terminations[headers["Termination"]] += 1
            results[headers["Result"]] += 1
            plies += len(moves)
    if sorted(rounds) != list(range(1, len(rounds) + 1)):
        problems.append("rounds are missing")
    for number, games in rounds.items():
        if [game[0] for game in games] != [1, 2]:
            problems.append(f"round {number}: games {[game[0] for game in games]}")
        elif (games[0][1], games[0][2]) != (games[1][2], games[1][1]) or games[0][3:] != games[1][3:]:
            problems.append(f"round {number}: not one opening with colours swapped")
    print(f"{sum(results.values())} games, {len(rounds)} rounds, {plies} moves; {dict(results)}; {dict(terminations)}")
    for problem in problems[:20]:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems or not rounds else 0


if __name__ == "__main__":
    sys.exit(main())
