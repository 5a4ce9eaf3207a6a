"""A tokenizer.json of each kind of component, by Hugging Face's tokenizers: the same ids and the same text again.

kinds.py FOLDER COUNTS. The tokenizers are trained on this repository's own pages.
"""

import json
import pathlib
import sys

from peer import compare, lines, same
from texts import texts
from tokenizers import AddedToken, Regex, Tokenizer, models, trainers
from tokenizers import decoders as D
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P
from tokenizers import processors as X

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [line for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md")
         for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]  # fmt: skip
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>"]
BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
BYTES = [f"<0x{b:02X}>" for b in range(256)]
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES
GPT4 = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s*[\r\n]|\s+(?!\S)|\s+")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?"
         rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{SPACES}")  # fmt: skip
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
DEEPSEEK = [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def train(model, trainer, normalizer=None, pre=None, decoder=None, post=None, added=(), pages=PAGES):
    tokenizer = Tokenizer(model)
    for name, part in (("normalizer", normalizer), ("pre_tokenizer", pre), ("decoder", decoder)):
        if part is not None:
            setattr(tokenizer, name, part)
    tokenizer.train_from_iterator(pages, trainer)
    if post is not None:
        tokenizer.post_processor = post
    tokenizer.add_tokens(list(added))
    return tokenizer


def byte_level(pre=None, decoder=None, options={}, **parts):
    affix = {key: options[key] for key in ("end_of_word_suffix",) if key in options}
    trainer = trainers.BpeTrainer(vocab_size=1500, initial_alphabet=P.ByteLevel.alphabet(), special_tokens=SPECIAL,
                                  show_progress=False, **affix)  # fmt: skip
    pre = pre or P.ByteLevel(add_prefix_space=False)
    return train(models.BPE(**options), trainer, pre=pre, decoder=decoder or D.ByteLevel(), **parts)


def spelled(*steps):
    return P.Sequence([*steps, P.ByteLevel(add_prefix_space=False, use_regex=False)])


def characters(options={}, **parts):
    affix = {key: options[key] for key in ("continuing_subword_prefix",) if key in options}
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=SPECIAL + BYTES, show_progress=False,
                                  max_token_length=16, **affix)  # fmt: skip
    return train(models.BPE(unk_token="<unk>", **options), trainer, **parts)


