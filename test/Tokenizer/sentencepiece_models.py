"""A tokenizer.model of each kind that SentencePiece makes: its own ids. sentencepiece_models.py FOLDER COUNTS."""

import pathlib
import sys

import sentencepiece
from kinds import PAGES
from peer import lines, same
from texts import texts

KINDS = {
    "unigram": {"model_type": "unigram"},
    "unigram-bytes": {"model_type": "unigram", "byte_fallback": True},
    "unigram-folded": {"model_type": "unigram", "add_dummy_prefix": False, "normalization_rule_name": "nfkc_cf"},
    "unigram-user": {"model_type": "unigram", "user_defined_symbols": ["<sep>", "World"]},
    "bpe": {"model_type": "bpe"},
    "bpe-bytes": {"model_type": "bpe", "byte_fallback": True, "split_digits": True},
    "bpe-as-it-is": {"model_type": "bpe", "byte_fallback": True, "normalization_rule_name": "identity",
                     "remove_extra_whitespaces": False},
    "bpe-user": {"model_type": "bpe", "byte_fallback": True, "remove_extra_whitespaces": False,
                 "user_defined_symbols": ["<sep>", "World", "\u2581\u2581"]},
}  # fmt: skip
# SentencePiece takes control tokens that are written out for text, which ph parses.
CONTROL = ("<s>", "</s>", "<unk>", "<0x")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    some = [text for text in texts(4000, seed=6) if not any(control in text for control in CONTROL)]
    for name, options in KINDS.items():
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(PAGES), model_prefix=str(folder / name), vocab_size=800, minloglevel=2,
            hard_vocab_limit=False, **options)  # fmt: skip
        path = folder / f"{name}.model"
        theirs = sentencepiece.SentencePieceProcessor(model_file=str(path)).encode(some)
        same(name, some, lines(path, some, "--no-special"), theirs)
    pathlib.Path(sys.argv[2]).write_text(f"{len(KINDS)} kinds of tokenizer.model, {len(some)} texts each as SentencePiece's\n")


if __name__ == "__main__":
    main()
