#!/usr/bin/env python3
"""Writes the seeds of the tokenizer-model fuzz target: small models of SentencePiece, whole and broken.

    make_corpus.py [OUTDIR]        (default: ../corpus/tokenizer-model beside this folder)
"""

import pathlib
import struct
import sys

UNIGRAM, BPE, WORD = 1, 2, 3
NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def integer(number, value):
    return varint(number << 3) + varint(value)


def block(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def piece(text, score=0.0, kind=NORMAL):
    data = block(1, text.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score)
    return block(1, data + (b"" if kind == NORMAL else integer(3, kind)))


SPECIALS = piece("<unk>", 0, UNKNOWN) + piece("<s>", 0, CONTROL) + piece("</s>", 0, CONTROL)
WORDS = piece("\u2581", -2.0) + piece("a", -3.0) + piece("b", -4.0) + piece("ab", -1.5) + piece("\u2581H", -3.25)
BYTES = b"".join(piece(f"<0x{b:02X}>", 0, BYTE) for b in range(256))


def model(pieces, kind, normalizer=b"", trainer=b""):
    return pieces + block(2, integer(3, kind) + trainer) + block(3, normalizer)


def charsmap():
    units = [0] * 256
    units[0] = 1 << 10
    units[1 ^ ord("H")] = ord("H") | 1 << 8 | (1 ^ ord("H") ^ 2) << 10
    units[2] = 1 << 31
    array = struct.pack("<256I", *units)
    return struct.pack("<I", len(array)) + array + b"ab\0"


def seeds():
    yield "unigram", model(SPECIALS + WORDS, UNIGRAM)
    yield "bpe", model(SPECIALS + BYTES + WORDS, BPE)
    yield "user-defined", model(SPECIALS + WORDS + piece("Hello", 0, USER) + piece("w", 0, UNUSED), UNIGRAM)
    yield "keeps-spaces", model(SPECIALS + WORDS, UNIGRAM, integer(3, 0) + integer(4, 0))
    yield "map", model(SPECIALS + WORDS, UNIGRAM, block(2, charsmap()))
    yield "map-beyond", model(SPECIALS + WORDS, UNIGRAM, block(2, struct.pack("<I", 1 << 30) + b"abc"))
    yield "map-cut", model(SPECIALS + WORDS, UNIGRAM, block(2, charsmap()[:100]))
    yield "no-ids", model(SPECIALS + WORDS, BPE, b"", integer(40, -1) + integer(41, -1) + integer(42, -1))
    yield "ids-beyond", model(SPECIALS + WORDS, BPE, b"", integer(40, 2**31 - 1) + integer(41, 99))
    yield "words", model(SPECIALS + WORDS, WORD)
    yield "suffix", model(SPECIALS + WORDS, UNIGRAM, b"", integer(24, 1))
    yield "twice", model(SPECIALS + WORDS + WORDS, BPE)
    yield "infinite", model(SPECIALS + piece("a", float("inf")) + piece("b", float("nan")), UNIGRAM)
    yield "long-piece", model(SPECIALS + piece("a" * 1025, -1.0), UNIGRAM)
    yield "not-text", model(SPECIALS + WORDS + block(1, block(1, b"\xe2\x96")), UNIGRAM)
    yield "empty-piece", model(SPECIALS + WORDS + piece(""), BPE)
    yield "none", model(b"", UNIGRAM)
    yield "empty", b""
    yield "truncated", model(SPECIALS + WORDS, UNIGRAM)[:-3]
    yield "length-beyond", SPECIALS + varint(1 << 3 | 2) + varint((1 << 64) - 1)
    yield "group", SPECIALS + varint(7 << 3 | 3)
    yield "long-varint", b"\xff" * 20
    yield "fixed", model(SPECIALS + WORDS, UNIGRAM) + varint(9 << 3 | 1) + bytes(8) + varint(10 << 3 | 5) + bytes(4)


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "tokenizer-model"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
