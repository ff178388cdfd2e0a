# make run    boots a board in QEMU with a module in its flash
# make test   builds and tests everything; CI runs the same
# make help   tells the rest

BOARD ?= mps2-an386
# A board is a folder of boards/ with a manifest. On the first of the test boards every firmware runs that measures something, on the second these.
BOARDS := $(patsubst boards/%/board.toml,%,$(wildcard boards/*/board.toml))
TEST_BOARDS := mps2-an386 mps2-an385
# A core each: on these part of the official suite runs too, on those all of it.
SPEC_BOARDS := mps2-an500 mps3-an547 netduinoplus2 riscv32-virt
SUITE_BOARDS := microbit lm3s6965evb mps2-an386 mps2-an505
# Other cores that fault in their own way.
FAULT_BOARDS := microbit mps2-an505 riscv32-virt
FIRMWARES := EmptyFirmware BoardCheck Firmware
SECOND_FIRMWARES := SpecFirmware PauseCheck FaultCheck SuperLoop
TEST_FIRMWARES := $(SECOND_FIRMWARES) StackCheck SaveCheck ReadOnlyCheck
GUESTS := .build/guests
# The least build runs images only.
APP ?= $(GUESTS)/hello.$(if $(filter minimal,$(TRAITS)),mote,wasm)
# A rung (minimal, default, full) or a list of traits, for `run` and `size`, else what the board's manifest has; tests and the other firmwares are the default rung's.
TRAITS ?= $(or $(shell sed -n 's/^FEATURES="\(.*\)"/\1/p' boards/$(BOARD)/board.toml 2>/dev/null),default)
# What reads them from the environment is not meant: boards/build for the other firmwares, and Package.swift, where with a board there is no `mote`.
unexport TRAITS BOARD
# The mutants' tool with the address sanitizer in it, and with libFuzzer too, by which all mutants would take six times as long. Seeds live as
# long as the process: they are no leaks.
SANITIZED = ASAN_OPTIONS=detect_leaks=0 .build/asan/release/mote-mutate --guests $(GUESTS)
FUZZER = ASAN_OPTIONS=detect_leaks=0 .build/fuzz/release/mote-mutate --guests $(GUESTS)
FUZZ_FOLDER ?= .build/fuzz/corpus
FUZZ_SECONDS ?= 600
# What else must build, for the first board: the least, and the default rung without a trait that leaves something out.
TRAIT_BUILDS := minimal Translator,Names FloatingPoint,Names

.PHONY: help ensure guests firmwares traits run superloop size sizes loads suite test mutants sanitized fuzz fuzzer clean

help:
	@echo 'make run [BOARD=mps2-an386] [APP=path/to/module.wasm or image.mote] [TRAITS=minimal]'
	@echo '                                                        run a module on a board in QEMU; TRAITS is minimal, default, full or a list'
	@echo 'make superloop [BOARD=mps2-an386]                       run the example of many guests in one loop; type to it, "stop" ends it'
	@echo 'make size [BOARD=…] [APP=…] [TRAITS=…]                  flash and RAM of that firmware'
	@echo 'make sizes                                              measure every rung and trait, write docs/SIZES.md'
	@echo 'make loads                                              measure loading and instantiating from images, write docs/LOADING.md'
	@echo 'make suite                                              run the official suite on boards, write docs/SUITE.md'
	@echo 'make test                                               build everything, run all tests'
	@echo 'make mutants                                            run every mutant of guests, samples and their images (part of make test)'
	@echo 'make fuzz [FUZZ_SECONDS=600]                            run libFuzzer on images, under the address sanitizer'
	@echo 'make guests                                             build the example modules into $(GUESTS)'
	@echo 'make firmwares                                          build every firmware for: $(BOARDS)'
	@echo 'make traits                                             build the firmware with: $(TRAIT_BUILDS); mote with Names only'
	@echo 'make ensure                                             look for what a build needs, install what is missing'
	@echo 'make clean                                              remove .build'

ensure:
	@tools/ensure

guests: ensure
	@$(MAKE) --no-print-directory -s -C guests OUT=$(CURDIR)/$(GUESTS)

# The examples are built only when the module to run is one of them.
run size: $(if $(filter $(GUESTS)/%.mote,$(APP)),$(APP),$(if $(filter $(GUESTS)/%,$(APP)),guests,ensure))

run:
	@case ',$(TRAITS),$(APP)' in *,default,* | *,full,* | *,Translator,*) ;; *.wasm) \
	    echo "make run: $(APP): a build with TRAITS=$(TRAITS) runs images only: swift run mote pack $(APP), then APP=$(APP:.wasm=.mote)" >&2; exit 2 ;; esac
	@elf=$$(TRAITS='$(TRAITS)' boards/build $(BOARD) Firmware '$(APP)') && boards/run $(BOARD) "$$elf"

superloop: guests
	@elf=$$(boards/build $(BOARD) SuperLoop $(GUESTS)/superloop/tasks.wasm) && INPUT=/dev/stdin TIMEOUT=0 boards/run $(BOARD) "$$elf"

size:
	@elf=$$(TRAITS='$(TRAITS)' boards/build $(BOARD) Firmware '$(APP)') && empty=$$(boards/build $(BOARD) EmptyFirmware '$(APP)') || exit 1; \
	echo "$(BOARD): $$(tools/firmware-size "$$elf" "$$empty")"

# Boards of one core share what is compiled. A board too small for the default rung has the rung that its manifest names. A compilation keeps one
# core busy, so that there are two at a time.
firmwares: guests
	@boards/build $(firstword $(TEST_BOARDS)) all
	@$(MAKE) --no-print-directory -j2 $(addprefix firmware-,$(BOARDS))

firmware-%: PRODUCTS = $(FIRMWARES) $(if $(filter $*,$(firstword $(TEST_BOARDS))),$(TEST_FIRMWARES)) $(if $(filter $*,$(lastword $(TEST_BOARDS))),$(SECOND_FIRMWARES)) \
    $(if $(filter $*,$(SPEC_BOARDS) $(SUITE_BOARDS)),SpecFirmware) $(if $(filter $*,$(FAULT_BOARDS)),FaultCheck)
firmware-%:
	@set -e; for product in $(sort $(PRODUCTS)); do tools/check-firmware $* $$(boards/build $* $$product $(GUESTS)/hello.wasm); done

traits: guests
	@set -e; for traits in $(TRAIT_BUILDS); do export TRAITS=$$traits; \
	    tools/check-firmware $(firstword $(TEST_BOARDS)) $$(boards/build $(firstword $(TEST_BOARDS)) Firmware $(GUESTS)/hello.wasm); \
	done
	@swift build --scratch-path .build/host-Names --traits Names --product mote

# The image of a guest.
$(GUESTS)/%.mote: guests
	@swift build --product mote
	@.build/debug/mote pack $(GUESTS)/$*.wasm -o $@

# Writes docs/LOADING.md.
loads: guests
	@swift build --build-tests
	@WRITE_TABLES=1 swift test --skip-build --filter LoadTests

# Writes docs/SUITE.md.
suite: guests
	@swift build --build-tests
	@WRITE_TABLES=1 swift test --skip-build --filter ScriptTests/suite

# Builds once for each rung and trait: about 30 seconds each.
sizes: guests
	@tools/trait-sizes

test: firmwares traits
	@swift build --build-tests
	@swift test --skip-build
	@$(MAKE) --no-print-directory -s mutants

# Every truncation, bit flip and changed byte of the guests and samples; a release build, some minutes on two cores. Then bit flips and
# edits of their images, with the address sanitizer, and so many inputs of libFuzzer that starts from them: the same ones each time.
mutants: guests sanitized fuzzer
	@swift build -c release --product mote-mutate
	@.build/release/mote-mutate --guests $(GUESTS) --only wasm,hex
	@$(SANITIZED) --only mote
	@rm -rf .build/fuzz/test && mkdir .build/fuzz/test
	@$(FUZZER) --only mote --fuzz .build/fuzz/test --libfuzzer '-seed=1 -runs=20000 -verbosity=0 -artifact_prefix=.build/fuzz/'

# What libFuzzer finds stays in FUZZ_FOLDER, for the next time; an input that fails lies beside it.
fuzz: guests fuzzer
	@mkdir -p $(FUZZ_FOLDER)
	@$(FUZZER) --only mote --fuzz $(FUZZ_FOLDER) --libfuzzer '-max_total_time=$(FUZZ_SECONDS) -artifact_prefix=.build/fuzz/'

sanitized: ensure
	@swift build -c release --sanitize=address --scratch-path .build/asan --product mote-mutate

# Swift's linker of choice fails on libFuzzer's main beside ours.
fuzzer: ensure
	@swift build -c release -Xswiftc -sanitize=fuzzer,address -Xswiftc -DFUZZER -Xswiftc -use-ld=lld --scratch-path .build/fuzz --product mote-mutate

clean:
	rm -rf .build
