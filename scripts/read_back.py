#!/usr/bin/env python3
"""Reads the games of a match back with other programs, move by move: scripts/read_back.py GAMES.pgn [--variant-path FILE.ini]

python-chess reads the PGN, and plays and ends chess. Other variants are played by pyffish. For every game: all moves are
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
    """What is wrong with the moves, if anything, and the result by the rules, if the game is over."""
    # A call takes milliseconds however short its list of moves: one a move, from the position before it. Nothing before the
    # last irreversible move can be repeated.
    start, since, now, seen = fen, [], fen, {key_of(fen)}
    for ply, move in enumerate(moves):
        try:
            # Where the game is over at once there are no legal moves.
            following = pyffish.get_fen(variant, now, [move])
        except (SystemError, ValueError):
            return f"ply {ply + 1}: {move} is illegal in {now}", None
        # An end by repetition needs a position that was there before, one by counting moves a count: 16 plies are the
        # fewest of any variant.
        if ply and (repeated or counter_of(now) >= 16) and pyffish.is_optional_game_end(variant, start, since)[0]:
            return f"ply {ply + 1}: the game was over before {move}", None
        now = following
        since.append(move)
        if counter_of(now) == 0:
            start, since, seen = now, [], set()
        repeated = key_of(now) in seen
        seen.add(key_of(now))
    over, result = result_of(variant, start, since, now)
    return None, result if over else None


def counter_of(fen):
    return int(fen.split()[-2])


def key_of(fen):
    return fen.rsplit(maxsplit=2)[0]


def result_of(variant, fen, moves, now):
    white = now.split()[1] == "w"

    def points(value):
        return "1/2-1/2" if value == 0 else "1-0" if (value > 0) == white else "0-1"

    if not pyffish.legal_moves(variant, fen, moves):
        return True, points(pyffish.game_result(variant, fen, moves))
    # The optional end is the draw by repetition or by the n-move rule, which the game takes at once.
    over, value = pyffish.is_optional_game_end(variant, fen, moves)
    return over, points(value) if over else None


def by_python_chess(fen, moves):
    board = chess.Board(fen)
    for ply, move in enumerate(moves):
        if board.is_repetition(3) or board.is_fifty_moves():
            return f"ply {ply + 1}: the game was over before {move}", None
        try:
            board.push_uci(move)
        except ValueError as error:
            return f"ply {ply + 1}: {error}", None
    if board.is_checkmate():
        return None, board.result()
    drawn = board.is_stalemate() or board.is_repetition(3) or board.is_fifty_moves()
    return None, "1/2-1/2" if drawn else None


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
            problem, result = by_python_chess(fen, moves) if variant == "chess" else by_pyffish(variant, fen, moves)
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
