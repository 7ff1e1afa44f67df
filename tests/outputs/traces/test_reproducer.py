"""Skeletons of reproducers: what they say, that nothing leaves a comment, and that a compiler reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.logic.sorts import IndexSort
from tdxverify.model.model import Template
from tdxverify.outputs.traces.reproducer import _c_comment, c_text, sh_text
from tdxverify.questions.options import Options
from tdxverify.questions.specs import load_model
from tests.traces import EXAMPLES, trace_of

SPEC = EXAMPLES.parent / "spec"
WITH_TEMPLATES = sorted(
    path
    for path in SPEC.glob("*/*.tdx")
    if re.search(r"^ *emit ", path.read_text(encoding="utf-8"), re.MULTILINE)
)

# What a kernel has and templates of the library use, with the types that it has there.
KERNEL = """\
#pragma once
#include <stdbool.h>
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#define NULL ((void *)0)
#define EINVAL 22
#define __init
#define __exit
#define __maybe_unused __attribute__((unused))
#define module_init(function) int init_module(void) { return function(); }
#define module_exit(function) void cleanup_module(void) { function(); }
#define MODULE_LICENSE(text) static const char module_license[] __maybe_unused = text
#define MODULE_DESCRIPTION(text) static const char module_description[] __maybe_unused = text
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define WARN_ON(condition) ({ bool warned = (condition); warned; })
#define mb() __asm__ volatile("mfence" ::: "memory")
#define wmb() __asm__ volatile("sfence" ::: "memory")
#define ZERO_PAGE(address) ((struct page *)NULL)
struct page;
struct tdx_td;
struct tdx_vp;
__attribute__((format(printf, 1, 2))) int pr_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void panic(const char *format, ...);
void *page_address(const struct page *page);
struct page *virt_to_page(const void *address);
void __free_page(struct page *page);
void emergency_restart(void);
int smp_call_function_single(int cpu, void (*function)(void *), void *info, int wait);
void clflush_cache_range(void *address, unsigned int size);
void movdir64b(void *to, const void *from);
void wbinvd_on_cpu(int cpu);
u64 tdh_mem_page_aug(struct tdx_td *td, u64 gpa, int level, struct page *page, u64 *err1, u64 *err2);
u64 tdh_mem_range_block(struct tdx_td *td, u64 gpa, int level, u64 *err1, u64 *err2);
u64 tdh_mem_track(struct tdx_td *td);
u64 tdh_mem_page_remove(struct tdx_td *td, u64 gpa, u64 level, u64 *err1, u64 *err2);
u64 tdh_phymem_page_wbinvd_hkid(u64 hkid, struct page *page);
u64 tdh_phymem_page_wbinvd_tdr(struct tdx_td *td);
u64 tdh_phymem_page_reclaim(struct page *page, u64 *type, u64 *owner, u64 *size);
u64 tdh_phymem_cache_wb(bool resume);
u64 tdh_mng_key_freeid(struct tdx_td *td);
u64 tdh_mng_vpflushdone(struct tdx_td *td);
u64 tdh_vp_flush(struct tdx_vp *vp);
"""
HEADERS = [
    "linux/module.h",
    "linux/mm.h",
    "linux/compiler.h",
    "linux/smp.h",
    "linux/panic.h",
    "linux/reboot.h",
]
HEADERS += ["asm/cacheflush.h", "asm/special_insns.h", "asm/smp.h", "asm/tdx.h"]


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of headers as those of a kernel."""
    folder = tmp_path_factory.mktemp("kernel")
    for name in HEADERS:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text('#include "../kernel.h"\n', encoding="utf-8")
    (folder / "kernel.h").write_text(KERNEL, encoding="utf-8")
    return folder


def compiled(text: str, kernel: Path) -> str:
    """What the compiler complains about."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    command = ["gcc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-I", str(kernel)]
    ran = subprocess.run([*command, "-x", "c", "-"], input=text, capture_output=True, text=True, check=False)
    return ran.stderr


def found_in(text: str, folder: Path) -> FoundTrace:
    path = folder / "spec.tdx"
    path.write_text(text, encoding="utf-8")
    return next(find_traces(path, Options(), None, Silent()))


def code_of(text: str) -> str:
    """A C program without its comments."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


# --- what they say --------------------------------------------------------------------------

TOLD = """\
index Cpu
enum Mode { slow, fast }
param mode : Mode
param limit : -4..4
const first : Cpu
actor host
fault #MC
state count : 0..3 = 0
state broken : bool = false
prelude c "#define CPUS {Cpu}"
prelude sh "cpus={Cpu}"
access flush(c : Cpu) "written back" { otherwise -> ok } emit c "wbinvd_on_cpu({c});"
access drop() "given up" { otherwise -> dropped }
action begin(c : Cpu, m : Mode, n : -2..2, b : bool) by host "the beginning" cite F-1
  when count = 0 and m = fast and n = -2 and b and mode = fast and limit = -3 { count := 1 }
  emit c "if (n - {n} > {limit}) {{"
         "	begin({c}, {m}, {b}, {first}, CPUS);"
         "}}"
  emit sh "begin {c} {m} {n} {b} {mode}"
process p(c : Cpu) by host {
  all:  foreach d : Cpu { when count = 1 } emit sh "all {c} {d}"
  last: when count = 1 { count := 2  flush(c)  drop() }
}
action hit "a cosmic ray" when count = 2 { broken := true }
property safe "nothing is broken" never broken
check safe for Cpu = 1 expect refuted in 4 "as it was seen"
"""


