"""Random rule files, and which of them can be played."""

from __future__ import annotations

import random
import re

import pyffish

import oracle
from fuzz_rules.draft import Draft
from fuzz_rules.families import FAMILIES, MOBILITY, choose_families
from fuzz_rules.families.endings import extinction, stalemate
from fuzz_rules.families.pawns import base_promotion
from fuzz_rules.pieces import CLASSIC, FRONT, KING_BETZA, LETTERS, NAMED, RARE, fits, random_betza
from fuzz_rules.start import start_fen

ATTEMPTS = 400  # drafts until one is playable


def choose_pieces(d: Draft) -> None:
    """Gives the draft its piece types: the royal one, those that its families need, and others at random."""
    rng = d.rng
    wanted: list[str] = [] if d.royal is None else [d.royal]
    for name in sorted(d.families):
        wanted += FAMILIES[name].needs
    if rng.random() < 0.65:
        wanted.append("pawn")
    elif rng.random() < 0.7:
        wanted.append(rng.choice(FRONT))
    count = max(rng.choice([3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 10]), len(set(wanted)))
    if rng.random() < 0.35:
        wanted += CLASSIC
    custom = rng.choice([0.0, 0.2, 0.5, 0.9])
    slots = rng.sample(range(1, 26), 8) if rng.random() < 0.3 else list(range(1, 9))
    while len(set(wanted)) < count:
        if rng.random() < custom and slots:
            wanted.append(f"customPiece{slots.pop(0)}")
        else:
            piece = rng.choice(NAMED)
            if piece not in RARE or rng.random() < 0.4:
                wanted.append(piece)
    free = list("abcdefghijlmnopqrstuvwxyz") + ["k"]
    used: set[str] = set()
    for piece in dict.fromkeys(wanted):
        if not named_fits(piece, d):
            continue
        usual = LETTERS.get(piece, "k" if piece == d.royal else piece[0])
        letter = usual if usual not in used and rng.random() < 0.9 else rng.choice([c for c in free if c not in used])
        used.add(letter)
        d.pieces[piece] = letter
        if piece.startswith("custom"):
            d.betza[piece] = random_betza(rng, d.files, d.ranks, initial=rng.random() < 0.12 and d.ranks > 4)
    if d.royal == "king" and rng.random() < 0.14:
        fitting = [b for b in KING_BETZA if all(fits(c, d.files, d.ranks) for c in b if c.isupper())]
        d.betza["king"] = rng.choice(fitting)


def named_fits(piece: str, d: Draft) -> bool:
    """Whether a named piece can move on the board at all."""
    least = {"alfil": 3, "elephant": 3, "knight": 3, "horse": 3, "shogiKnight": 3, "janggiElephant": 4, "janggiCannon": 3}
    return min(d.files, d.ranks) >= least.get(piece, 2)


def random_size(rng: random.Random, least: tuple[int, int]) -> tuple[int, int]:
    """Files and ranks of a board, mostly near eight by eight, not smaller than `least`."""
    files = rng.choice([3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 10, 11, 12])
    ranks = rng.choice([3, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 10])
    return max(files, least[0]), max(ranks, least[1])


def draft_rules(rng: random.Random, name: str, focus: str | None) -> str:
    """A random rule file of one section; empty if the board is too small for a piece that a family needs."""
    families = choose_families(rng, focus)
    least = tuple(max([3, *(FAMILIES[f].least[axis] for f in families)]) for axis in (0, 1))
    files, ranks = random_size(rng, (least[0], least[1]))
    d = Draft(rng, files, ranks, families=set(families))
    royals = {FAMILIES[f].royal for f in families} - {None}
    if "king" in royals:
        d.royal = "king"
    elif "no king" in royals:
        d.royal = rng.choice(["commoner", "commoner", "commoner", None])
    elif "pseudo_royal" in families:
        d.royal = rng.choice(["commoner", "commoner", "commoner", "king", None])
    else:
        d.royal = rng.choices(["king", "commoner", None], [75, 17, 8])[0]
    if {"walling", "duck"} & set(families):
        d.files, d.ranks = min(d.files, 8), min(d.ranks, 8)
    if "full_board" in families:
        d.files, d.ranks = max(least[0], min(d.files, 5)), max(least[1], min(d.ranks, 6))
    choose_pieces(d)
    if any(piece not in d.pieces for f in families for piece in FAMILIES[f].needs):
        return ""
    if d.royal == "commoner":
        d.keys["extinctionValue"] = "loss"
        d.keys["extinctionPieceTypes"] = d.pieces["commoner"]
    elif d.royal is None and not {"stalemate", "flag", "extinction", "pseudo_royal"} & set(families):
        extinction(d) if rng.random() < 0.7 else stalemate(d)
    base_promotion(d)
    for f in families:
        FAMILIES[f].write(d)
    tidy(d)
    if d.castling is None and "castlingDroppedPiece" not in d.keys and (d.gates or rng.random() < 0.6):
        d.keys["castling"] = "false"
    fen = start_fen(d)
    lines = [f"[{name}]"]
    if d.ranks != 8 or rng.random() < 0.3:
        lines.append(f"maxRank = {d.ranks}")
    if d.files != 8 or rng.random() < 0.3:
        lines.append(f"maxFile = {d.files if rng.random() < 0.7 else chr(ord('a') + d.files - 1)}")
    for piece, letter in d.pieces.items():
        lines.append(f"{piece} = {letter}" + (f":{d.betza[piece]}" if piece in d.betza else ""))
    lines.append(f"startFen = {fen}")
    lines += [f"{key} = {value}" for key, value in d.keys.items()]
    return "\n".join(lines) + "\n"


