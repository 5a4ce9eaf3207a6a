"""Compares the log of a training with the losses that PyTorch had.

    compare_losses.py LOG RECORD --steps N [--within R]        the first N steps' losses
    compare_losses.py LOG RECORD --held-out [--within R]       the last evaluation loss
"""

import argparse
import json
import pathlib
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--within", type=float, required=True)
    parser.add_argument("--counts", type=pathlib.Path)
    arguments = parser.parse_args()
    log = [json.loads(line) for line in arguments.log.read_text(encoding="utf-8").splitlines()]
    record = json.loads(arguments.record.read_text(encoding="utf-8"))
    ours, theirs = [line["loss"] for line in log][:arguments.steps], record["losses"][:arguments.steps]
    if arguments.held_out:
        ours, theirs = [log[-1]["eval_loss"]], [record["held_out"]]
    differences = [abs(a - b) / b for a, b in zip(ours, theirs, strict=True)]
    summary = f"{len(ours)} losses of the small Llama as PyTorch's, largest relative difference {max(differences):.1e}"
    print(summary)
    if arguments.counts:
        arguments.counts.write_text(summary + "\n", encoding="utf-8")
    sys.exit(max(differences) > arguments.within)


main()
