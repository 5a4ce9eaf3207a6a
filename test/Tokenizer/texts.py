"""Random texts to tokenize: any code points, words in many scripts, blocks of Unicode, and what is known to be tricky."""

import random

WORDS = (
    "the of and to in is that it was for on are with as his they be at one have this from or had by hot but some what "
    "Which Their TIME will WAY about many then HELLO World's don't I'll we've they'RE 123 45678 3.14 2024-01-01 foo_bar "
    "camelCase http://x.y/z?q=1 a@b.c na\u00efve caf\u00e9 Z\u00fcrich \u041c\u043e\u0441\u043a\u0432\u0430 \u6771\u4eac\u90fd "
    "\u5317\u4eac \ud55c\uad6d\uc5b4 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea "
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea "
    "\u00bd \u00b2 \ufb01"
).split(" ")
GAPS = [" ", "  ", "\n", ", ", ". ", "-", "", "\t", "\u3000", "\u00a0"]
TRICKY = (
    ["a", "B", "\u00e9", "e\u0301", "1", "\u0663", " ", "  ", "\n", "\r\n", "\t", "'s", "'S", "!", "\u2026", "\u2014"]
    + ["\u4e2d", "\u00df", "\u0130", "\u017f", "K", "\u212a", "\u200b", "\u200d", "\ufeff", "\ufffd", "\0", "\u00ad"]
    + ["\U0001f600", "\ue000", "\u0345", "##", "[UNK]", "[CLS]", "<|im_start|>", "<|endoftext|>", " <|im_end|> ", "<s>"]
    + ["\u00bd", "\u2167", "\ufb03", "\u180e", "\u2028", "\u0085", "\u2581", "</s>", "<0x41>", "``", "''"]
)
BLOCKS = [0, 0, 0x80, 0x100, 0x300, 0x370, 0x400, 0x590, 0x600, 0x900, 0xE00, 0x1100, 0x1E00, 0x2000, 0x2100, 0x3040]
BLOCKS += [0x4E00, 0xAC00, 0xFB00, 0xFF00, 0x10400, 0x16D40, 0x1D400, 0x1F300, 0x1F600, 0x20000, 0x31350]


def texts(count, seed):
    """`count` strings, the same for the same seed."""
    rng = random.Random(seed)
    for index in range(count):
        length = rng.randint(1, 24)
        match index % 5:
            case 0:
                points = (rng.randrange(0x110000) for _ in range(length))
                yield "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)
            case 1:
                yield "".join(rng.choice(WORDS) + rng.choice(GAPS) for _ in range(length))
            case 2:
                block = rng.choice(BLOCKS)
                yield "".join(chr(block + rng.randrange(256)) for _ in range(length))
            case 3:
                yield "".join(rng.choice(TRICKY) for _ in range(length))
            case _:
                ranges = [(0x20, 0x250), (0x20, 0x250), (0x20, 0x7F), (0x370, 0x600), (0x1E00, 0x2100)]
                yield "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(length))