def tidy(d: Draft) -> None:
    """Removes keys that others contradict or leave without effect: the program under test refuses such files."""
    keys = d.keys
    royal_like = "king" in d.pieces or "extinctionPseudoRoyal" in keys

    def drop(*names: str) -> None:
        for name in names:
            keys.pop(name, None)

    if royal_like:
        drop("blastImmuneTypes", "mutuallyImmuneTypes")
    if "blastOnCapture" in keys:
        drop("flagPieceSafe")
    else:
        drop("blastImmuneTypes", "petrifyBlastPieces")
    if keys.get("checking") == "false":
        drop("checkCounting", "dropChecks", "perpetualCheckIllegal", "shatarMateRule", "shogiPawnDropMateIllegal")
        d.checks = 0
    if keys.get("doubleStep") == "false":
        drop("doubleStepRegionWhite", "doubleStepRegionBlack")
        if "tripleStepRegionWhite" not in keys and "tripleStepRegionBlack" not in keys:
            drop(*[key for key in keys if key.startswith("enPassant")])
    if keys.get("nMoveRule") == "0":
        drop(*[key for key in keys if key.startswith("nMoveRuleTypes")])
    if keys.get("nFoldRule") == "0":
        drop("nFoldValue", "nFoldValueAbsolute", "perpetualCheckIllegal", "chasingRule", "moveRepetitionIllegal")
    if "pieceDrops" not in keys and "seirawanGating" not in keys:
        drop("capturesToHand", "dropRegionWhite", "dropRegionBlack")
    if "capturesToHand" not in keys:
        drop("dropLoop")
    if "mustDrop" in keys:
        # With both, pyffish recurses without end: each rule asks whether the other leaves a move.
        drop("mustCapture")
    if "promotionLimit" in keys:
        goals = "".join(keys.get(key, "") for key in ("promotionPieceTypes", "promotionPieceTypesWhite", "promotionPieceTypesBlack"))
        goals += "".join(pair[-1] for pair in keys.get("promotedPieceType", "").split())
        kept = [pair for pair in keys["promotionLimit"].split() if pair[0] in goals]
        keys["promotionLimit"] = " ".join(kept)
        if not kept:
            drop("promotionLimit")
    if "extinctionValue" not in keys:
        drop("extinctionPieceTypes", "extinctionPieceCount", "extinctionOpponentPieceCount", "extinctionClaim")
    for key in [key for key, value in keys.items() if value == ""]:
        drop(key)


def random_rules(rng: random.Random, name: str, focus: str | None = None) -> str:
    """A random rule file of one section with the key or family in `focus`. Its start position may be unplayable; see `playable`."""
    exact = focus if focus and focus not in FAMILIES else None
    for _ in range(5000):
        text = draft_rules(rng, name, focus)
        if text and not (exact and exact not in keys_of(text)):
            if focus in FAMILIES and FAMILIES[focus].keys != ("startFen",):
                present = ["mobilityRegion" if MOBILITY.match(key) else key for key in keys_of(text)]
                if not set(FAMILIES[focus].keys) & set(present):
                    continue
            return text
    raise SystemExit(f"no draft has {focus}")


def keys_of(text: str) -> list[str]:
    """The keys of a rule file, in its order."""
    return re.findall(r"^(\w+) *=", text, re.MULTILINE)


def playable(variant: str, rng: random.Random) -> bool:
    """Whether pyffish finds the start position valid, with a move and without a check for either side, and plays on from it."""
    start = pyffish.start_fen(variant)
    if pyffish.validate_fen(start, variant) != pyffish.FEN_OK:
        return False
    fields = start.split()
    for side in ("w", "b"):
        fen = " ".join([fields[0], side, *fields[2:]])
        if pyffish.is_immediate_game_end(variant, fen, [])[0] or pyffish.gives_check(variant, fen, []):
            return False
        if not pyffish.legal_moves(variant, fen, []):
            return False
    for _ in range(2):
        moves: list[str] = []
        for _ in range(8):
            legal = pyffish.legal_moves(variant, start, moves)
            if not legal:
                break
            moves.append(rng.choice(sorted(legal)))
        if len(moves) < 2:
            return False
    return True


def valid_rules(rng: random.Random, name: str, focus: str | None, only: re.Pattern[str] | None) -> str:
    """A rule file whose keys all match `only`, and which pyffish can play and knows as `name`. pyffish may crash or hang meanwhile."""
    for attempt in range(ATTEMPTS):
        for _ in range(20000):
            text = random_rules(rng, name, focus)
            if only is None or all(only.fullmatch(key) for key in keys_of(text)):
                break
        else:
            raise SystemExit("no draft keeps to --only")
        trial = f"{name}-{attempt}"
        pyffish.load_variant_config(text.replace(f"[{name}]", f"[{trial}]", 1))
        if trial in pyffish.variants() and playable(trial, rng):
            oracle.load_rules(text)
            return text
    raise SystemExit(f"no playable file in {ATTEMPTS} attempts")
