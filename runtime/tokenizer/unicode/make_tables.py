#!/usr/bin/env python3
"""Writes Tables.inc: where the characters of Hugging Face's tokenizers differ from those of the libraries used here.

    make_tables.py > Tables.inc

Its regular expressions (Oniguruma) know Unicode 16, its normalizers partly Unicode 8 and partly 17, its scripts are
those of Unicode 9; Debian's PCRE2 knows Unicode 14 and utf8proc 15, which has no scripts. Every code point is asked for: run it where the package tokenizers is installed, with a
Python whose unicodedata is PCRE2's Unicode 14, and with libutf8proc.
"""

import ctypes
import sys
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cf".split()
ASCII_PUNCTUATION = {c for c in range(33, 127) if not chr(c).isalnum()}
utf8proc = ctypes.CDLL("libutf8proc.so.2")
LIBRARY = ["Cn", *"Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()]
category = {c: LIBRARY[utf8proc.utf8proc_category(c)] for c in POINTS}


def ranges(points):
    found = []
    for point, value in sorted(points.items()):
        if found and found[-1][1] == point - 1 and found[-1][2] == value:
            found[-1][1] = point
        else:
            found.append([point, point, value])
    return found


def table(kind, name, comment, points, row):
    print(f"// {comment}\nconstexpr {kind} {name}[] = {{")
    line = "   "
    for first, last, value in ranges(points):
        text = " " + row(first, last, value) + ","
        if len(line) + len(text) > 120:
            print(line)
            line = "   "
        line += text
    print(line + "\n};")


def flipped(name, comment, theirs, ours):
    table("CodePointRange", name, comment, {c: 0 for c in theirs ^ ours}, lambda a, b, _: f"{{{a:#x}, {b:#x}}}")


def matched(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "removed")
    return {c for c in POINTS if not split.pre_tokenize_str(chr(c))}


def isolated(splitter):
    return {c for c in POINTS if c not in (97, 98) and len(splitter.pre_tokenize_str(f"a{chr(c)}b")) > 1}


def scripts():
    """A number from 1 for each code point with a script. Those without one never end a piece, and at the front vanish."""
    cut = pre_tokenizers.UnicodeScripts().pre_tokenize_str
    samples, found = [], {}
    for run, _ in cut("".join(chr(c) for c in POINTS if cut(chr(c)))):
        number = next((i for i, sample in enumerate(samples) if len(cut(sample + run[0])) == 1), len(samples))
        if number == len(samples):
            samples.append(run[0])
        found.update(dict.fromkeys(map(ord, run), number + 1))
    return found


def changed(normalizer):
    result = {c: normalizer.normalize_str(chr(c)) for c in POINTS}
    return {c: text for c, text in result.items() if text != chr(c)}


def decomposed(point, options):
    bytes_in, out = chr(point).encode(), ctypes.POINTER(ctypes.c_char)()
    size = utf8proc.utf8proc_map(bytes_in, len(bytes_in), ctypes.byref(out), options)
    return ctypes.string_at(out, size).decode()


def main():
    if unicodedata.unidata_version != "14.0.0":
        sys.exit("error: this needs a Python with the Unicode of Debian's PCRE2, 14.0.0 (Python 3.11)")
    print("// Written by make_tables.py. Where a table is of ranges to flip, a character's property is utf8proc's, or its")
    print("// opposite if a range has it.")
    new = {}
    for name in CATEGORIES:
        for point in matched(rf"\p{{{name}}}"):
            if unicodedata.category(chr(point)) == "Cn":
                new[point] = name
    table("NewCharacters", "newCharacters", "Characters that PCRE2 doesn't know yet, with their general category.", new,
          lambda a, b, v: f'{{{a:#x}, {b:#x}, "{v}"}}')
    han = {c for c in matched(r"\p{Han}") if c in new}
    flipped("newHan", "Those of them that are Han.", han, set())

    other = {c for c, text in changed(normalizers.BertNormalizer(True, False, False, False)).items() if not text}
    flipped("bertOther", "Flips: what BertNormalizer's clean_text removes, of categories Cc, Cf and Co.",
            other - {0, 0xFFFD}, {c for c in POINTS if category[c] in ("Cc", "Cf", "Co") and c not in (0, 9, 10, 13)})
    accents = changed(normalizers.BertNormalizer(False, False, True, False))
    flipped("bertMark", "Flips: what BertNormalizer's strip_accents removes, of category Mn.",
            {c for c, text in accents.items() if not text}, {c for c in POINTS if category[c] == "Mn"})
    flipped("punctuation", "Flips: what Punctuation and BertPreTokenizer cut out, of categories P and ASCII's.",
            isolated(pre_tokenizers.Punctuation()),
            {c for c in POINTS if category[c][0] == "P"} | ASCII_PUNCTUATION)
    flipped("combining", "Flips: what StripAccents removes, of categories M.",
            {c for c, text in changed(normalizers.StripAccents()).items() if not text},
            {c for c in POINTS if category[c][0] == "M"})
    flipped("numeric", "Flips: what Digits cuts out, of categories N.", isolated(pre_tokenizers.Digits(True)),
            {c for c in POINTS if category[c][0] == "N"})
    word = {c for c in POINTS if len(pre_tokenizers.Whitespace().pre_tokenize_str(f"a{chr(c)}b")) == 1}
    flipped("word", "Flips: what Whitespace counts as of a word, of categories L, M, Nd and Pc.", word,
            {c for c in POINTS if category[c][0] in "LM" or category[c] in ("Nd", "Pc")})

    table("ScriptRange", "scripts", "The scripts that UnicodeScripts tells apart, numbered as they first come.", scripts(),
          lambda a, b, v: f"{{{a:#x}, {b:#x}, {v}}}")

    lower = changed(normalizers.Lowercase())
    table("CaseRange", "lowercase", "What utf8proc lowers otherwise: by how much, modulo 2^32.",
          {c: (ord(lower.get(c, chr(c))) - c) & 0xFFFFFFFF for c in POINTS
           if c != 0x130 and lower.get(c, chr(c)) != chr(utf8proc.utf8proc_tolower(c))},
          lambda a, b, v: f"{{{a:#x}, {b:#x}, {v:#x}}}")
    for name, normalizer, options in (("keptByD", normalizers.NFD(), 2 | 16), ("keptByKD", normalizers.NFKD(), 2 | 4 | 16)):
        theirs = changed(normalizer)
        differ = {c for c in POINTS if theirs.get(c, chr(c)) != decomposed(c, options)}
        wrong = [c for c in differ if c in theirs]
        if wrong:
            sys.exit(f"error: {name}: these decompose to something else: {wrong}")
        flipped(name, "Characters that stay as they are, though utf8proc decomposes them.", differ, set())


if __name__ == "__main__":
    main()
