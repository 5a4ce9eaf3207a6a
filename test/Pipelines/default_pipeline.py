"""Compares the passes that phc reports to have run on xf with those of ph-opt --xf-default-pipeline, in their order.

usage: default_pipeline.py REPORT.html DUMP

DUMP is what `ph-opt --dump-pass-pipeline` wrote. The report adds up all runs of a pass, so each counts where it is first.
"""

import pathlib
import re
import sys


def main():
    report, dump = (pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    ran = re.findall(r'<tr class="pass"><td>([^< ]+)[^<]*</td>', report)
    piped = re.findall(r"^  ([a-z0-9-]+)", dump, re.MULTILINE)
    listed = list(dict.fromkeys(piped))
    print("phc:    " + " ".join(ran))
    print("ph-opt: " + " ".join(listed))
    return 0 if ran and ran == listed else 1


sys.exit(main())
