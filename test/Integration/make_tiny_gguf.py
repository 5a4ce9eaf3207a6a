#!/usr/bin/env python3
"""Writes a small Llama model with random weights as a GGUF file, with a tokenizer and a chat template that work.

    make_tiny_gguf.py OUT [--layers 2 --width 64 --heads 4 --kv-heads 2 --ff 128 --vocab 320 --type q4_1 --seed 1 ...]
    make_tiny_gguf.py OUT --sparse-bytes 4G

The second form writes a model of about that size whose weights are a hole in the file: all zero, no disk used. It is
for limits on memory. Needs nothing but Python; a model of the default size takes a tenth of a second.
"""

import argparse
import itertools
import math
import random
import struct
import sys

F32, F16, Q4_0, Q4_1, Q8_0 = 0, 1, 2, 3, 8
TYPES = {"f32": F32, "f16": F16, "q4_0": Q4_0, "q4_1": Q4_1, "q8_0": Q8_0}
BLOCK = {F32: (1, 4), F16: (1, 2), Q4_0: (32, 18), Q4_1: (32, 20), Q8_0: (32, 34)}
U32, I32, FLOAT, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALARS = {U32: "<I", I32: "<i", FLOAT: "<f", BOOL: "<?"}
ALIGNMENT = 32
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, payload, element=None):
    """A metadata value with its type in front. For arrays `payload` is a list and `element` its type."""
    head = struct.pack("<I", kind)
    if kind == ARRAY:
        items = (string(x) if element == STRING else struct.pack(SCALARS[element], x) for x in payload)
        return head + struct.pack("<IQ", element, len(payload)) + b"".join(items)
    return head + (string(payload) if kind == STRING else struct.pack(SCALARS[kind], payload))


def size_of(kind, shape):
    elements, size = BLOCK[kind]
    return math.prod(shape) // elements * size


def half(x):
    return struct.unpack("<e", struct.pack("<e", x))[0]


def encode_block(kind, x):
    """One block of ggml type `kind`, quantized the plain way: nearest code for the block's own range."""
    if kind == Q8_0:
        scale = half(max(map(abs, x)) / 127)
        codes = [max(-127, min(127, round(v / scale))) if scale else 0 for v in x]
        return struct.pack("<e32b", scale, *codes)
    if kind == Q4_0:
        scale = half(max(x, key=abs) / -8)
        codes = [max(0, min(15, round(v / scale) + 8)) if scale else 8 for v in x]
        head = struct.pack("<e", scale)
    else:
        low = half(min(x))
        scale = half((max(x) - low) / 15)
        codes = [max(0, min(15, round((v - low) / scale))) if scale else 0 for v in x]
        head = struct.pack("<ee", scale, low)
    return head + bytes(codes[j] | codes[j + 16] << 4 for j in range(16))


def encode(kind, x):
    if kind == F32:
        return struct.pack(f"<{len(x)}f", *x)
    if kind == F16:
        return struct.pack(f"<{len(x)}e", *x)
    return b"".join(encode_block(kind, x[i : i + 32]) for i in range(0, len(x), 32))


