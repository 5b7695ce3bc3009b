"""Random start positions."""

from __future__ import annotations

from fuzz_rules.draft import Draft
from fuzz_rules.pieces import FRONT, RARE
from notation import placement

# Each pair of a move and a wall is a move of its own, so a side that builds walls starts with few pieces.
MAX_PIECES_BESIDE_WALLS = 20


def fill_side(d: Draft, color: str) -> dict[tuple[int, int], str]:
    """The pieces of a side by file and rank. Both count from 0, ranks from the side's own edge of the board."""
    rng = d.rng
    men: dict[tuple[int, int], str] = {}
    rows = 1 if d.ranks <= 4 else rng.choice([1, 2, 2, 2, 2, 3] if d.ranks > 6 else [1, 2, 2])
    density = 0.35 if d.sparse else rng.choice([0.6, 0.8, 0.9, 1.0, 1.0])
    front_types = [piece for piece in d.types() if piece in FRONT] or d.types(("king", "commoner", *RARE)) or d.types()
    officers = d.types(("king", d.royal or "", *RARE, *front_types)) or front_types
    if d.royal != "commoner" and "commoner" in d.pieces:
        officers.append("commoner")
    front = rng.choice(front_types)
    for row in range(rows):
        for file in range(d.files):
            if rng.random() < density:
                if row == rows - 1 and rows > 1:
                    men[file, row] = front if rng.random() < 0.85 else rng.choice(front_types)
                else:
                    men[file, row] = rng.choice(officers)
    if rows == 1 and d.ranks >= 4 and rng.random() < 0.3:
        for file in rng.sample(range(d.files), rng.randint(1, d.files)):
            men[file, 1] = front
    for piece in RARE:
        if piece in d.pieces and piece != d.royal:
            men[rng.randrange(d.files), rng.randrange(rows)] = piece
    fixed: set[tuple[int, int]] = set()
    if d.castling:
        row = d.castling.rank - 1
        own = "KQ" if color == "White" else "kq"
        castling = {d.castling.left: d.castling.rook, d.castling.right: d.castling.rook, d.castling.king_file: d.castling.king}
        for file in range(d.files):
            if men.get((file, row)) in castling.values():
                men.pop((file, row))
        if set(own) & set(d.castling.rights) or rng.random() < 0.5:
            for file in range(min(castling) + 1, max(castling)):
                if rng.random() < 0.35:
                    men.pop((file, row), None)
            for file, piece in castling.items():
                men[file, row] = piece
                fixed.add((file, row))
    if d.royal and not d.king_in_hand and not any(men.get(square) == d.royal for square in fixed):
        for square in [s for s, piece in men.items() if piece == d.royal]:
            del men[square]
        choices = [(file, 0) for file in range(d.files) if (file, 0) not in fixed] or [(0, 1)]
        square = rng.choice(choices)
        men[square] = d.royal
        fixed.add(square)
    for piece in d.placed:
        if piece != "king" and (piece != d.royal or "dupleCheck" in d.keys or "extinctionPieceCount" in d.keys):
            for _ in range(2 if "extinctionPieceCount" in d.keys or "dupleCheck" in d.keys else 1):
                choices = [(f, r) for f in range(d.files) for r in range(max(1, rows)) if (f, r) not in fixed]
                if choices:
                    square = rng.choice([c for c in choices if c[1] == 0] or choices)
                    men[square] = piece
                    fixed.add(square)
    if d.cramped:
        for square in rng.sample(sorted(men), len(men)):
            if len(men) > MAX_PIECES_BESIDE_WALLS and square not in fixed:
                del men[square]
    if "pawn" in d.pieces:
        # Few variants start with pawns on the first rank.
        for square in [s for s, piece in men.items() if piece == "pawn" and s[1] == 0 and s not in fixed and rng.random() < 0.8]:
            del men[square]
    return men


def start_fen(d: Draft) -> str:
    """The start position: mostly both sides alike, at times Black turned around or drawn by itself."""
    rng = d.rng
    white = fill_side(d, "White")
    kind = rng.random()
    white_castles_alone = d.castling and not {"k", "q"} & set(d.castling.rights)
    if kind < 0.12 and not white_castles_alone:
        black = fill_side(d, "Black")
    else:
        black = dict(white)
    turned = 0.5 < kind < 0.65 and not d.castling
    grid: dict[tuple[int, int], str] = {}
    for (file, row), piece in white.items():
        grid[file, row] = d.pieces[piece].upper()
    for (file, row), piece in black.items():
        square = (d.files - 1 - file if turned else file, d.ranks - 1 - row)
        grid.setdefault(square, d.pieces[piece])
    empty = [(f, r) for f in range(d.files) for r in range(d.ranks) if (f, r) not in grid]
    for square in rng.sample(empty, min(len(empty), d.holes)):
        grid[square] = "*"
    fen = placement(grid, d.files, d.ranks)
    if "pieceDrops" in d.keys or "seirawanGating" in d.keys:
        held = d.letters(d.hand)
        fen += f"[{held.upper()}{held if rng.random() < 0.93 else ''}]"
    rights = ""
    if d.castling:
        rights = d.castling.rights
        if "chess960" in d.keys and rng.random() < 0.7:
            right, left = (chr(ord("a") + file) for file in (d.castling.right, d.castling.left))
            rights = rights.translate(str.maketrans("KQkq", right.upper() + left.upper() + right + left))
    if d.gates:
        row = d.castling.rank - 1 if d.castling else 0
        for color, own, rank in ((0, "KQ", row), (1, "kq", d.ranks - 1 - row)):
            letters = ""
            for file in range(d.files):
                letter = grid.get((file, rank), "*")
                if letter == "*" or letter.isupper() == bool(color):
                    continue
                piece = next(p for p, known in d.pieces.items() if known == letter.lower())
                if d.gates == "cambodian" and piece not in ("king", "fers"):
                    continue
                if d.castling and set(own) & set(rights) and file in (d.castling.king_file, d.castling.left, d.castling.right):
                    continue
                letters += chr(ord("A") + file)
            rights += letters.lower() if color else letters
    checks = f" {d.checks}+{d.checks}" if d.checks else ""
    return f"{fen} {'w' if rng.random() < 0.95 else 'b'} {rights or '-'} -{checks} 0 1"
