"""Writes data.jsonl and config.yml, without output_dir, in a folder.

    make_small.py FOLDER
"""

import pathlib
import sys

import training

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
training.write_data(folder)
(folder / "config.yml").write_text(training.CONFIG)
