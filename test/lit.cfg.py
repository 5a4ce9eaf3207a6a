"""How lit finds and runs the tests: every .mlir and .test file below this folder, but for those in `excludes`.

Substitutions besides lit's own (%s %S %t ...):
  %ph_source   root of the repository          %ph_build   root of the build
  %python      the interpreter that runs lit    %ph_reference   the reference data beside the repository
  %ph_peers    the interpreter that has the peers
Features for REQUIRES:
  model        the default model is in the cache, so that a test may compile it offline
  reference    the reference data is there
  compiler     this build has the compiler
  peers        the programs to compare with are installed (utils/peers.py)
  namespaces   tests may run a program without a network (unshare)
  avx2, avx512, vnni   what this machine's CPU can run
Tests in the folder Long run only when $PH_LONG is set (`make check-long`).
"""

import os
import shutil
import subprocess
import sys

import lit.formats

config.name = "Powerhouse"
config.suffixes = [".mlir", ".test"]
config.excludes = ["Data", "Inputs", "Unit"]
if not os.environ.get("PH_LONG"):
    config.excludes.append("Long")
# The external shell gives tests pipes, ulimit and $?, with -e -o pipefail added by lit.
config.test_format = lit.formats.ShTest(execute_external=True)
config.test_source_root = os.path.join(config.ph_source, "test")
config.test_exec_root = os.path.join(config.ph_build, "test", "lit")

llvm_tools = config.ph_llvm_tools or "/usr/lib/llvm-22/bin"
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.ph_build, "bin"), llvm_tools, os.environ.get("PATH", "")]
)
config.environment["PYTHONPATH"] = os.path.join(config.ph_source, "test")
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
for name in ("HOME", "XDG_CACHE_HOME", "POWERHOUSE_CACHE", "CI"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

shared = os.environ.get("PH_SHARED") or os.path.join(os.path.dirname(config.ph_source), "shared")
if os.path.isfile(os.path.join(shared, "reference", "smollm2.json")):
    config.available_features.add("reference")
else:
    lit_config.note(
        "no reference data in '%s': unit tests that compare with it skip, others are UNSUPPORTED; set PH_SHARED" % shared
    )

sys.path.insert(0, os.path.join(config.ph_source, "utils"))
import default_model

model = default_model.find()
if model:
    config.available_features.add("model")
    config.substitutions.append(("%ph_model", model))
else:
    lit_config.note("the default model is not in the cache: tests that need it are UNSUPPORTED; run `make model`")

import peers

if peers.find():
    config.available_features.add("peers")
    config.substitutions.append(("%ph_peers", str(peers.find())))
else:
    lit_config.note("the programs to compare with are not installed: tests of them are UNSUPPORTED; run utils/peers.py")

try:
    with open("/proc/cpuinfo") as cpuinfo:
        flags = next((line for line in cpuinfo if line.startswith("flags")), "").split()
except OSError:
    flags = []
for feature, needs in (("avx2", "avx2"), ("avx512", "avx512bw"), ("vnni", "avx512_vnni")):
    if needs in flags:
        config.available_features.add(feature)
if shutil.which("mlir-opt", path=config.environment["PATH"]) and os.path.exists(
    os.path.join(config.ph_build, "bin", "ph-opt")
):
    config.available_features.add("compiler")
if shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("namespaces")
if config.ph_sanitize:
    config.available_features.add("sanitized")

config.substitutions += [
    ("%ph_source", config.ph_source),
    ("%ph_reference", os.path.join(shared, "reference")),
    ("%ph_build", config.ph_build),
    ("%python", sys.executable),
]
