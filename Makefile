# The front door: each target does only what is still missing.
#
#   make demo      set up, build, solve examples/bikeshare in a minute
#   make test      set up, build everything, run all tests
#   make build     set up and build build/release/treesmith
#   make env-full  add torch, optuna and more to the scripts' environment
#   make bench     build and run the benchmark programs
#   make format    lay out all C++ files
#   make clean     remove the builds, keep the scripts' environment
.DEFAULT_GOAL := build
.PHONY: demo test build bench env-full format clean system setup all

DEMO_TIME ?= 60s
JOBS ?= $(shell nproc)

system:
	@tools/setup system build run

setup: system
	@tools/setup python

# Ninja configures again by itself when a CMake file has changed.
build/release/build.ninja: | system
	@cmake --preset release --log-level=WARNING

build: setup build/release/build.ninja
	@ninja -C build/release -j $(JOBS) treesmith

all: setup build/release/build.ninja
	@ninja -C build/release -j $(JOBS)

demo: build
	@tools/demo $(DEMO_TIME)

test: all
	@ctest --test-dir build/release -j $(JOBS) --output-on-failure

bench: all
	@for program in build/release/bench/*; do \
	  if [ -f $$program ] && [ -x $$program ]; then \
	    echo "== $$program"; $$program || exit 1; fi; done

env-full: setup
	@tools/setup python full

format:
	@tools/setup system check
	@tools/format

clean:
	rm -rf build/release build/asan build/tsan