def byte_tokens():
    """The 256 characters that stand for bytes in byte-level BPE, as GPT-2 chose them."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    extra = (chr(0x100 + n) for n in itertools.count())
    return [chr(b) if b in plain else next(extra) for b in range(256)]


def vocabulary(size):
    """Tokens, their types (1 normal, 3 control) and merges: specials, bytes, then merges of frequent letters."""
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + byte_tokens()
    types = [3] * 3 + [1] * 256
    if size < len(tokens):
        sys.exit(f"the vocabulary needs at least {len(tokens)} tokens")
    merges, seen = [], set(tokens)
    parts = list("\u0120etaoinshrdlu")
    for length in itertools.count(2):
        # Tokens of `length` letters: one of a letter less, and a letter.
        new = []
        for left, right in itertools.product(parts, "etaoinshrdlu"):
            if len(tokens) == size:
                return tokens, types, merges
            if left + right not in seen:
                seen.add(left + right)
                merges.append(f"{left} {right}")
                tokens.append(left + right)
                types.append(1)
                new.append(left + right)
        parts = new


def metadata(a):
    tokens, types, merges = vocabulary(a.vocab)
    arch = a.architecture
    return {
        "general.architecture": value(STRING, arch),
        "general.name": value(STRING, "tiny"),
        f"{arch}.block_count": value(U32, a.layers),
        f"{arch}.context_length": value(U32, a.context),
        f"{arch}.embedding_length": value(U32, a.width),
        f"{arch}.feed_forward_length": value(U32, a.ff),
        f"{arch}.attention.head_count": value(U32, a.heads),
        f"{arch}.attention.head_count_kv": value(U32, a.kv_heads),
        f"{arch}.rope.freq_base": value(FLOAT, 10000.0),
        f"{arch}.attention.layer_norm_rms_epsilon": value(FLOAT, 1e-5),
        f"{arch}.vocab_size": value(U32, a.vocab),
        f"{arch}.rope.dimension_count": value(U32, a.width // a.heads),
        "tokenizer.ggml.add_space_prefix": value(BOOL, False),
        "tokenizer.ggml.add_bos_token": value(BOOL, False),
        "tokenizer.ggml.model": value(STRING, "gpt2"),
        "tokenizer.ggml.pre": value(STRING, "smollm"),
        "tokenizer.ggml.tokens": value(ARRAY, tokens, STRING),
        "tokenizer.ggml.token_type": value(ARRAY, types, I32),
        "tokenizer.ggml.merges": value(ARRAY, merges, STRING),
        "tokenizer.ggml.bos_token_id": value(U32, 1),
        "tokenizer.ggml.eos_token_id": value(U32, 2),
        "tokenizer.ggml.unknown_token_id": value(U32, 0),
        "tokenizer.ggml.padding_token_id": value(U32, 2),
        "tokenizer.chat_template": value(STRING, a.chat_template),
    }


def tensors(a):
    """(name, type, shape) of every tensor, rows first."""
    kind, embedding = TYPES[a.type], TYPES[a.embedding_type or a.type]
    kv = a.width // a.heads * a.kv_heads
    yield "token_embd.weight", embedding, (a.vocab, a.width)
    for n in range(a.layers):
        yield f"blk.{n}.attn_norm.weight", F32, (a.width,)
        yield f"blk.{n}.attn_q.weight", kind, (a.width, a.width)
        yield f"blk.{n}.attn_k.weight", kind, (kv, a.width)
        yield f"blk.{n}.attn_v.weight", kind, (kv, a.width)
        yield f"blk.{n}.attn_output.weight", kind, (a.width, a.width)
        yield f"blk.{n}.ffn_norm.weight", F32, (a.width,)
        yield f"blk.{n}.ffn_gate.weight", kind, (a.ff, a.width)
        yield f"blk.{n}.ffn_up.weight", kind, (a.ff, a.width)
        yield f"blk.{n}.ffn_down.weight", kind, (a.width, a.ff)
    yield "output_norm.weight", F32, (a.width,)
    if a.untied:
        yield "output.weight", embedding, (a.vocab, a.width)


def padded(n):
    return -(-n // ALIGNMENT) * ALIGNMENT


def header(a):
    """All bytes before the data, padded, and the list of (offset, type, shape) below it."""
    keys, places, infos, offset = metadata(a), [], b"", 0
    for name, kind, shape in tensors(a):
        infos += string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *reversed(shape))
        infos += struct.pack("<IQ", kind, offset)
        places.append((offset, kind, shape))
        offset = padded(offset + size_of(kind, shape))
    data = b"GGUF" + struct.pack("<IQQ", a.version, len(places), len(keys))
    data += b"".join(string(key) + record for key, record in keys.items()) + infos
    return data.ljust(padded(len(data)), b"\0"), places, offset


def random_values(rng, shape):
    if len(shape) == 1:
        return [1 + rng.gauss(0, 0.1) for _ in range(shape[0])]
    deviation = 1 / math.sqrt(shape[1])
    return [rng.gauss(0, deviation) for _ in range(math.prod(shape))]


def parse_size(text):
    units = {"K": 10, "M": 20, "G": 30}
    return int(text[:-1]) << units[text[-1]] if text[-1] in units else int(text)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out")
    p.add_argument("--layers", type=int)
    p.add_argument("--width", type=int)
    p.add_argument("--heads", type=int)
    p.add_argument("--kv-heads", type=int)
    p.add_argument("--ff", type=int)
    p.add_argument("--vocab", type=int)
    p.add_argument("--context", type=int, default=512)
    p.add_argument("--type", choices=TYPES)
    p.add_argument("--embedding-type", choices=TYPES, help="of token_embd and output (default: as --type)")
    p.add_argument("--untied", action="store_true", help="with an output.weight of its own")
    p.add_argument("--architecture", default="llama")
    p.add_argument("--version", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--chat-template", default=CHAT_TEMPLATE)
    p.add_argument("--sparse-bytes", type=parse_size, help="size of the file, e.g. 4G; --layers follows from it")
    a = p.parse_args()
    tiny = dict(layers=2, width=64, heads=4, kv_heads=2, ff=128, vocab=320, type="q4_1")
    large = dict(layers=0, width=2048, heads=32, kv_heads=8, ff=8192, vocab=1024, type="q4_1")
    for name, default in (large if a.sparse_bytes else tiny).items():
        if getattr(a, name) is None:
            setattr(a, name, default)
    if a.sparse_bytes and not a.layers:
        a.layers = 1
        one = header(a)[2]
        a.layers = 2
        a.layers = max(1, round((a.sparse_bytes - one) / (header(a)[2] - one)) + 1)
    return a


def main():
    a = arguments()
    head, places, size = header(a)
    rng = random.Random(a.seed)
    with open(a.out, "wb") as out:
        out.write(head)
        if not a.sparse_bytes:
            for offset, kind, shape in places:
                out.seek(len(head) + offset)
                out.write(encode(kind, random_values(rng, shape)))
        out.truncate(len(head) + size)


if __name__ == "__main__":
    main()
