"""Differential fuzzing of the rules against pyffish: `python scripts/fuzz_rules`, described in `command`.

- `pieces`: names of pieces, and random pieces in Betza notation;
- `draft`: a rule file in the making;
- `families`: families of keys that go together, and the choice among them;
- `start`: random start positions;
- `rules`: whole rule files, and which of them can be played;
- `match`: random games by one rule file, compared position by position; what is argued where pyffish errs is in `oracle`;
- `worker`: every file in a process of its own;
- `command`: the command line, the state of a run and its summary.
"""
