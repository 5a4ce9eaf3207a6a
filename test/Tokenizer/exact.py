"""100,000 random texts by MiniLM's and SmolLM2's tokenizers, exactly as Hugging Face's tokenizers make them.

exact.py MODEL COUNTS [TEXTS]
"""

import pathlib
import sys
import tempfile

from peer import compare, lines, minilm, same, smollm2
from texts import texts
from tokenizers import Tokenizer

# Bytes without a token in SmolLM2's vocabulary.
LACKING = {0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xF1, 0xF2}


def main():
    model, counts = sys.argv[1:3]
    some = list(texts(int(sys.argv[3]) if len(sys.argv) > 3 else 100_000, seed=20261123))
    folder = minilm()
    done = compare("MiniLM", Tokenizer.from_file(str(folder / "tokenizer.json")), folder / "tokenizer.json", some)
    # Its other files say the same.
    few = some[:5000]
    done += compare("MiniLM's folder", Tokenizer.from_file(str(folder / "tokenizer.json")), folder, few)
    done += compare("MiniLM's vocab.txt", Tokenizer.from_file(str(folder / "tokenizer.json")), folder / "vocab.txt", few)
    tokenizer = smollm2(model)
    done += compare("SmolLM2, GGUF", tokenizer, model, some, special=False)
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "tokenizer.json"
        tokenizer.save(str(path))
        done += compare("SmolLM2, tokenizer.json", tokenizer, path, some)
        ids = [encoding.ids for encoding in tokenizer.encode_batch(some)]
        decoded = lines(path, some, "--decoded")
        same("SmolLM2, decoded", some, decoded, tokenizer.decode_batch(ids, skip_special_tokens=False))
    # Its vocabulary lacks the tokens of a few bytes; what has none of these comes back as it was.
    whole = [i for i, text in enumerate(some) if not LACKING & set(text.encode())]
    assert len(whole) > len(some) * 0.7, len(whole)
    same("SmolLM2, there and back", whole, [decoded[i] for i in whole], [some[i] for i in whole])
    pathlib.Path(counts).write_text(f"{done} texts exactly as Hugging Face's tokenizers, {len(whole)} the same when decoded\n")


if __name__ == "__main__":
    main()
