"""Lanes: eight doubles at once in compiled loops, by IEEE + - * / alone, each lane as a plain loop would reckon it: no fused or reordered sums.

A processor that does four, two or one at a time does the same eight in turn, so that every machine gives the same bytes.
"""

import operator
from functools import wraps
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending, types, uint64
from numba.extending import models, overload, register_model

from nqp_topics.files.compiled import compiled

intrinsic: Any = extending.intrinsic  # a type checker takes what it makes for calls from Python
LANES = 8
EACH, ONE = np.uint64(LANES), np.uint64(1)
WIDE = np.uint64(48)  # topics: from here on eight at a time are quicker
STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # of splitmix64
KINDS = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
DOUBLES, WHOLES, LONGS = (ir.VectorType(kind, LANES) for kind in KINDS)


class Lanes(types.Type):
    """The type of as many numbers as there are lanes, doubles or whole numbers; they live within loops only."""

    def __init__(self, name: str, vector: Any) -> None:
        self.vector = vector
        super().__init__(name=name)


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """All lanes are one value to the compiler."""

    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, of.vector)


EIGHT, LABELS = Lanes("Doubles", DOUBLES), Lanes("Labels", LONGS)


def _lanes(kind: Any) -> Any:
    """Return the vector of eight of what an array holds, and the bytes of one."""
    bits = kind.dtype.bitwidth
    one = ir.DoubleType() if kind.dtype == types.float64 else ir.IntType(bits)
    return ir.VectorType(one, LANES), bits // 8


def _pointer(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [place])


def _doubles(builder: Any, kind: Any, value: Any) -> Any:
    if kind.dtype == types.float64:
        return value
    return (builder.sitofp if kind.dtype.signed else builder.uitofp)(value, DOUBLES)


def _filled(builder: Any, kind: Any, value: Any) -> Any:
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.IntType(32)(0))
    return builder.shuffle_vector(one, one, ir.Constant(WHOLES, [0] * LANES))


