"""Measures llama.cpp on a GGUF file through the C functions that llama-bench uses; no Python work is timed.

Runs inside a virtual environment that has llama-cpp-python; prints one JSON object:
  pp512, tg128   tokens per second: 512 tokens in one batch; 128 single tokens from an empty context;
                 medians of the repetitions
  first_token    seconds from the start of loading to the first token chosen after a prompt of 5 tokens
  peak_rss       bytes, the process's peak less what Python and the library had before they loaded the model
"""

import argparse
import json
import statistics
import sys
import time

import llama_cpp as llama

PROMPT = [504, 3575, 282, 4649, 314]  # "The capital of France is"


def memory(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key + ":"))


class Context:
    """A model and a context of `threads` threads; batches of up to 512 tokens are computed whole."""

    def __init__(self, path, threads):
        parameters = llama.llama_model_default_params()
        self.model = llama.llama_model_load_from_file(path.encode(), parameters)
        if not self.model:
            sys.exit(f"error: llama.cpp cannot load '{path}'")
        context = llama.llama_context_default_params()
        context.n_ctx, context.n_batch, context.n_ubatch = 1024, 512, 512
        context.n_threads = context.n_threads_batch = threads
        self.context = llama.llama_init_from_model(self.model, context)

    def clear(self):
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)

    def decode(self, tokens):
        """Runs the tokens (a C array) after what the context holds and waits for the logits."""
        if llama.llama_decode(self.context, llama.llama_batch_get_one(tokens, len(tokens))):
            sys.exit("error: llama_decode failed")
        llama.llama_synchronize(self.context)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("-t", "--threads", type=int, default=2)
    parser.add_argument("-p", "--prompt", type=int, default=512)
    parser.add_argument("-n", "--generate", type=int, default=128)
    parser.add_argument("-r", "--repetitions", type=int, default=5)
    options = parser.parse_args()

    # llama.cpp keeps the pointer only: the callback must live as long as the process.
    quiet = llama.llama_log_callback(lambda level, text, data: None)
    llama.llama_log_set(quiet, None)
    before = memory("VmHWM")
    began = time.perf_counter()
    llama.llama_backend_init()
    context = Context(options.model, options.threads)
    context.decode((llama.llama_token * len(PROMPT))(*PROMPT))
    logits = llama.llama_get_logits_ith(context.context, -1)
    count = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(context.model))
    first_token = time.perf_counter() - began
    best = max(range(count), key=logits.__getitem__)

    prompt = (llama.llama_token * options.prompt)(*(100 + i for i in range(options.prompt)))
    single = [(llama.llama_token * 1)(50 + i) for i in range(options.generate)]
    prefill, decode = [], []
    for repetition in range(-1, options.repetitions):  # -1 warms up: pages, threads
        context.clear()
        began = time.perf_counter()
        context.decode(prompt)
        middle = time.perf_counter()
        context.clear()
        restarted = time.perf_counter()
        for token in single:
            context.decode(token)
        if repetition >= 0:
            prefill.append(options.prompt / (middle - began))
            decode.append(options.generate / (time.perf_counter() - restarted))
    result = {
        "pp512": statistics.median(prefill),
        "tg128": statistics.median(decode),
        "first_token": first_token,
        "first_id": best,
        "peak_rss": memory("VmHWM") - before,
        "threads": options.threads,
        "system": llama.llama_print_system_info().decode(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
