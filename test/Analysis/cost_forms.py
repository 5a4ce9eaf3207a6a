"""Compares what ph-opt --xf-print-cost prints with closed forms written by hand.

usage: cost_forms.py PH_OPT FILE.mlir

A comment `FORM: xf.op | flop: F | weights: W | activations: A | read: R | written: B` in the file says what the op costs in the
function that follows, in Python's notation, for T tokens and a context of C; what is left out is 0. `...` goes on in the next
comment. Each is checked at several T and C. Prints how many values were compared, and of how many ops.
"""

import re
import subprocess
import sys

POINTS = [(1, 1), (1, 64), (5, 5), (7, 100)]
COLUMNS = ("flop", "weights", "activations", "read", "written")


def read_forms(text):
    """(function, op, column: expression) of each form."""
    forms, waiting = [], []
    text = re.sub(r"\.\.\.\n\s*//\s*", "", text)
    for line in text.splitlines():
        if found := re.match(r"\s*// FORM: (.*)", line):
            name, *parts = (part.strip() for part in found[1].split("|"))
            columns = dict(part.split(":", 1) for part in parts)
            assert set(columns) <= set(COLUMNS), line
            waiting.append((name, columns))
        elif found := re.match(r"\s*func\.func @(\w+)", line):
            forms += [(found[1], *form) for form in waiting]
            waiting = []
    return forms


def read_tables(text):
    """{function: {op: values}} of what the pass printed."""
    tables, current = {}, None
    for line in text.splitlines():
        if found := re.match(r"cost of @(\w+) for", line):
            current = tables.setdefault(found[1], {})
        elif found := re.match(r"(xf\.\w+|total)\s+(?:\d+\s+)?((?:\d\S*\s*){5})", line):
            current[found[1]] = [float(value) for value in found[2].split()]
    return tables


def main():
    tool, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        forms = read_forms(file.read())
    failures, compared = [], 0
    for tokens, context in POINTS:
        run = subprocess.run(
            [tool, path, f"--xf-print-cost=tokens={tokens} context={context}", "-o", "/dev/null"],
            capture_output=True, text=True,
        )
        if run.returncode:
            sys.exit(run.stderr)
        tables = read_tables(run.stderr)
        for function, op, columns in forms:
            got = tables[function].get(op, [0.0] * len(COLUMNS))
            for column, value in zip(COLUMNS, got):
                wanted = eval(columns.get(column, "0"), {"min": min, "max": max, "T": tokens, "C": context, "sum": sum, "range": range})
                compared += 1
                if abs(value - wanted) > 0.005:
                    failures.append(f"@{function} {op} at T={tokens} C={context}: {column} is {value}, by hand {wanted}")
    print("\n".join(failures), file=sys.stderr)
    print(f"{compared} values of {len({op for _, op, _ in forms})} ops equal the closed forms")
    return 1 if failures else 0


sys.exit(main())
