"""The toy model (test/Unit/Runtime/ToyModel) once more, to record what `ph verify` and `ph perplexity` must find.

    toy_reference.py recorded.json text.txt [prompts.0.greedy_ids.3+1 ...]
"""

import json
import math
import random
import sys

VOCABULARY, END, WINDOW = 99, 26, 64
MASK = 2**64 - 1


def mix(x):
    x ^= x >> 31
    x = x * 0x9E3779B97F4A7C15 & MASK
    x ^= x >> 29
    return x * 0xBF58476D1CE4E5B9 & MASK


def logits(tokens):
    """After each of the tokens."""
    state, rows = 1, []
    for token in tokens:
        state = mix(state + token * 7919 & MASK)
        row = [(mix(state + v & MASK) & 0xFF) / 1024 for v in range(VOCABULARY)]
        row[(token + 1) % VOCABULARY] += 4
        rows.append(row)
    return rows


def ids(text):
    return [ord(c) - ord("a") for c in text]


def prompt(text, count):
    tokens = ids(text)
    row = last = logits(tokens)[-1]
    top = sorted(range(VOCABULARY), key=lambda v: -row[v])[:10]
    greedy = []
    while len(greedy) < count and END not in greedy:
        row = logits(tokens + greedy)[-1]
        greedy.append(row.index(max(row)))
    return {
        "prompt": text, "input_ids": tokens, "top_ids": top, "top_logits": [last[v] for v in top],
        "greedy_ids": greedy,
    }


def losses(window):
    result = []
    for row, target in zip(logits(window), window[1:]):
        result.append(math.log(sum(map(math.exp, row))) - row[target])
    return result


def main():
    choose = random.Random(5)
    text = "".join(choose.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(WINDOW * 5 + 7))
    tokens = ids(text)
    windows = [losses(tokens[i : i + WINDOW]) for i in range(0, WINDOW * 5, WINDOW)]
    halves = [sum(window[WINDOW // 2 :]) for window in windows]
    count = WINDOW - 1 - WINDOW // 2
    recorded = {
        "prompts": [prompt("ab", 8), prompt("hello", 48)],
        "text": {
            "window": WINDOW, "tokens_first_10": tokens[:10],
            "mean_nll_per_window": [sum(window) / len(window) for window in windows[:2]],
        },
        "perplexity16": {"perplexity": math.exp(sum(halves) / count / len(halves)), "nll_sum_per_window": halves},
    }
    for change in sys.argv[3:]:  # e.g. prompts.0.greedy_ids.3+1: a number that is wrong on purpose
        path, _, difference = change.partition("+")
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place = recorded
        for step in steps:
            place = place[step]
        place[last] += type(place[last])(float(difference))
    with open(sys.argv[1], "w") as file:
        json.dump(recorded, file)
    with open(sys.argv[2], "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
