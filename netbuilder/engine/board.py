"""Where lanes in several processes see how far the others are, and meet: counters and messages in shared memory."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from math import prod
from time import perf_counter, sleep
from typing import Any, NamedTuple, cast

import numpy as np

from netbuilder.kernels.scratch import Array

from .shared_memory import SharedMemory

LINE = 8
"""Counters in a cache line: every lane writes to a line of its own, and before them the orders have two."""
NUMBER, ORDERS = 0, 2
READY, DONE, MET, FAILED, ASLEEP, BYTES = range(6)
"""What a lane tells: that it has loaded, which order it has done, which meeting it came to, that it cannot go on, that
it sleeps, and what its buffers take."""
MEETINGS = 1 << 20
"""More than a pass has."""
KEEN = 0.0002
"""Seconds a lane looks for the others without sleeping: mostly they arrive within microseconds of each other."""
PAUSE = 0.00005
INTEGER = np.dtype(np.int64)
Form = tuple[tuple[int, ...], np.dtype[Any]]


class Order(NamedTuple):
    """What the first lane asks of the others: a pass forward or back, the number of what was agreed on before, and
    the step that noise follows from."""

    number: int
    back: bool
    agreement: int
    step: int


class Board:
    """Counters that the lanes of one network write and read, and room for what they say when they meet; `longest` bytes
    are the most a lane says at once.

    A processor may show its writes to others in any order, but a counter has to come after what it counts: giving a
    lock back and taking it again keeps memory in order (POSIX.1-2017, 4.12).
    """

    def __init__(self, memory: SharedMemory, lanes: int, longest: int) -> None:
        self._memory, self._lanes, self._longest = memory, lanes, longest
        self._counters = memory.counters((ORDERS + lanes) * LINE)
        self._places_of: dict[tuple[Any, ...], list[Array]] = {}
        self._lock = threading.RLock()  # a Ctrl+C may leave it taken

    @staticmethod
    def bytes(lanes: int, longest: int) -> int:
        """Memory that a board takes."""
        return (ORDERS + lanes) * LINE * 8 + 2 * lanes * longest

    # ---- orders ------------------------------------------------------------------------------------------------------

    def post(self, back: bool, agreement: int, step: int) -> Order:
        """Ask the other lanes for a pass."""
        order = Order(self._counters[NUMBER] + 1, back, agreement, step)
        for place, value in enumerate(order[1:], start=_order_at(order.number)):
            self._counters[place] = int(value)
        self._write(NUMBER, order.number)
        return order

    def order(self, after: int) -> Order | None:
        """The last order, if it came after the one of this number."""
        while (number := self._read(NUMBER)) != after:
            place = _order_at(number)
            back, agreement, step = self._counters[place : place + 3]
            self._keep_order()
            if self._counters[NUMBER] == number:  # a lane without a share may be orders behind
                return Order(number, bool(back), agreement, step)
        return None

    def tell(self, lane: int, counter: int, value: int) -> None:
        """Set one of a lane's counters."""
        self._write(_place(lane, counter), value)

    def told(self, counter: int) -> list[int]:
        """One counter of all lanes."""
        return [self._read(_place(lane, counter)) for lane in range(self._lanes)]

    def await_told(self, lanes: Iterable[int], counter: int, value: int, look: Callable[[], None]) -> None:
        """Wait until a counter of these lanes is as large; `look` raises if nobody will come."""
        self._await([_place(lane, counter) for lane in lanes], value, look)

    # ---- meetings ----------------------------------------------------------------------------------------------------

    def meet(self, lane: int, lanes: int, turn: int, values: Any, look: Callable[[], None]) -> Sequence[Any]:
        """What each of the first `lanes` says at this turn, when all have said it. It holds until the turn after next,
        and has the form of `values`, what this lane says: an array, or a tuple of arrays and whole numbers."""
        parts = _parts(values)
        for place, part in zip(self._places(lane, turn, parts), parts, strict=True):
            place[...] = part
        self._write(_place(lane, MET), turn)
        self._await([_place(other, MET) for other in range(lanes)], turn, look)
        return [values if other == lane else self._heard(other, turn, values, parts) for other in range(lanes)]

    def _heard(self, lane: int, turn: int, like: Any, parts: Sequence[Any]) -> Any:
        places = self._places(lane, turn, parts)
        found = [int(place) if isinstance(part, int) else place for place, part in zip(places, parts, strict=True)]
        return getattr(like, "_make", tuple)(found) if parts is like else found[0]

    def _places(self, lane: int, turn: int, parts: Sequence[Any]) -> list[Array]:
        """Where a lane says what: the same places again for what has the same form."""
        forms = tuple((getattr(part, "shape", ()), getattr(part, "dtype", INTEGER)) for part in parts)
        found = self._places_of.get((lane, turn % 2, forms))
        if found is None:
            found = self._places_of[lane, turn % 2, forms] = self._laid_out(lane, turn, forms)
        return found

    def _laid_out(self, lane: int, turn: int, forms: Iterable[Form]) -> list[Array]:
        offset = (ORDERS + self._lanes) * LINE * 8 + (2 * lane + turn % 2) * self._longest
        end, found = offset + self._longest, list[Array]()
        for shape, dtype in forms:
            size = -(-prod(shape) * dtype.itemsize // 8) * 8
            if offset + size > end:
                raise ValueError(f"A layer has more to say to the other lanes than {self._longest} bytes.")
            found.append(self._memory.array(offset, shape, dtype))
            offset += size
        return found

    # ---- counters ----------------------------------------------------------------------------------------------------

    def _write(self, place: int, value: int) -> None:
        self._keep_order()
        self._counters[place] = value
        self._keep_order()

    def _read(self, place: int) -> int:
        value = self._counters[place]
        self._keep_order()
        return value

    def _await(self, places: Iterable[int], value: int, look: Callable[[], None]) -> None:
        counters, begun = self._counters, perf_counter()
        for place in places:
            while counters[place] < value:
                if perf_counter() - begun < KEEN:
                    give_way()
                else:
                    look()
                    sleep(PAUSE)
        self._keep_order()

    def _keep_order(self) -> None:
        with self._lock:
            pass
        with self._lock:
            pass


class Meeting:
    """How one lane hears what all that are busy computed, again and again in the course of a pass."""

    def __init__(self, board: Board, lane: int, look: Callable[[], None]) -> None:
        self._board, self._lane, self._look = board, lane, look
        self._lanes = self._turn = 0

    def begin(self, order: Order, lanes: int) -> None:
        """The first `lanes` take part in this pass."""
        self._lanes, self._turn = lanes, order.number * MEETINGS

    def __call__(self, values: Any) -> Sequence[Any]:
        self._turn += 1
        return self._board.meet(self._lane, self._lanes, self._turn, values, self._look)


def give_way() -> None:
    """Let another process have the processor, if one wants it."""
    if sys.platform == "win32":
        sleep(0)
    else:
        os.sched_yield()  # a sleep of 0 takes 50 microseconds on Linux


def longest_message(numbers: int) -> int:
    """Bytes for so many numbers in double precision, and some single ones."""
    return 8 * numbers + 64


def _parts(values: Any) -> Sequence[Any]:
    """What a tuple says, one after the other, or what is said at all."""
    return cast(Sequence[Any], values) if isinstance(values, tuple) else (values,)


def _order_at(number: int) -> int:
    """In turns, so that one can be read while the next is written."""
    return number % 2 * LINE + 1


def _place(lane: int, counter: int) -> int:
    return (ORDERS + lane) * LINE + counter
