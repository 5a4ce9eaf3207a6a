"""UnicodeScripts beside Hugging Face's: the script of every code point, and random strings of many scripts.

scripts.py FOLDER COUNTS. A space before each piece and a vocabulary of bytes alone make the ids spell the pieces.
"""

import pathlib
import random
import sys

from peer import compare
from texts import texts
from tokenizers import Tokenizer, models
from tokenizers import pre_tokenizers as P

POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CUT = P.UnicodeScripts().pre_tokenize_str
RANDOM = 20000


def spelling():
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(sorted(P.ByteLevel.alphabet()))}, []))
    tokenizer.pre_tokenizer = P.Sequence([P.UnicodeScripts(), P.ByteLevel(add_prefix_space=True, use_regex=False)])
    return tokenizer


def scripts():
    """The code points of each script that tokenizers tells apart, and those without."""
    none, some, classes = [], [], []
    for point in POINTS:
        (some if CUT(point) else none).append(point)
    for run, _ in CUT("".join(some)):
        known = next((each for each in classes if len(CUT(each[0] + run[0])) == 1), None)
        if known is None:
            classes.append(list(run))
        else:
            known += run
    return none, classes


def parts(points, size=4096):
    return ("".join(points[begin : begin + size]) for begin in range(0, len(points), size))


def every(none, classes):
    """If the pieces of these are the same, so is the script of each code point."""
    for each in classes:  # one piece
        yield from (each[0] + part for part in parts(each))
    yield from parts(none)  # no piece
    for each in classes:  # pieces of one character
        yield "".join(each[0] + other[0] for other in classes)


def mixed(none, classes, count, seed):
    rng = random.Random(seed)
    kana = ["\u3042", "\u30a2", "\u30fc", "\u4e2d", "\u3001", "\uff70", "\u309b"]
    for _ in range(count):
        near = rng.sample(classes, rng.randint(1, 4)) + [none, [" "], kana]
        yield "".join(rng.choice(rng.choice(near)) for _ in range(rng.randint(1, 40)))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, path = spelling(), folder / "scripts.json"
    tokenizer.save(str(path))
    none, classes = scripts()
    compare("every code point", tokenizer, path, list(every(none, classes)))
    count = compare("mixed", tokenizer, path, list(mixed(none, classes, RANDOM // 2, 17)) + list(texts(RANDOM // 2, 18)))
    pathlib.Path(sys.argv[2]).write_text(f"{len(POINTS)} code points in {len(classes)} scripts, and {count} random strings "
                                         "of many, cut by UnicodeScripts as Hugging Face's\n")  # fmt: skip


if __name__ == "__main__":
    main()
