"""Vocabularies in GGUF whose lists are of another type or length than readers expect: `ph tokenize` names the key.

usage: confused.py SCRATCH MAKE_CORPUS

MAKE_CORPUS is fuzz/Gguf/make_corpus.py, which writes the files. The first is whole and must be read. Prints a line for each.
"""

import importlib.util
import pathlib
import subprocess
import sys

TOKENS = ["<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab"]
U32, I32, F32, STRING, ARRAY, U64 = 4, 5, 6, 8, 9, 10


def main():
    scratch = pathlib.Path(sys.argv[1])
    scratch.mkdir(parents=True, exist_ok=True)
    spec = importlib.util.spec_from_file_location("make_corpus", sys.argv[2])
    gguf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gguf)
    count = len(TOKENS)
    texts, numbers = gguf.array(STRING, TOKENS), gguf.array(F32, [0.0] * count)
    byte = {  # a vocabulary of SentencePiece, and one of byte-level BPE
        "model": (STRING, gguf.text("gpt2")), "pre": (STRING, gguf.text("default")), "tokens": (ARRAY, texts),
        "merges": (ARRAY, gguf.array(STRING, ["a b"])),
    }  # fmt: skip
    pieces = {
        "model": (STRING, gguf.text("llama")), "tokens": (ARRAY, texts), "scores": (ARRAY, numbers),
        "token_type": (ARRAY, gguf.array(I32, [2, 3, 3, 1, 1, 1, 1])), "bos_token_id": (U32, gguf.scalar(U32, 1)),
    }  # fmt: skip

    def run(name, vocabulary):
        path = scratch / f"{name.replace(' ', '-')}.gguf"
        path.write_bytes(gguf.file([gguf.key("general.architecture", STRING, gguf.text("llama")),
                                    *(gguf.key(f"tokenizer.ggml.{key}", *value) for key, value in vocabulary.items())]))  # fmt: skip
        done = subprocess.run(["ph", "tokenize", str(path), "--no-special", "-p", "ab"], capture_output=True, text=True, timeout=60)
        said = done.stderr.replace(str(path), path.name).strip() if done.returncode else " ".join(done.stdout.split())
        print(f"{name}: {done.returncode} {said}", flush=True)

    run("whole pieces", pieces)
    run("whole bytes", byte)
    long = gguf.struct.pack("<IQ", F32, 2**62)
    for key, wrong in {
        "tokens": {"numbers": (ARRAY, gguf.array(U32, range(count))), "one text": (STRING, gguf.text("ab")), "lists": (ARRAY, gguf.array(ARRAY, [texts]))},
        "scores": {"texts": (ARRAY, gguf.array(STRING, ["0"] * count)), "short": (ARRAY, gguf.array(F32, [0.0])), "endless": (ARRAY, long),
                   "one number": (F32, gguf.scalar(F32, 0.0))},
        "token_type": {"texts": (ARRAY, gguf.array(STRING, ["1"] * count)), "short": (ARRAY, gguf.array(I32, [1])), "bytes": (U64, gguf.scalar(U64, 2**64 - 1))},
        "model": {"list": (ARRAY, gguf.array(STRING, ["llama"])), "number": (U32, gguf.scalar(U32, 1))},
        "bos_token_id": {"outside": (U32, gguf.scalar(U32, count)), "huge": (U64, gguf.scalar(U64, 2**64 - 1)), "text": (STRING, gguf.text("1"))},
    }.items():  # fmt: skip
        for what, value in wrong.items():
            run(f"{key} as {what}", {**pieces, key: value})
    for what, value in {"numbers": (ARRAY, gguf.array(F32, [0.5])), "lists": (ARRAY, gguf.array(ARRAY, [texts])), "one text": (STRING, gguf.text("a b"))}.items():
        run(f"merges as {what}", {**byte, "merges": value})


if __name__ == "__main__":
    main()
