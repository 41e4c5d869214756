# make figures [K=20] [STUDY=studies/government_reports] · make verify [STUDY=…] · make test · make setup · make lab · make bench · make lock · make clean
# Each sets up .venv by itself when it is missing or when requirements.lock has changed. What it says stands in English and in Chinese: a bare machine tells no language.

SHELL := /bin/bash
# what Python and the tests compile is kept, or every process would compile it anew
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/python -m pip install --disable-pip-version-check
LOCKED := --require-hashes -r requirements.lock
# the mirror that pip is told to use, if any: uv does not read pip's settings
MIRROR = $(BIN)/python -m pip config list 2>/dev/null | sed -n "s/^[^=]*[.]index-url='\(.*\)'$$/\1/p" | head -n 1

# every study of the repository, or the one that is named
STUDIES := $(if $(STUDY),$(STUDY),. $(patsubst %/study.toml,%,$(wildcard studies/*/study.toml)))

.PHONY: figures notebooks verify test bench lab lock clean setup
.DEFAULT_GOAL := figures

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { printf '%s\n' "Python 3.11, 3.12 or 3.13 is needed; give its path with: make PYTHON=/path/to/python3" \
		"需要 Python 3.11、3.12 或 3.13；请指明其路径：make PYTHON=/path/to/python3"; exit 1; }
	@printf '%s\n' "setting up .venv with $(PYTHON) (once, about a minute)" "正在用 $(PYTHON) 建立 .venv（只需一次，约一分钟）"
	@$(PYTHON) -m venv .venv || { printf '%s\n' "Python cannot make an environment here; on Debian and Ubuntu: apt install python3-venv" \
		"此处的 Python 无法建立虚拟环境；在 Debian 和 Ubuntu 上：apt install python3-venv"; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | $(PIP) --quiet --require-hashes -r /dev/stdin \
		&& export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(MIRROR))}" && $(BIN)/uv pip install --system-certs --python $(BIN)/python $(LOCKED) \
		|| { printf '%s\n' "uv cannot be had or cannot fetch here: pip does the same, in two or three minutes" \
			"uv 无法取得或无法下载：改用 pip，需两三分钟"; $(PIP) --progress-bar on $(LOCKED); } \
		|| { printf '%s\n' "" "The packages could not be fetched: see the last lines above. Setting up needs the internet once, and a" \
			"gigabyte and a half of disk. Behind a proxy: export HTTPS_PROXY=...; with a mirror: pip config set global.index-url ..." \
			"Then type the same command again." "" "未能下载所需的包：原因见上面最后几行。首次安装需要联网，并需要约 1.5 GB 的磁盘空间。" \
			"使用代理时：export HTTPS_PROXY=...；使用镜像时：pip config set global.index-url ..." "然后再输入同一命令。"; exit 1; }
	@$(PIP) --quiet --no-deps --no-build-isolation -e .
	@printf '%s\n' "compiling (once, half a minute)" "正在编译（只需一次，约半分钟）"
	@$(BIN)/python -m nqp_topics.reproduce.warm
	@touch $(READY)

setup: $(READY)

# run the notebooks in order from fresh kernels; they write figures/. make figures K=20: the same for 20 topics, into figures/K20/
figures: $(READY)
	@for study in $(STUDIES); do echo "$$study"; $(BIN)/nqp-topics figures --study $$study $(if $(K),--topics $(K)) || exit; done

# the same, and keep their outputs in the notebooks
notebooks: $(READY)
	@for study in $(STUDIES); do echo "$$study"; $(BIN)/nqp-topics figures --study $$study --keep || exit; done

# make everything again elsewhere and compare it number by number
verify: $(READY)
	@for study in $(STUDIES); do echo "$$study"; $(BIN)/nqp-topics verify --study $$study || exit; done

test: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

# time, memory and quality, on the documents of the study and other texts where they are
bench: $(READY)
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/cutting.py
	$(BIN)/python benchmarks/fits.py
	$(BIN)/python benchmarks/agreement.py
	$(BIN)/python benchmarks/sweep.py
	$(BIN)/python benchmarks/comparing.py
	$(BIN)/python benchmarks/large.py

# on this machine alone, at the first port that is free from 8888 on; no news are fetched
lab: $(READY)
	$(BIN)/nqp-topics lab

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --fork-strategy fewest --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade -q -o requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .nqp-cache
	find . -name __pycache__ -prune -exec rm -rf {} +
