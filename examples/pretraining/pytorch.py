#!/usr/bin/env python3
"""The training of pretrain.yml by PyTorch and transformers (from PyPI): the same initial weights, order of data, schedule and steps.
Prints the losses as JSON, which pytorch.json records.

    pytorch.py INITIAL FOLDER    INITIAL: the model folder that `ph pretrain` gives after one step with a learning rate of 1.0e-30;
                                 FOLDER: what prepare.py filled
"""

import json
import math
import pathlib
import sys

import torch
import transformers

END, IGNORED = 256, -100
STEPS, WARMUP, RATE, DECAY, BATCH = 300, 20, 1e-3, 0.1, 8


def batches(path):
    rows = [list(json.loads(line)["text"].encode()) + [END] for line in path.open(encoding="utf-8")]
    for first in range(0, len(rows), BATCH):
        some = rows[first:first + BATCH]
        length = max(map(len, some))
        pad = lambda value, row: row + [value] * (length - len(row))
        yield {"input_ids": torch.tensor([pad(END, row) for row in some]),
               "attention_mask": torch.tensor([pad(0, [1] * len(row)) for row in some]),
               "labels": torch.tensor([pad(IGNORED, row) for row in some])}


def rate(step):
    if step <= WARMUP:
        return RATE * step / WARMUP
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))


def main():
    initial, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    model = transformers.AutoModelForCausalLM.from_pretrained(initial, dtype=torch.float32, attn_implementation="eager")
    groups = [{"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": DECAY},
              {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.95), eps=1e-8)
    train, losses = list(batches(folder / "train.jsonl")), []
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        loss = model(**train[(step - 1) % len(train)]).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    total = count = 0
    with torch.no_grad():
        for batch in batches(folder / "held-out.jsonl"):
            tokens = int((batch["labels"][:, 1:] != IGNORED).sum())
            total, count = total + model(**batch).loss.item() * tokens, count + tokens
    print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__, "held_out": total / count, "losses": losses}))


main()
