"""Fine-tuning by PyTorch's eager mode, for train.py: AdamW on random weights of SmolLM2-135M's shapes, all of them or PEFT's LoRA of rank 8.

usage: measure_torch.py BATCH LENGTH STEPS THREADS [LAYER,...]

With layers (q_proj,... or all-linear) only adapters on these are trained. Prints one JSON object: seconds of each step, and the peak of
resident memory in bytes.
"""

import json
import resource
import sys
import time

import torch
import transformers


def make_model():
    config = transformers.LlamaConfig(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3,
                                      vocab_size=49152, tie_word_embeddings=True, rope_theta=100000.0, max_position_embeddings=8192)
    return transformers.LlamaForCausalLM(config).float()


def add_adapters(model, layers):
    import peft

    targets = layers if layers == "all-linear" else layers.split(",")
    return peft.get_peft_model(model, peft.LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules=targets, task_type="CAUSAL_LM"))


def main():
    batch, length, steps, threads = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = make_model()
    if len(sys.argv) > 5:
        model = add_adapters(model, sys.argv[5])
    model.train()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=2e-5)
    seconds = []
    for _ in range(steps):
        tokens = torch.randint(0, 49152, (batch, length))
        began = time.perf_counter()
        optimizer.zero_grad()
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        loss.item()
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "trained": sum(weight.numel() for weight in trained)}))


main()