def test_a_kernel_module(tmp_path: Path, kernel: Path) -> None:
    text = c_text(found_in(TOLD, tmp_path))
    lines = text.splitlines()
    assert lines[0] == "// SPDX-License-Identifier: GPL-2.0"
    assert " * Skeleton of a reproducer of safe: refuted in 4 steps." in lines
    assert ' * "nothing is broken"' in lines and ' * "as it was seen"' in lines
    assert " * with Cpu = 1; mode = fast, limit = -3" in lines
    assert "#define CPUS 1" in lines
    assert "\tif (n - (-2) > (-3)) {\n\t\tbegin(0, fast, true, 0, CPUS);\n\t}\n" in text
    assert "\t * Step 1: begin(c = Cpu0, m = fast, n = -2, b = true) by host\n" in text
    assert '\t *     "the beginning" [F-1]\n' in text and "\t *     count: 0 -> 1\n" in text
    assert (
        '\tpr_info("step 2: p.all(c = Cpu0, d = Cpu0)\\n");\n\t/* TODO: host has to do this: p.all */' in text
    )
    assert "\twbinvd_on_cpu(0);\n\t/* TODO: drop: given up */\n" in text
    assert "the hardware does it by itself" in text
    assert text.index("Expected here: this does not hold:") < text.index("never broken")


def test_a_shell_script(tmp_path: Path) -> None:
    text = sh_text(found_in(TOLD, tmp_path))
    assert text.startswith("#!/bin/sh\n")
    assert "\ncpus=1\n" in text
    assert "echo 'step 1: begin(c = Cpu0, m = fast, n = -2, b = true)'\nbegin 0 fast -2 true fast\n" in text
    assert "\nall 0 0\n" in text


def test_who_takes_the_fault() -> None:
    text = c_text(trace_of("02-erratum.tdx"))
    assert "\t *     (#MC is raised by the hardware)\n" in text
    assert "\t * Expected here: host_kernel takes #MC, and this does not hold:\n" in text
    assert "host_kernel takes #MC, and the rest of the step is not done" in text


def test_a_witness_is_reached(tmp_path: Path) -> None:
    spec = TOLD.replace("property safe", "property seen").replace("never broken", "reachable broken")
    text = c_text(
        found_in(spec.replace("check safe for Cpu = 1 expect refuted", "check seen expect proved"), tmp_path)
    )
    assert " * Skeleton of a reproducer of seen: reached in 4 steps.\n" in text
    assert "\t/* Expected here: seen is reached. */\n" in text


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    assert c_text(found_in(TOLD, tmp_path)) == c_text(found_in(TOLD, tmp_path))


# --- nothing gets out -----------------------------------------------------------------------


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Specs with characters that they may not have, because text has other ways in."""
    monkeypatch.setattr("tdxverify.syntax.parse.hidden_characters", lambda _: iter(()))


HOSTILE = "*/ system(1); /* \\\\\u2028 system(2); \\\" $(touch x) `touch y` \u202e ??/ */ '; touch z; '"


def hostile_spec() -> str:
    return f"""\
