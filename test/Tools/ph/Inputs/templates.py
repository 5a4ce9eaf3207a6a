"""`ph template` on each case of templates.json: templates.py TEMPLATES FOLDER COUNTS."""

import concurrent.futures
import json
import pathlib
import subprocess
import sys


def main():
    data = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, messages) in enumerate(data["conversations"].items()):
        (folder / f"{number}.json").write_text(json.dumps(messages), encoding="utf-8")
    numbers = {name: number for number, name in enumerate(data["conversations"])}

    def run(job):
        template, case = job
        command = ["ph", "template", folder / f"{template}.jinja", "--messages",
                   folder / f"{numbers[case['conversation']]}.json", "--bos", case["bos_token"], "--eos",
                   case["eos_token"], "--now", "2026-11-23"]  # fmt: skip
        if not case["add_generation_prompt"]:
            command.append("--no-generation-prompt")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if "error" in case:
            said = done.stderr.decode()
            good = done.returncode == 1 and not done.stdout and said.endswith(case["error"] + "\n")
        else:
            good = done.returncode == 0 and done.stdout == case["rendered"].encode() and not done.stderr
        return None if good else f"{data['templates'][template]['name']}, {case['conversation']}: {done}"

    jobs = []
    for number, entry in enumerate(data["templates"]):
        (folder / f"{number}.jinja").write_text(entry["template"], encoding="utf-8", newline="")
        jobs += [(number, case) for case in entry["cases"]]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [failure for failure in pool.map(run, jobs) if failure]
    if wrong or len(jobs) < 480:
        sys.exit(f"{len(wrong)} of {len(jobs)} cases differ, as\n{wrong[0] if wrong else ''}")
    errors = sum("error" in case for _, case in jobs)
    pathlib.Path(sys.argv[3]).write_text(f"{len(jobs) - errors} renderings byte for byte, {errors} errors as Jinja2's\n")


if __name__ == "__main__":
    main()
