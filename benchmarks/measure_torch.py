"""Full fine-tuning by PyTorch's eager mode, for train.py: AdamW on random weights of SmolLM2-135M's shapes.

usage: measure_torch.py BATCH LENGTH STEPS THREADS

Prints one JSON object: seconds of each step, and the peak of resident memory in bytes.
"""

import json
import resource
import sys
import time

import torch
import transformers


def main():
    batch, length, steps, threads = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3,
                                      vocab_size=49152, tie_word_embeddings=True, rope_theta=100000.0, max_position_embeddings=8192)
    model = transformers.LlamaForCausalLM(config).float().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    seconds = []
    for _ in range(steps):
        tokens = torch.randint(0, config.vocab_size, (batch, length))
        began = time.perf_counter()
        optimizer.zero_grad()
        loss = model(tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


main()
