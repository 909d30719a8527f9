"""How is an ONNX file put together?

The ``Writer`` holds what the file will: nodes, initializers, and the name of each array. A ``Call``
is what a translation sees of one call of an op: names for its operands, their shapes, and a way to
add nodes, which are named by the scope that the call was made in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from micrograd.engine import Value

from .recording import Recording, Size
from .table import CannotExport, translation
from .walking import Pair, Step, holds, refuse_outside, same

Names = dict[str, int]


class Writer:
    """The graph of a file, as it grows."""

    def __init__(self, recording: Recording, onnx: Any) -> None:
        self.recording, self.onnx = recording, onnx
        self.nodes: list[Any] = []
        self.initializers: dict[str, np.ndarray] = {}
        self.named: dict[int, str] = {}  # by the id of a Value of the first pass
        self.origins: dict[str, tuple[str, tuple[Size, ...]]] = {}  # of what was only reshaped
        self._used: Names = {}
        self._constants: dict[tuple[Any, ...], str] = {}
        for name, (one, _) in recording.inputs.items():
            self.named[id(one)] = self.unique(name)

    def write(self) -> list[str]:
        """Translate every step; the names of the outputs."""
        for step in self.recording.steps.values():
            call = Call(self, step)
            found = translation(step.op, step.scope)(call)
            found = found if isinstance(found, tuple) else (found,)
            for position, (one, _) in step.results.items():
                self.named[id(one)] = found[position]
        return [self._output(i, pair) for i, pair in enumerate(self.recording.outputs)]

    def unique(self, name: str) -> str:
        """A name that nothing in the file has yet."""
        count = self._used.get(name, 0)
        self._used[name] = count + 1
        return name if not count else self.unique(f"{name}_{count}")

    def node(self, kind: str, inputs: tuple[str, ...], name: str, count: int, how: Any) -> Any:
        """Add a node; the name of its result, or of its ``count`` results."""
        name = self.unique(name)
        outputs = [name] if count == 1 else [self.unique(f"{name}_{i}") for i in range(count)]
        made = self.onnx.helper.make_node(kind, list(inputs), outputs, name=name, **how)
        self.nodes.append(made)
        return name if count == 1 else tuple(outputs)

    def constant(self, array: Any, dtype: Any = None, name: str = "constant") -> str:
        """An array that the file holds; the same one for equal arrays."""
        array = np.asarray(array, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.unique(name)
            self.initializers[self._constants[key]] = array
        return self._constants[key]

    def leaf(self, where: str, pair: Pair) -> str:
        """The name of a parameter, or of a Value that the model holds."""
        one, two = pair
        name = self.recording.names.get(id(one))
        if name is None and one is not two and not same(one.data, two.data):
            refuse_outside(where)
        name = self.unique(name or one.name or "parameter")
        self.initializers[name] = one.data
        return name

    def of(self, where: str, pair: Pair) -> str:
        """The name of a Value."""
        one, _ = pair
        if id(one) not in self.named:
            self.named[id(one)] = self.leaf(where, pair)
        return self.named[id(one)]

    def _output(self, position: int, pair: Pair) -> str:
        """The name under which a result leaves."""
        inner = self.of("the result", pair)
        several = len(self.recording.outputs) > 1
        name = self.unique(f"output_{position}" if several else "output")
        self.nodes.append(self.onnx.helper.make_node("Identity", [inner], [name], name=name))
        return name

    def pruned(self, outputs: list[str]) -> list[Any]:
        """The nodes that the outputs need; a translation may see further than its own op."""
        wanted, kept = set(outputs), []
        for node in reversed(self.nodes):
            if wanted & set(node.output):
                kept.append(node)
                wanted |= set(node.input)
        self.initializers = {n: a for n, a in self.initializers.items() if n in wanted}
        return kept[::-1]


class Call:
    """One call of an op, as a translation sees it."""

    def __init__(self, writer: Writer, step: Step) -> None:
        self.writer, self.step, self.settings = writer, step, step.settings
        self.prefix = "/".join([*filter(None, step.scope.split(".")), step.op.name.strip("_")])
        self.where = f"export_onnx: {step.op.told()}" + f" in {step.scope}" * bool(step.scope)
        self.result = next(iter(step.results.values()))
        self.dtype = self.result[0].dtype
        self.count = len(step.inputs)

    def add(self, kind: str, *inputs: str, count: int = 1, **how: Any) -> Any:
        """A node of the file, named by the scope."""
        return self.writer.node(kind, inputs, self.prefix, count, how)

    def number(self, array: Any) -> str:
        """A constant of the result's dtype."""
        return self.writer.constant(array, self.dtype)

    def exact(self, setting: float) -> bool:
        """Whether a setting may be an attribute: these are float32, whatever the arrays are."""
        return self.dtype == np.float32 or float(np.float32(setting)) == setting

    def whole(self, array: Any) -> str:
        """A constant of whole numbers: an axis, a shape, places."""
        return self.writer.constant(array, np.int64)

    def shape(self, place: int) -> tuple[Size, ...]:
        """The shape of an operand."""
        parent = self.step.parents[place]
        return self.sizes(self.step.inputs[place] if parent[0] is None else parent)

    def sizes(self, pair: Pair) -> tuple[Size, ...]:
        """The shape of anything in both passes."""
        return self.writer.recording.shape(self.where, pair)

    def ndim(self, place: int) -> int:
        """How many axes an operand has."""
        return len(self.shape(place))

    def fixed(self, size: Size, what: str) -> int:
        """A length that must not depend on the batch."""
        if size.per:
            raise CannotExport(
                f"{self.where} uses the number of samples as {what}, which a file would fix. Move "
                "the samples to another axis (batch_axis=), or export with batch_axis=None."
            )
        return size.plus

    def operands(self) -> list[str]:
        """All operands, in the result's dtype."""
        return [self.operand(i) for i in range(self.count)]

    def operand(self, place: int, dtype: Any = "") -> str:
        """The name of an operand, in the result's dtype or another; None for its own."""
        dtype = self.dtype if isinstance(dtype, str) else dtype
        parent, pair = self.step.parents[place], self.step.inputs[place]
        if parent[0] is not None:
            name, has = self.writer.of(self.where, parent), parent[0].dtype
        else:
            name, has = self._array(pair, dtype)
        return name if dtype is None or has == dtype else self.cast(name, dtype)

    def cast(self, name: str, dtype: Any) -> str:
        """The same numbers in another dtype."""
        helper = self.writer.onnx.helper
        return str(self.add("Cast", name, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype))))

    def _array(self, pair: Pair, dtype: Any) -> tuple[str, Any]:
        """An operand that is no Value: a constant, an input of whole numbers, or a fill."""
        one, two = (np.asarray(each) for each in pair)
        writer = self.writer
        for given in writer.recording.inputs.values():
            if not isinstance(given[0], Value) and holds(one, given[0]) and holds(two, given[1]):
                name = writer.named[id(given[0])]
                if one.shape != given[0].shape:
                    name = self.reshaped(name, self.sizes(given), self.sizes((one, two)))
                return name, given[0].dtype
        if same(one, two):
            dtype = (np.int64 if one.dtype.kind in "iu" else one.dtype) if dtype is None else dtype
            return writer.constant(one, dtype), np.dtype(dtype)
        sizes = self.sizes((one, two))
        varying = [axis for axis, size in enumerate(sizes) if size.per]
        if not varying:
            refuse_outside(self.where)
        if len(varying) == 1 and _counts(one, varying[0]) and _counts(two, varying[0]):
            size = sizes[varying[0]]
            ends = (self.whole(0), self.length(size), self.whole(1))
            counted = str(self.add("Range", *ends))
            return self.reshaped(counted, (size,), sizes), np.dtype(np.int64)
        first = tuple(slice(0, 1) if size.per else slice(None) for size in sizes)
        fill = one[first]
        if not same(np.broadcast_to(fill, one.shape), one) or not same(
            np.broadcast_to(fill, two.shape), two
        ):
            refuse_outside(self.where)
        dtype = (np.int64 if one.dtype.kind in "iu" else one.dtype) if dtype is None else dtype
        return self.expanded(writer.constant(fill, dtype), sizes), np.dtype(dtype)

    # -- shapes that depend on the batch --------------------------------------------------------

    def length(self, size: Size) -> str:
        """A length, as a number of the file."""
        if not size.per:
            return self.whole(size.plus)
        name = next(iter(self.writer.recording.inputs))
        counted = self.add("Shape", name)
        found = self.add("Gather", counted, self.whole(self.writer.recording.axis), axis=0)
        if size.per != 1:
            found = self.add("Mul", found, self.whole(size.per))
        return str(found if not size.plus else self.add("Add", found, self.whole(size.plus)))

    def lengths(self, sizes: tuple[Size, ...]) -> str:
        """A shape, as an array of the file."""
        if not any(size.per for size in sizes):
            return self.whole([size.plus for size in sizes])
        parts = [
            self.add("Reshape", self.length(size), self.whole([1]))
            if size.per
            else self.whole([size.plus])
            for size in sizes
        ]
        return str(parts[0] if len(parts) == 1 else self.add("Concat", *parts, axis=0))

    def reshaped(self, name: str, before: tuple[Size, ...], after: tuple[Size, ...]) -> str:
        """The same numbers in another shape; what was reshaped before is reshaped once."""
        name, before = self.writer.origins.get(name, (name, before))
        if before == after:
            return name
        varying = [size for size in after if size.per]
        if len(varying) == 1 and Size(0, 0) not in after:
            shape = self.whole([-1 if size.per else size.plus for size in after])
        else:
            shape = self.lengths(after)
        how = {"allowzero": 1} if Size(0, 0) in after else {}
        made = str(self.add("Reshape", name, shape, **how))
        self.writer.origins[made] = (name, before)
        return made

    def expanded(self, name: str, sizes: tuple[Size, ...]) -> str:
        """Repeated up to a shape."""
        return str(self.add("Expand", name, self.lengths(sizes)))

    def producer(self, place: int) -> Step | None:
        """The step that made an operand; None for a leaf."""
        one, _ = self.step.parents[place]
        return None if one is None else self.writer.recording.steps.get(id(one.call))


def _counts(array: np.ndarray, axis: int) -> bool:
    """Whether an array is 0, 1, 2, ... along an axis, and has no other."""
    return (
        array.dtype.kind in "iu"
        and array.size == array.shape[axis]
        and bool(np.array_equal(array.ravel(), np.arange(array.size)))
    )
