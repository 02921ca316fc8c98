"""A batch divided between processes: the first lane is computed in this one, every other in one of its own."""

import multiprocessing
import os
import weakref
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import numpy as np

from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array

from .board import ASLEEP, BYTES, DONE, FAILED, READY, Board, Order
from .lane_process import Agreement, main
from .lanes import Bound, Lane
from .member import Member, Network, Seat
from .plan import Plan
from .processes import Pipe, ending_signal, start
from .shared_memory import SharedMemory

PATIENCE = 2.0
"""Seconds a process gets to end by itself before it is ended."""
SOON = 0.5
"""Seconds that a process whose pipe is closed gets to be gone."""
PROCESS_BYTES = 32 << 20
"""Memory a process takes beside its lane's arrays: an interpreter with NumPy."""


class LaneLost(ValueError):
    """A process that computed a part of the batch is gone; the sentence says why, as far as that is known."""


class Served(Protocol):
    """A process that serves a lane."""

    @property
    def exitcode(self) -> int | None: ...
    def is_alive(self) -> bool: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


class Crew:
    """So many lanes for one network, at work on one batch at a time. An error ends it, whoever raised it: another crew
    can be started."""

    def __init__(self, graph: Graph, network: Network, own: Lane, lanes: int) -> None:
        longest, pid = network.longest_message, os.getpid()
        first = Seat(0, lanes, longest, SharedMemory(Board.bytes(lanes, longest)), SharedMemory(1))
        board = Board(first.meetings, lanes, longest)
        self.lanes, self._pid, self._agreed, self._read = lanes, pid, 0, tuple[int, ...]()
        self._pipes, self._processes = list[Pipe](), list[Served]()
        self._look = partial(_look, board, self._processes, self._pipes)
        self._member = Member(network, own, first, self._look)
        self.close = weakref.finalize(self, _disband, self._processes, self._pipes, pid)
        try:
            for number in range(1, lanes):
                self._start(first._replace(number=number))
        except OSError as error:
            self.close()
            raise LaneLost(
                f"A batch is divided between {lanes} processes, one for each thread, but they could not be started "
                f"({error}). Computing in one thread needs none."
            ) from error
        with self._care():
            for lane in range(1, lanes):
                self._send(lane, (graph, network.dtype.name))

    def _start(self, seat: Seat) -> None:
        pipe, other = multiprocessing.Pipe()
        self._pipes.append(pipe)
        try:
            self._processes.append(start(main, (seat, other), f"netbuilder lane {seat.number + 1}"))
        finally:
            other.close()

    @property
    def ready(self) -> bool:
        """Whether it can be asked: not after an error, nor in a copy of the process it was started in."""
        return self.close.alive and os.getpid() == self._pid

    def await_ready(self) -> None:
        """Wait until all processes have loaded. Raises LaneLost."""
        with self._care():
            self._member.board.await_told(range(1, self.lanes), READY, 1, self._look)

    @property
    def bytes(self) -> int:
        """Memory of the processes, of what is shared, and of the other lanes' buffers as far as they have told."""
        seat = self._member.seat
        shared = seat.meetings.size + seat.room.size
        return len(self._processes) * PROCESS_BYTES + shared + sum(self._member.board.told(BYTES))

    def forward(self, plan: Plan, bound: Bound, x: Array, step: int) -> Mapping[int, Array]:
        """The wanted outputs for the whole batch."""
        with self._care():
            if plan != self._member.plan:
                self._member.take(plan)
                self._agree()
            exchange = self._member.exchange
            for shared, weights in zip(exchange.bound, bound, strict=True):
                for bare, array in shared.items():
                    np.copyto(array, weights[bare])
            np.copyto(exchange.x, x[plan.elsewhere :])
            order = self._order(False, step)
            self._member.forward(order, bound, x[plan.shares[0]])
            self._await(order)
            return exchange.outputs

    def backward(self, read: Mapping[int, Array]) -> dict[str, Array]:
        """The gradients by full weight name, from those by the outputs the loss has read, for the whole batch."""
        with self._care():
            plan, exchange = self._member.plan, self._member.exchange
            if tuple(read) != self._read:
                self._read = tuple(read)
                self._agree()
            for step, dy in read.items():
                np.copyto(exchange.dys[step], dy[plan.elsewhere :])
            order = self._order(True, 0)
            learned = self._member.backward(order, {step: dy[plan.shares[0]] for step, dy in read.items()})
            self._await(order)
            return {key: exchange.gradients[0][key] for key in learned}

    def _agree(self) -> None:
        """Tell all lanes what is the same from now on."""
        self._agreed += 1
        for lane in range(1, self.lanes):
            self._send(lane, Agreement(self._agreed, self._member.plan, self._member.seat.room.size, self._read))

    def _send(self, lane: int, message: object) -> None:
        try:
            self._pipes[lane - 1].send(message)
        except OSError as error:
            raise _lost(self._processes[lane - 1]) from error

    def _order(self, back: bool, step: int) -> Order:
        board = self._member.board
        order = board.post(back, self._agreed, step)
        asleep = board.told(ASLEEP)
        for lane in self._others:
            if asleep[lane]:
                self._send(lane, None)
        return order

    def _await(self, order: Order) -> None:
        self._member.board.await_told(self._others, DONE, order.number, self._look)

    @property
    def _others(self) -> range:
        """The lanes that have a share, but for the first."""
        return range(1, len(self._member.plan.shares))

    @contextmanager
    def _care(self) -> Generator[None]:
        """Whatever goes wrong in a pass, this crew is not asked again: the others may be anywhere."""
        try:
            yield
        except BaseException:
            self._member.board.tell(0, FAILED, 1)
            self.close()
            raise


def _look(board: Board, processes: Sequence[Served], pipes: Sequence[Pipe]) -> None:
    """Raises what another lane raised, or LaneLost."""
    dead = next((each for each in processes if not each.is_alive()), None)
    failures = board.told(FAILED)[1:]  # read last: whoever ends because another failed is no news
    for lane, failed in enumerate(failures, start=1):
        if failed:
            error, details = _told(pipes[lane - 1], processes[lane - 1])
            error.add_note(f"In the process of lane {lane + 1}:\n{details}")
            raise error
    if dead is not None:
        raise _lost(dead)


def _told(pipe: Pipe, process: Served) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError) as error:
        raise _lost(process) from error


def _lost(process: Served) -> LaneLost:
    """What to say of a process that is gone; its pipe may be closed a moment before it has ended."""
    process.join(SOON)
    return LaneLost(_last_words(process.exitcode))


def _disband(served: Sequence[Served], pipes: Sequence[Any], process: int) -> None:
    """End the processes, unless this one is a copy of the one that started them."""
    for pipe in pipes:
        pipe.close()
    if os.getpid() != process:
        return
    for each in served:
        each.terminate()
    for each in served:
        each.join(PATIENCE)
        if each.is_alive():
            each.kill()
            each.join()


def _last_words(exitcode: int | None) -> str:
    """Why a process that said nothing has probably gone."""
    gone = "A process that computes a part of every batch ended unexpectedly"
    if ended := ending_signal(exitcode):
        return f"{gone}, by {ended} Computing in one thread needs none."
    code = "" if exitcode is None else f" (exit code {exitcode})"
    return f"{gone}{code}. Computing in one thread needs none."
