#!/usr/bin/env python3
"""Writes the seeds of the tokenizer-json fuzz target: a small tokenizer.json for each kind of each component.

    make_corpus.py [OUTDIR]        (default: ../corpus/tokenizer-json beside this folder)
"""

import base64
import json
import pathlib
import struct
import sys

BPE = {"type": "BPE", "vocab": {c: i for i, c in enumerate(["a", "b", "ab", "\u0120", "\u0120a", "<s>"])},
       "merges": ["a b", ["\u0120", "a"]]}  # fmt: skip
WORD_LEVEL = {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "a": 1, "b": 2, " ": 3}}
UNIGRAM = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["\u2581", -2.0], ["a", -1.0], ["\u2581ab", -3.5]]}
WORD_PIECE = {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "hello": 3}}


def charsmap():
    """A double array with one entry, "a" to "bb"."""
    units = [0] * 256
    units[0] = 1 << 10  # offset 1
    units[1 ^ ord("a")] = ord("a") | 1 << 8 | (1 ^ ord("a") ^ 2) << 10  # a value at node 2
    units[2] = 1 << 31
    array = struct.pack("<256I", *units)
    return base64.b64encode(struct.pack("<I", len(array)) + array + b"bb\0").decode()


NORMALIZERS = [{"type": kind} for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel")]
NORMALIZERS += [
    {"type": "Strip", "strip_left": True, "strip_right": False},
    {"type": "Prepend", "prepend": "\u2581"},
    {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
    {"type": "Replace", "pattern": {"Regex": "\\s{2,}|(a|b)*c"}, "content": "aa"},
    {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
    {"type": "Precompiled", "precompiled_charsmap": charsmap()},
    {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 31}] * 9},
]
PRE_TOKENIZERS = [{"type": kind} for kind in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Punctuation")]
PRE_TOKENIZERS += [
    {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True},
    {"type": "Digits", "individual_digits": True},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True},
    {"type": "CharDelimiterSplit", "delimiter": ","},
    {"type": "FixedLength", "length": 2},
    {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "ByteLevel", "use_regex": False}]},
    {"type": "Split", "pattern": {"String": "l"}, "behavior": "Contiguous", "invert": True},
    {"type": "Split", "pattern": {"Regex": "(?i:'s)|[^\\r\\n\\p{L}]?+\\p{L}{1,3}+|\\h[\\w&&a]"}, "behavior": "Isolated"},
    {"type": "Split", "pattern": {"Regex": "(a+)+$|(?=x)|\\u00e9"}, "behavior": "MergedWithNext", "invert": False},
    {"type": "Split", "pattern": {"Regex": "\\p{Han}|[[:upper:]\\S]"}, "behavior": "MergedWithPrevious"},
    {"type": "UnicodeScripts"},
]
DECODERS = [{"type": kind} for kind in ("ByteLevel", "ByteFallback", "Metaspace", "WordPiece", "BPEDecoder", "CTC")]
DECODERS += [
    {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1}]},
    {"type": "Replace", "pattern": {"Regex": "a|b"}, "content": "cc"},
]
POST_PROCESSORS = [
    {"type": "ByteLevel"},
    {"type": "BertProcessing", "sep": ["b", 1], "cls": ["a", 0]},
    {"type": "RobertaProcessing", "sep": ["b", 1], "cls": ["a", 0], "trim_offsets": True},
    {"type": "Sequence", "processors": [{"type": "TemplateProcessing", "single": [
        {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [5, 0], "tokens": ["<s>"]}}}]},
]  # fmt: skip


def added(id, content, **flags):
    names = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": id, "content": content, **{name: flags.get(name, False) for name in names}}


def seeds():
    for number, normalizer in enumerate(NORMALIZERS):
        yield f"normalizer-{number:02}", {"normalizer": normalizer, "model": WORD_LEVEL}
    for number, pre in enumerate(PRE_TOKENIZERS):
        yield f"pre-tokenizer-{number:02}", {"pre_tokenizer": pre, "model": BPE if number % 2 else WORD_LEVEL}
    for number, decoder in enumerate(DECODERS):
        yield f"decoder-{number:02}", {"decoder": decoder, "model": UNIGRAM if number % 2 else BPE}
    for number, processor in enumerate(POST_PROCESSORS):
        yield f"post-processor-{number:02}", {"post_processor": processor, "model": BPE}
    yield "unigram", {"model": {**UNIGRAM, "byte_fallback": True}, "pre_tokenizer": PRE_TOKENIZERS[6]}
    yield "word-piece", {"model": WORD_PIECE, "normalizer": NORMALIZERS[12], "pre_tokenizer": {"type": "BertPreTokenizer"}}
    yield "continuing", {"model": {**BPE, "vocab": {"a": 0, "##b": 1, "ab": 2}, "merges": ["a ##b"], "unk_token": "a",
                                   "continuing_subword_prefix": "##", "fuse_unk": True}}  # fmt: skip
    yield "ending", {"model": {**BPE, "vocab": {"a": 0, "b</w>": 1, "ab</w>": 2}, "merges": ["a b</w>"],
                               "end_of_word_suffix": "</w>", "ignore_merges": True, "byte_fallback": True}}  # fmt: skip
    yield "added", {"model": BPE, "normalizer": {"type": "Lowercase"}, "added_tokens": [
        added(5, "<s>", special=True, lstrip=True), added(6, "World", normalized=True, single_word=True),
        added(7, "  ", rstrip=True), added(9, "Hello", normalized=True)]}  # fmt: skip
    yield "far-id", {"model": {**WORD_LEVEL, "vocab": {"u": 0, "x": 16_000_000}}}
    yield "added-far", {"model": WORD_LEVEL, "added_tokens": [added(16_000_000, "x")]}
    yield "same-id", {"model": WORD_LEVEL, "added_tokens": [added(1, "other")]}
    yield "no-model", {"normalizer": None}
    yield "wrong-kinds", {"model": {"type": "BPE", "vocab": [], "merges": {}}, "added_tokens": 7}
    yield "many-steps", {"model": WORD_LEVEL, "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}] * 65}}
    yield "negative-id", {"model": {**WORD_LEVEL, "vocab": {"u": -1}}}
    yield "long-token", {"model": {**UNIGRAM, "vocab": [["a" * 1025, 0.0]]}}
    yield "not-finite", {"model": {**UNIGRAM, "vocab": [["a", 1e308], ["b", -1e308]]}}


def main():
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "corpus" / "tokenizer-json"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_text(json.dumps(data, separators=(",", ":")))
    (out / "deep").write_text('{"model":' + '{"a":' * 100 + "1" + "}" * 101)
    (out / "deep-sequence").write_text('{"normalizer":' + '{"type":"Sequence","normalizers":[' * 31 + "]}" * 31 + "}")
    text = " ab\u0301 \ufb01 HELLO World  \u4e2d\U0001f600 <s> 123"
    both = json.dumps({"model": BPE, "pre_tokenizer": PRE_TOKENIZERS[4]}).encode() + b"\0" + text.encode() + b"\xff\xc3"
    (out / "with-text").write_bytes(both)


if __name__ == "__main__":
    main()
