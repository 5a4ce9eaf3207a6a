"""Asks an artifact the questions of a file {"question", "expect"}: how many answers hold what is expected.

    ask.py ARTIFACT QUESTIONS --least N | --most N [--counts FILE]
"""

import argparse
import json
import pathlib
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("artifact")
    parser.add_argument("questions", type=pathlib.Path)
    parser.add_argument("--least", type=int, default=0)
    parser.add_argument("--most", type=int, default=sys.maxsize)
    parser.add_argument("--counts", type=pathlib.Path)
    arguments = parser.parse_args()
    right, lines = 0, [json.loads(line) for line in arguments.questions.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        run = ["ph", "run", arguments.artifact, "-p", line["question"], "-n", "40", "--temp", "0"]
        answer = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
        right += line["expect"].lower() in answer.lower()
        print(f"{line['question']} -> {answer}")
    summary = f"{right} of {len(lines)} held-out questions answered as they should be"
    print(summary)
    if arguments.counts:
        arguments.counts.write_text(summary + "\n", encoding="utf-8")
    sys.exit(not arguments.least <= right <= arguments.most)


main()