def unigram(edit=None, **parts):
    trainer = trainers.UnigramTrainer(vocab_size=800, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    tokenizer = train(models.Unigram(), trainer, **parts)
    if edit:
        data = json.loads(tokenizer.to_str())
        edit(data["model"])
        tokenizer = Tokenizer.from_str(json.dumps(data))
    return tokenizer


def word_piece(normalizer, pre=None, **parts):
    trainer = trainers.WordPieceTrainer(vocab_size=1500, special_tokens=BERT_SPECIAL, show_progress=False)
    pre = pre or P.BertPreTokenizer()
    return train(models.WordPiece(unk_token="[UNK]"), trainer, normalizer, pre, D.WordPiece(), **parts)


def words(pre, normalizer=None):
    pages = PAGES + list(texts(500, 99))
    trainer = trainers.WordLevelTrainer(vocab_size=5000, special_tokens=SPECIAL, show_progress=False)
    return train(models.WordLevel(unk_token="<unk>"), trainer, normalizer, pre, pages=pages)


def with_bytes(model):
    model["vocab"] += [[token, -20.0] for token in BYTES]
    model["byte_fallback"] = True


def regex(pattern, behavior="isolated", invert=False):
    return P.Split(Regex(pattern), behavior, invert)


def single(template, *names):
    return X.TemplateProcessing(single=template, special_tokens=[(name, SPECIAL.index(name)) for name in names])


def kinds():
    """Pairs of a name and a function that makes the tokenizer."""
    spaces = D.Sequence([D.Replace("\u2581", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
    bert = X.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    yield "gpt2", lambda: byte_level()
    yield "gpt2-prefix", lambda: byte_level(P.ByteLevel(add_prefix_space=True))
    yield "llama3", lambda: byte_level(spelled(regex(LLAMA3)), options={"ignore_merges": True},
                                       post=X.Sequence([X.ByteLevel(trim_offsets=False), single("<s> $A", "<s>")]))  # fmt: skip
    yield "o200k", lambda: byte_level(spelled(regex(O200K, "removed", True)), normalizer=N.NFC())
    yield "gpt4", lambda: byte_level(spelled(regex(GPT4)))
    yield "deepseek", lambda: byte_level(spelled(*map(regex, DEEPSEEK), P.Digits(True)))
    yield "falcon", lambda: byte_level(P.Sequence([P.Punctuation("contiguous"), P.ByteLevel(add_prefix_space=False),
                                                   P.Digits(False), regex("[0-9][0-9][0-9]")]))  # fmt: skip
    yield "clip", lambda: byte_level(P.Sequence([regex(CLIP, "removed", True), P.ByteLevel(add_prefix_space=False)]),
                                     options={"unk_token": "<unk>", "end_of_word_suffix": "</w>"},
                                     normalizer=N.Sequence([N.NFC(), N.Replace(Regex(r"\s+"), " "), N.Lowercase()]),
                                     post=X.RobertaProcessing(("</s>", 2), ("<s>", 1)))  # fmt: skip
    yield "added", lambda: byte_level(added=[
        AddedToken("<mask>", lstrip=True, special=True, normalized=False), AddedToken("Right", rstrip=True),
        AddedToken("ing", single_word=True), AddedToken("  ", normalized=False),
        AddedToken("both", lstrip=True, rstrip=True, single_word=True)])  # fmt: skip
    yield "llama2", lambda: characters({"byte_fallback": True, "fuse_unk": True}, decoder=spaces,
                                       normalizer=N.Sequence([N.Prepend("\u2581"), N.Replace(" ", "\u2581")]),
                                       post=single("<s> $A", "<s>"))  # fmt: skip
    yield "llama2-first", lambda: characters({"byte_fallback": True}, pre=P.Metaspace(prepend_scheme="first", split=False),
                                             decoder=D.Sequence([D.ByteFallback(), D.Metaspace()]))  # fmt: skip
    yield "gemma", lambda: characters({"byte_fallback": True}, normalizer=N.Replace(" ", "\u2581"),
                                      pre=P.Split(" ", "merged_with_previous"), decoder=spaces)  # fmt: skip
    yield "unknown", lambda: characters(normalizer=N.Lowercase(), pre=P.WhitespaceSplit(), decoder=D.BPEDecoder())
    yield "unknown-fused", lambda: characters({"fuse_unk": True}, normalizer=N.Sequence([N.NFKC(), N.StripAccents()]),
                                              pre=P.Whitespace(), decoder=D.BPEDecoder())  # fmt: skip
    yield "continuing", lambda: characters({"continuing_subword_prefix": "##"}, pre=P.BertPreTokenizer())
    yield "xlm-roberta", lambda: unigram(
        normalizer=N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(" {2,}"), " ")]), pre=P.Metaspace(),
        decoder=D.Metaspace(), post=single("<s> $A </s>", "<s>", "</s>"))  # fmt: skip
    yield "albert", lambda: unigram(
        normalizer=N.Sequence([N.Replace("``", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Strip()]),
        pre=P.Metaspace(prepend_scheme="first"), decoder=D.Metaspace())  # fmt: skip
    yield "t5", lambda: unigram(pre=P.Sequence([P.WhitespaceSplit(), P.Metaspace()]), decoder=D.Metaspace())
    yield "unigram-bytes", lambda: unigram(with_bytes, pre=P.Metaspace(prepend_scheme="never", split=False))
    yield "bert", lambda: word_piece(N.BertNormalizer(), post=bert)
    yield "bert-cased", lambda: word_piece(N.BertNormalizer(lowercase=False))
    yield "bert-parts", lambda: word_piece(
        N.BertNormalizer(lowercase=True, strip_accents=False, clean_text=False, handle_chinese_chars=False),
        P.Sequence([P.WhitespaceSplit(), P.Punctuation()]))  # fmt: skip
    yield "words", lambda: words(P.Whitespace(), N.Strip(left=True, right=False))
    yield "words-nfd", lambda: words(P.Sequence([P.CharDelimiterSplit(" "), P.Digits(False)]), N.NFD())
    yield "no-width", lambda: words(regex(r"(?=[A-Z])"))
    yield "fixed-length", lambda: words(P.FixedLength(length=3))
    yield "scripts", lambda: words(P.Sequence([P.UnicodeScripts(), P.WhitespaceSplit()]))
    yield "scripts-first", lambda: unigram(
        pre=P.Sequence([P.UnicodeScripts(), P.Metaspace(prepend_scheme="first")]), decoder=D.Metaspace())  # fmt: skip
    yield "classes", lambda: words(P.Sequence([regex(r"\d+|\W+"), regex(r"[^\w\s]|\h{3}"),
                                               regex(r"[[:upper:]]+", "merged_with_next")]))  # fmt: skip
    yield "lines", lambda: words(P.Sequence([regex(r"^.|.$"), regex(r"\p{Han}+|\p{Hiragana}|\P{L}"),
                                             regex(r"\u00e9|\x{4e00}|[^\S\n]+")]))  # fmt: skip
    for behavior in BEHAVIORS:
        yield f"split-{behavior}", lambda b=behavior: words(regex(r"[aeiou,.]| ", b))
        yield f"inverted-{behavior}", lambda b=behavior: words(regex(r"\w+", b, True))
        yield f"string-{behavior}", lambda b=behavior: words(P.Split("e", b))
        yield f"punctuation-{behavior}", lambda b=behavior: words(P.Punctuation(b))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    some = ["", " ", "  ", " a", "<s>a</s>", " <mask> a Right  b ing running both both", "Right ing  both x"]
    some += texts(1500, seed=5)
    count = 0
    for name, make in kinds():
        tokenizer, path = make(), folder / f"{name}.json"
        tokenizer.save(str(path))
        compare(name, tokenizer, path, some)
        ids = [encoding.ids for encoding in tokenizer.encode_batch(some)]
        decoded = tokenizer.decode_batch(ids, skip_special_tokens=False)
        same(f"{name}, decoded", some, lines(path, some, "--decoded"), decoded)
        count += 1
    pathlib.Path(sys.argv[2]).write_text(f"{count} kinds of tokenizer.json, {len(some)} texts each as Hugging Face's\n")


if __name__ == "__main__":
    main()
