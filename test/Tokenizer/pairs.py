"""Compares two texts in a template with what Hugging Face's tokenizers make of them.

    pairs.py FOLDER        where the tokenizers are written
"""

import json
import pathlib
import subprocess
import sys

from tokenizers import Tokenizer, models
from tokenizers import pre_tokenizers as P
from tokenizers import processors as X

SPECIAL = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[END]": 4}
VOCABULARY = SPECIAL | {letter: 5 + i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz ")}
IDS = list(SPECIAL.items())
BERT = {"single": "[CLS] $A [SEP]", "pair": "[CLS] $A [SEP] $B:1 [SEP]:1"}
PROCESSORS = {
    "template": X.TemplateProcessing(**BERT, special_tokens=IDS),
    "second-first": X.TemplateProcessing(single="$A [END]", pair="[CLS] $B:1 [SEP]:2 [SEP] $A:0 [END]:3", special_tokens=IDS),
    "alone": X.TemplateProcessing(single="$A", pair="$A $B", special_tokens=[]),
    "bert-processing": X.BertProcessing(("[SEP]", 3), ("[CLS]", 2)),
    "roberta-processing": X.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2)),
    "sequence": X.Sequence([X.ByteLevel(trim_offsets=False), X.TemplateProcessing(**BERT, special_tokens=IDS)]),
    "none": None,
}  # fmt: skip
PAIRS = [("it rains", "the street is wet"), ("a", "b"), ("", "one"), ("one", ""), ("", ""), ("[SEP] a", "b[CLS]"), ("same", "same")]


def main():
    folder, compared = pathlib.Path(sys.argv[1]), 0
    for name, processor in PROCESSORS.items():
        tokenizer = Tokenizer(models.BPE(VOCABULARY, [], unk_token="[UNK]"))
        tokenizer.add_special_tokens(list(SPECIAL))
        tokenizer.pre_tokenizer = P.Split(" ", "isolated")
        if processor is not None:
            tokenizer.post_processor = processor
        path = folder / f"{name}.json"
        tokenizer.save(str(path))
        if processor is None:
            continue
        for first, second in PAIRS:
            command = ["ph", "tokenize", path, "--json", "-p", first, "--pair", second]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            ids, types = (json.loads(line) for line in done.stdout.splitlines())
            wanted = tokenizer.encode(first, second)
            if (ids, types) != (wanted.ids, wanted.type_ids):
                sys.exit(f"{name}, {first!r} and {second!r}: {ids} {types}, expected {wanted.ids} {wanted.type_ids}")
            compared += 1
    lacking = json.loads((folder / "template.json").read_text())
    del lacking["post_processor"]["pair"][1]
    (folder / "lacking.json").write_text(json.dumps(lacking))
    print(f"{compared} pairs as Hugging Face's tokenizers encode them")


if __name__ == "__main__":
    main()