index system "{HOSTILE}"
actor touch "{HOSTILE}"
fault #touch "{HOSTILE}"
state go : bool = false "{HOSTILE}"
access a(l : system) "{HOSTILE}" {{ go -> fault #touch "{HOSTILE}" otherwise -> ok "{HOSTILE}" }}
action set by touch "{HOSTILE}" {{ go := true }}
action read(l : system) by touch "{HOSTILE}" {{ a(l) }}
action none "{HOSTILE}" {{ go := go }}
property p "{HOSTILE}" never touch takes #touch
check p expect refuted "{HOSTILE}"
"""


@pytest.mark.usefixtures("unguarded")
def test_no_description_gets_out_of_a_comment(tmp_path: Path, kernel: Path) -> None:
    found = found_in(hostile_spec(), tmp_path)
    text = c_text(found)
    assert "system(1)" in text and "\u2028" not in text and "\u202e" not in text
    code = code_of(text)
    assert "system(" not in code.replace("l = system0", "") and "*/" not in code
    assert compiled(text, kernel) == ""
    for line in sh_text(found).splitlines():
        assert line.startswith("#") or "touch" not in line


@pytest.mark.usefixtures("unguarded")
def test_no_path_gets_out_of_a_comment(tmp_path: Path, kernel: Path) -> None:
    folder = tmp_path / "*" / "\nsystem(3); touch x\n" / "*"
    folder.mkdir(parents=True)
    found = found_in(hostile_spec(), folder)
    assert "system(3)" not in code_of(c_text(found)) and "system(3)" in c_text(found)
    assert compiled(c_text(found), kernel) == ""
    assert all(line.startswith("#") for line in sh_text(found).splitlines() if "touch x" in line)


@given(st.lists(st.text("*/\\?a ", max_size=8), min_size=1, max_size=4))
def test_a_comment_ends_where_it_should(told: list[str]) -> None:
    text = "\n".join(_c_comment(told))
    assert text.startswith("/*") and text.endswith("*/")
    assert text.count("*/") == 1 and "/*" not in text[2:].replace("*/", "")


# --- the shipped templates --------------------------------------------------------------------


def put_in(template: Template) -> str:
    """The template with the first value of everything, at size 1."""
    size_or_value = {True: "1", False: "0"}
    parts = (
        part if isinstance(part, str) else size_or_value[isinstance(part, IndexSort)]
        for line in template.lines
        for part in (*line, "\n")
    )
    return "".join(parts)


def templates_of(path: Path, target: str) -> tuple[str, list[str]]:
    """The preludes of a file and what it imports, and every template."""
    model = load_model(path)
    preludes = [put_in(one) for one in model.preludes if one.target == target]
    made = (one for what in (*model.actions, *model.tables) for one in what.templates)
    return "".join(preludes), [put_in(one) for one in made if one.target == target]


# How many `emit c` and `emit sh` a file has at least: a file that is rewritten must not lose them.
SHIPPED = {
    "host/cpu_life": (8, 4),
    "host/dynamic_pamt": (3, 0),
    "host/kexec_flush": (12, 8),
    "host/kexec_poison": (21, 16),
    "host/kexec_stop": (9, 7),
    "host/linux": (17, 8),
    "host/module_life": (13, 5),
    "host/module_start": (13, 11),
    "host/page_life": (12, 0),
    "host/safety_on_tdx": (6, 1),
    "host/td_scheduling": (3, 0),
    "host/td_teardown": (13, 1),
    "platform/seam": (2, 0),
    "platform/tdx": (4, 0),
    "platform/tdx_act": (2, 0),
    "platform/tdx_caches": (7, 0),
}


def test_every_file_with_templates_is_counted() -> None:
    assert {f"{path.parent.name}/{path.stem}" for path in WITH_TEMPLATES} == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_template_is_lost(name: str) -> None:
    text = (SPEC / f"{name}.tdx").read_text(encoding="utf-8")
    for target, least in zip(("c", "sh"), SHIPPED[name], strict=True):
        assert len(re.findall(rf"^ *emit {target} ", text, re.MULTILINE)) >= least, target


@pytest.mark.parametrize("path", WITH_TEMPLATES, ids=lambda path: path.stem)
def test_every_shipped_template_compiles(path: Path, kernel: Path) -> None:
    prelude, templates = templates_of(path, "c")
    functions = [
        f"int step{n}(void);\nint step{n}(void)\n{{\n{t}return 0;\n}}\n" for n, t in enumerate(templates)
    ]
    assert compiled("\n".join(["#include <linux/module.h>", prelude, *functions]), kernel) == ""


@pytest.mark.parametrize("path", WITH_TEMPLATES, ids=lambda path: path.stem)
def test_every_shipped_template_is_read_by_a_shell(path: Path) -> None:
    if shutil.which("sh") is None:
        pytest.skip("there is no sh")
    prelude, templates = templates_of(path, "sh")
    ran = subprocess.run(
        ["sh", "-n"], input="\n".join([prelude, *templates]), capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""


@pytest.mark.parametrize(
    "name",
    [
        "dynamic_pamt",
        "kexec_completes",
        "module_life",
        "module_start",
        "reclaim_order",
        "seed_mail",
        "td_teardown",
    ],
)
def test_a_reproducer_made_of_the_library(name: str, kernel: Path) -> None:
    found = next(find_traces(SPEC / "properties" / f"{name}.tdx", Options(), None, Silent()))
    assert compiled(c_text(found), kernel) == ""


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.tdx")), ids=lambda path: path.stem)
def test_reproducers_of_the_examples_compile(path: Path, kernel: Path) -> None:
    for found in find_traces(path, Options(), None, Silent()):
        assert compiled(c_text(found), kernel) == ""


def test_the_compiler_is_not_content_with_anything(kernel: Path) -> None:
    assert "unknown_function" in compiled("int main(void) { return unknown_function(); }", kernel)


def test_templates_of_one_step_do_not_need_the_library(tmp_path: Path, kernel: Path) -> None:
    spec = """\
import platform.tdx
action give(l : Line) by tdx_module { private_full_write(l) }
action write(l : Line) by host_kernel { host_partial_write(l) }
action read(l : Line) by host_kernel { host_read(l) }
property fine never host_kernel takes #MC
check fine where erratum and not shared_key_integrity expect refuted in 3
"""
    text = c_text(found_in(spec, tmp_path))
    assert "\trepro_partial_write(repro_line[0]);\n" in text
    assert "\t(void)READ_ONCE(*(u64 *)repro_line[0]);\n" in text
    assert "TODO: private_full_write(Line0): the module's MOVDIR64B" in text
    assert compiled(text, kernel) == ""
