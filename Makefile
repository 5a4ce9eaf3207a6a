# The commands of this project. `make help` lists them; README.md says more.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build model run check check-long fuzz-passes bench bench-train docs fmt clean

PROMPT ?= What is gravity? Answer in one sentence.
TOKENS ?= 64
ARTIFACT := build/smollm2.phx
export PYTHONDONTWRITEBYTECODE := 1

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 18

setup: ## install the Debian packages that are missing (none missing: no network, no root)
	@utils/setup.sh

build: setup ## compile the compiler, the runtime and the tools into build/bin
	@test -f build/build.ninja || cmake --preset release
	@cmake --build build

model: build ## fetch the default model and MiniLM into the cache, once
	@build/bin/ph inspect smollm2 >/dev/null
	@build/bin/ph inspect minilm >/dev/null

run: build ## compile SmolLM2-135M-Instruct ahead of time and ask it a question
	@if [[ ! -e $(ARTIFACT) || build/bin/phc -nt $(ARTIFACT) || build/lib/libPowerhouseCompiler.so -nt $(ARTIFACT) ]]; \
	then build/bin/phc smollm2 -o $(ARTIFACT); fi
	@build/bin/ph run $(ARTIFACT) -p "$(PROMPT)" -n $(TOKENS)

check: build ## run every test, the sanitized ones and 20 s of each fuzz target too (PH_FUZZ_SECONDS=20)
	@python3 utils/check.py

check-long: build ## what takes too long for check: the sanitized compiler, ten minutes of each fuzz target, test/Long
	@PH_LONG=1 PH_FUZZ_SECONDS=$${PH_FUZZ_SECONDS:-600} python3 utils/check.py --long

fuzz-passes: build ## random modules through every pass, values compared (PH_FUZZ_MODULES=200, PH_FUZZ_SECONDS=3600)
	@python3 utils/fuzz_passes.py --modules $${PH_FUZZ_MODULES:-200} --seconds $${PH_FUZZ_SECONDS:-3600} --first $${PH_FUZZ_FIRST:-1000}

bench: build ## measure speed, memory and compile time, interleaved with llama.cpp and onnxruntime; tokenizing too
	@python3 benchmarks/run.py $(BENCH)

bench-train: build ## measure training against PyTorch's eager mode and PEFT: speed, memory and compile time
	@python3 benchmarks/train.py $(BENCH)

docs: setup ## write what docs/ says of dialects and passes from their descriptions
	@python3 utils/make_docs.py

fmt: setup ## format the sources
	@git ls-files -co --exclude-standard '*.h' '*.cpp' | xargs clang-format-22 -i

clean: ## remove everything that was built
	rm -rf build build-debug build-asan build-fuzz