def of_values(result: Any, *kinds: Any) -> Any:
    """Make a function of loops of one that builds its value from those given to it; `result` and `kinds` are their types."""

    def made(build: Any) -> Any:
        @intrinsic
        @wraps(build)
        def typed(typing: Any, *given: Any) -> Any:
            def make(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                return build(builder, *values)

            return result(*kinds), make

        return typed

    return made


@intrinsic
def load(typing: Any, array: Any, place: Any) -> Any:
    """Return eight neighbours of an array, whole numbers as doubles."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        vector, size = _lanes(array)
        pointer = builder.bitcast(_pointer(context, builder, array, *given), vector.as_pointer())
        return _doubles(builder, array, builder.load(pointer, align=size))

    return EIGHT(array, types.uint64), make


@intrinsic
def store(typing: Any, array: Any, place: Any, eight: Any) -> Any:
    """Write doubles of all lanes from a place on."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        pointer = builder.bitcast(_pointer(context, builder, array, *given[:2]), DOUBLES.as_pointer())
        builder.store(given[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, types.uint64, EIGHT), make


@intrinsic
def picked(typing: Any, array: Any, labels: Any, place: Any) -> Any:
    """Return for each lane what an array (topics × lanes) has for the topic that eight labels, from a place on, say."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        vector, _ = _lanes(array)
        found = ir.Constant(vector, ir.Undefined)
        long = ir.IntType(64)
        for lane in range(LANES):
            at = builder.add(given[2], long(lane))
            topic = builder.zext(builder.load(_pointer(context, builder, labels, given[1], at)), long)
            at = builder.add(builder.mul(topic, long(LANES)), long(lane))
            value = builder.load(_pointer(context, builder, array, given[0], at))
            found = builder.insert_element(found, value, ir.IntType(32)(lane))
        return _doubles(builder, array, found)

    return EIGHT(array, labels, types.uint64), make


@of_values(EIGHT, types.float64)
def alike(builder: Any, value: Any) -> Any:
    """Return eight times the same number."""
    return _filled(builder, DOUBLES, value)


@of_values(types.float64, EIGHT)
def total(builder: Any, eight: Any) -> Any:
    """Return the sum of all lanes: of lanes four apart, of these two apart, and of these."""
    for apart in (4, 2, 1):
        order = ir.Constant(WHOLES, [(lane + apart) % LANES for lane in range(LANES)])
        eight = builder.fadd(eight, builder.shuffle_vector(eight, eight, order))
    return builder.extract_element(eight, ir.IntType(32)(0))


@intrinsic
def load_labels(typing: Any, array: Any, place: Any) -> Any:
    """Return the labels of all lanes from a place on."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        vector, size = _lanes(array)
        pointer = builder.bitcast(_pointer(context, builder, array, *given), vector.as_pointer())
        return builder.zext(builder.load(pointer, align=size), LONGS)

    return LABELS(array, types.uint64), make


@intrinsic
def store_labels(typing: Any, array: Any, place: Any, labels: Any) -> Any:
    """Write the labels of all lanes from a place on."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        vector, size = _lanes(array)
        pointer = builder.bitcast(_pointer(context, builder, array, *given[:2]), vector.as_pointer())
        builder.store(builder.trunc(given[2], vector), pointer, align=size)
        return context.get_dummy_value()

    return types.void(array, types.uint64, LABELS), make


@of_values(LABELS, types.uint64)
def label(builder: Any, value: Any) -> Any:
    """Return the same label in all lanes."""
    return _filled(builder, LONGS, value)


@of_values(EIGHT, EIGHT, EIGHT, EIGHT, EIGHT)
def where_less(builder: Any, one: Any, other: Any, then: Any, otherwise: Any) -> Any:
    """Return lane by lane `then` where a number is less than another, and else `otherwise`."""
    return builder.select(builder.fcmp_ordered("<", one, other), then, otherwise)


@of_values(EIGHT, LABELS, LABELS, EIGHT, EIGHT)
def where_alike(builder: Any, labels: Any, others: Any, then: Any, otherwise: Any) -> Any:
    """Return lane by lane `then` where two labels are the same, and else `otherwise`."""
    return builder.select(builder.icmp_unsigned("==", labels, others), then, otherwise)


@of_values(LABELS, LABELS, EIGHT, EIGHT)
def past(builder: Any, labels: Any, one: Any, other: Any) -> Any:
    """Return labels, one higher in lanes where a number is no greater than another."""
    return builder.sub(labels, builder.sext(builder.fcmp_ordered("<=", one, other), LONGS))


@of_values(LABELS, LABELS, LABELS)
def lesser(builder: Any, one: Any, other: Any) -> Any:
    """Return lane by lane the lesser of two labels."""
    return builder.select(builder.icmp_signed("<", one, other), one, other)


@of_values(types.uint64, LABELS, LABELS)
def unlike(builder: Any, one: Any, other: Any) -> Any:
    """Return a bit for each lane, the lowest for the first: whether labels differ."""
    bits = builder.bitcast(builder.icmp_unsigned("!=", one, other), ir.IntType(LANES))
    return builder.zext(bits, ir.IntType(64))


@of_values(types.uint64, EIGHT, EIGHT)
def below(builder: Any, one: Any, other: Any) -> Any:
    """Return a bit for each lane: whether a number is less than another."""
    bits = builder.bitcast(builder.fcmp_ordered("<", one, other), ir.IntType(LANES))
    return builder.zext(bits, ir.IntType(64))


@of_values(types.uint64, types.uint64)
def lowest(builder: Any, bits: Any) -> Any:
    """Return the number of the lowest bit that is set."""
    return builder.cttz(bits, ir.Constant(ir.IntType(1), 1))


@intrinsic
def random(typing: Any, states: Any) -> Any:
    """Step the states of splitmix64 of all lanes and return their random numbers, from 0 to below 1."""

    def make(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        zero = ir.IntType(64)(0)
        pointer = builder.bitcast(_pointer(context, builder, states, given[0], zero), LONGS.as_pointer())
        same = lambda number: ir.Constant(LONGS, [number] * LANES)  # noqa: E731
        x = builder.add(builder.load(pointer, align=8), same(STEP))
        builder.store(x, pointer, align=8)
        for shift, factor in ((30, FIRST), (27, SECOND)):
            x = builder.mul(builder.xor(x, builder.lshr(x, same(shift))), same(factor))
        x = builder.lshr(builder.xor(x, builder.lshr(x, same(31))), same(11))
        # a whole number below 2**53 as a double: its upper and lower half each behind the exponent that makes them count as what they are
        upper = builder.bitcast(builder.or_(builder.lshr(x, same(32)), same(0x453 << 52)), DOUBLES)
        lower = builder.bitcast(builder.or_(builder.and_(x, same(2**32 - 1)), same(0x433 << 52)), DOUBLES)
        whole = builder.fadd(builder.fsub(upper, ir.Constant(DOUBLES, [2.0**84 + 2.0**52] * LANES)), lower)
        return builder.fmul(whole, ir.Constant(DOUBLES, [2.0**-53] * LANES))

    return EIGHT(states), make


def _operator(sign: Any, name: str) -> None:
    @of_values(EIGHT, EIGHT, EIGHT)
    def both(builder: Any, one: Any, other: Any) -> Any:
        return getattr(builder, name)(one, other)

    @overload(sign, strict=False)
    def work(one: Any, other: Any) -> Any:
        if one == other == EIGHT:
            return lambda one, other: both(one, other)
        return None


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")


@compiled
def among_many(suits, row, word_prior, old, less, chance, part):
    """Return the sum over all topics and the topic that is drawn from it: first eight topics, then one of them."""
    topics = uint64(suits.shape[0])
    wide, mine = topics // EACH, old // EACH
    beta = alike(word_prior)
    whole = 0.0
    for block in range(wide):
        whole += total(load(suits, block * EACH) * (load(row, block * EACH) + beta))
        part[block + ONE] = whole + (less if block >= mine else 0.0)
    for topic in range(wide * EACH, topics):
        whole += suits[topic] * (row[topic] + word_prior)
    whole += less
    chance *= whole
    block = uint64(0)
    for some in range(ONE, (topics + EACH - ONE) // EACH):
        block += uint64(part[some] <= chance)
    here = part[block]
    new = block * EACH
    for topic in range(block * EACH, min(block * EACH + EACH, topics) - ONE):
        here += suits[topic] * (row[topic] + word_prior) + (less if topic == old else 0.0)
        new += uint64(here <= chance)
    return whole, new
