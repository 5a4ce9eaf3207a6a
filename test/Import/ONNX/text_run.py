"""Whether what an artifact generates is what onnxruntime gave (text.py).

    text_run.py ARTIFACT GREEDY.json        exit code 1 if not
"""

import json
import pathlib
import subprocess
import sys

wanted = json.loads(pathlib.Path(sys.argv[2]).read_text())
# In steps of at most 3 tokens, the prompt too.
command = ["ph", "run", sys.argv[1], "--raw", "--json", "-b", "3", "-p", wanted["prompt"], "-n", str(len(wanted["ids"]))]
got = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
print(f"{got['prompt_tokens']} tokens, then {got['tokens']}")
if got["tokens"] != wanted["ids"] or got["text"] != "".join("abcdefghijklmnopqrstuvwx"[i] for i in wanted["ids"]):
    sys.exit(f"expected {wanted['ids']}")
