"""A UCI engine that misbehaves as its first argument says, in games of `gardner` (or chess, without options).

It knows no rules: it answers with the moves of a line that the test hands it in MOCK_LINE as its second argument, by ply.
"""

import os
import subprocess
import sys
import time

fault = sys.argv[1]
line = sys.argv[2].split() if len(sys.argv) > 2 else []
out = sys.stdout.buffer
# A file with an `x` for each game that was started, where the fault depends on it, and a line for each helper.
counter = sys.argv[3] if len(sys.argv) > 3 else None


def say(text):
    out.write(text.encode() + b"\n")
    out.flush()


def hang():
    while True:
        time.sleep(3600)


def starts():
    with open(counter, "a+") as file:
        file.write("x")
        file.flush()
        file.seek(0)
        return file.read().count("x")


# Helpers that would outlive it, in its process group.
if fault.startswith("forks_"):
    helper = subprocess.Popen(["sleep", "3600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(counter, "a") as file:
        file.write(f"{helper.pid}\n")
    # What it does beside.
    fault = fault.removeprefix("forks_")


def introduce():
    if fault == "hang_at_handshake":
        hang()
    if fault == "crash_at_handshake":
        print("the network file is missing", file=sys.stderr, flush=True)
        os._exit(3)
    say(f"id name Mock {fault}")
    if fault == "bad_options":
        for text in ["option", "option name", "option name Broken type spin min x max 3", "option name A type nothing",
                     "option name type", "option type check name B", "option name Half type combo var"]:
            say(text)
    if fault == "old":
        say("option name VariantPath type string default <empty>")
    say(f"option name UCI_Variant type combo default chess var chess var gardner {learnt}")
    say("option name Skill Level type spin default 1 min 0 max 20")
    say("uciok")


def go(ply):
    best = line[ply] if ply < len(line) else "0000"
    if fault == "hang_at_go":
        hang()
    if fault == "crash_at_go":
        print("assertion failed: tree is green", file=sys.stderr, flush=True)
        os._exit(139 % 128)
    if fault == "signal_at_go":
        os.kill(os.getpid(), 11)
        hang()
    if fault == "close_at_go":
        os.close(1)
        hang()
    if fault == "flood_bytes":
        while True:
            out.write(b"x" * 4096)
    if fault == "flood_lines":
        while True:
            out.write(b"info string never the end\n" * 100)
    if fault == "garbage":
        out.write(b"\x00\x01 hello\n\n\xff\xfe\n" + b"info score cp\ninfo depth x score cp 99999999999\n" + b"bestmover a1a1\n")
    if fault == "not_utf8":
        out.write(b"info string \xc3\x28 \xff depth 9\n")
    if fault == "not_utf8_move":
        best = None
        out.write(b"bestmove \xff\xfe\xfd\n")
    if fault == "illegal":
        best = "a1a5"
    if fault == "unreadable":
        best = "e4?!"
    if fault == "empty":
        best = ""
    if fault == "none":
        best = "(none)"
    if fault == "null":
        best = "0000"
    if fault == "two_answers":
        # The second one must not be taken for the answer to the next question.
        say(f"bestmove {best}")
        best = "a1a1"
    if fault == "talks_before":
        say("info depth 3 score cp -35 nodes 77 pv a1a1")
        say("info depth 4 multipv 2 score cp 99 nodes 80 pv a1a1")
    if fault == "bounds":
        # Level, as its only exact score of the first line says.
        say("info depth 5 multipv 1 score cp 7 nodes 50 pv a1a1")
        say("info depth 6 score cp 400 lowerbound nodes 60 pv a1a1")
        say("info depth 6 score mate -9 upperbound nodes 70 pv a1a1")
        say("info depth 6 multipv 2 score cp -900 nodes 75 pv a1a1")
        say("info string score cp -900")
        say("info depth 6 score cp -9e9")
    if best is not None:
        say(f"bestmove {best}".rstrip())


ply = 0
learnt = ""
for command in sys.stdin:
    word = command.split()[:1]
    if word == ["uci"]:
        introduce()
    elif word == ["isready"]:
        say("readyok")
        if fault == "floods_between":
            for _ in range(100000):
                say("info string I like to talk")
    elif word == ["ucinewgame"]:
        if fault == "exit_between_games" and starts() % 2 == 0:
            os._exit(7)
    elif word == ["check"]:
        for key in open(command.split()[1]).read().splitlines():
            # As Fairy-Stockfish 11.1, which lacks these keys.
            if key.startswith(("customPiece", "promotionRegion")):
                print(f"Invalid option: {key.split()[0]}", file=sys.stderr, flush=True)
    elif command.startswith("setoption name VariantPath value "):
        section = open(command.split()[4]).readline().strip("[]\n")
        learnt = f"var {section.split(':')[0]}"
    elif word == ["position"]:
        words = command.split()
        ply = len(words) - words.index("moves") - 1 if "moves" in words else 0
    elif word == ["go"]:
        if fault == "keeps_go":
            with open(counter, "a") as file:
                file.write(command)
        go(ply)
        if fault == "deaf":
            # Answers without ever reading again.
            while True:
                say("readyok")
                say("bestmove a1a1")
                time.sleep(0.001)
    elif word == ["quit"] and fault != "ignores_quit":
        break
if fault == "ignores_quit":
    hang()
