"""One lane among others: its part of a batch, forward and back, and of the sum of all lanes' gradients."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from netbuilder.analysis import Report
from netbuilder.kernels.scratch import Array

from .board import BYTES, DONE, Board, Meeting, Order, longest_message
from .lanes import Bound, Lane
from .plan import Exchange, Plan
from .shared_memory import SharedMemory
from .steps import Step, quickest, steps_of


class Network(NamedTuple):
    """A design as the lanes run it: its steps as drawn, the quickest ones, and their type of numbers."""

    drawn: tuple[Step, ...]
    quickest: tuple[Step, ...]
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, report: Report, dtype: str) -> "Network":
        """From what is known of a valid design."""
        steps = steps_of(report)
        return cls(steps, quickest(steps), np.dtype(dtype))

    @property
    def longest_message(self) -> int:
        """Bytes of the most that lanes tell each other at once: layers that remember statistics of the batch tell no
        more numbers than they have weights."""
        facts = [step.facts for step in self.drawn]
        return longest_message(
            max(sum(w.size for w in each.weights.values()) if each.statistics else 0 for each in facts)
        )


NOTHING = Plan(False, False, 0, (slice(0, 0),), ())


class Seat(NamedTuple):
    """A lane's place among `lanes`, with the memory it meets the others in and the one for all arrays. It can be handed
    to a process as that is started."""

    number: int
    lanes: int
    longest: int
    meetings: SharedMemory
    room: SharedMemory


class Member:
    """A lane in its seat."""

    def __init__(self, network: Network, lane: Lane, seat: Seat, look: Callable[[], None]) -> None:
        self._network, self._lane, self.seat = network, lane, seat
        self.board = Board(seat.meetings, seat.lanes, seat.longest)
        self._meeting = Meeting(self.board, seat.number, look)
        self.take(NOTHING)

    def take(self, plan: Plan, size: int = 0) -> None:
        """Work by this plan from now on. Its arrays lie in so much shared memory, by default in what they need."""
        self.plan, self._untold = NOTHING, {False, True}  # should there be no room
        exchange, room = Exchange(self._network.drawn, self._network.dtype, plan), self.seat.room
        if (size or exchange.bytes) > room.size:
            room.resize(size or exchange.bytes)
        exchange.attach(room)
        self.plan, self.exchange = plan, exchange

    def forward(self, order: Order, bound: Bound, x: Array) -> None:
        """This lane's examples through the network; what is wanted of them goes into shared memory."""
        plan, exchange = self.plan, self.exchange
        self._meeting.begin(order, len(plan.shares))
        share, noise = plan.shares[self.seat.number], (plan.seed, order.step)
        values = self._lane.forward(self._steps, bound, x, plan.training, noise, share.start, self._meeting)
        for step, output in exchange.outputs.items():
            np.copyto(output[share], values[step])
        self._done(order)

    def backward(self, order: Order, read: Mapping[int, Array]) -> list[str]:
        """The way back, from this lane's gradients by the outputs that the loss has read. Gives the names of the
        weights whose gradients, summed over all lanes, are in shared memory once all are done."""
        plan, exchange = self.plan, self.exchange
        self._meeting.begin(order, len(plan.shares))
        gradients = self._lane.backward(self._steps, read)
        own = exchange.gradients[self.seat.number]
        for key, gradient in gradients.items():
            np.copyto(own[key], gradient)
        self._meeting(())
        part = plan.part(self.seat.number, exchange.flat[0].size)
        with np.errstate(all="ignore"):
            for other in exchange.flat[1:]:
                exchange.flat[0][part] += other[part]
        self._done(order)
        return list(gradients)

    @property
    def _steps(self) -> tuple[Step, ...]:
        return self._network.drawn if self.plan.every else self._network.quickest

    def _done(self, order: Order) -> None:
        if self.seat.number and order.back in self._untold:
            self._untold.remove(order.back)
            self.board.tell(self.seat.number, BYTES, self._lane.bytes)
        self.board.tell(self.seat.number, DONE, order.number)
