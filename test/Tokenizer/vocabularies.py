"""`ph tokenize --no-special` on the inputs of llama.cpp's vocabulary tests: vocabularies.py FOLDER COUNTS."""

import json
import pathlib
import subprocess
import sys

from peer import lines

SEPARATOR = "\n__ggml_vocab_test__\n"


def main():
    cases = 0
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.gguf"))
    for file in files:
        texts = pathlib.Path(f"{file}.inp").read_bytes().decode().split(SEPARATOR)
        expected = [[int(id) for id in line.split()] for line in pathlib.Path(f"{file}.out").read_text().splitlines()]
        texts = texts[: len(expected)]
        ours = lines(file, texts, "--no-special")
        for text, got, wanted in zip(texts, ours, expected, strict=True):
            if got != wanted:
                sys.exit(f"{file.name}: {text!a}\n  ours      {got}\n  llama.cpp {wanted}")
        cases += len(texts)
        # One of them from a file and from standard input.
        number = max(range(len(texts)), key=lambda i: len(texts[i]))
        command = ["ph", "tokenize", file, "--no-special", "--json", "-f", "-"]
        done = subprocess.run(command, input=texts[number].encode(), stdout=subprocess.PIPE, check=True)
        assert json.loads(done.stdout) == expected[number], file
    assert len(files) == 9 and cases > 9 * 40, (files, cases)
    pathlib.Path(sys.argv[2]).write_text(f"{len(files)} vocabularies, {cases} texts exactly as llama.cpp\n")


if __name__ == "__main__":
    main()
