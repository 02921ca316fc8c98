"""What a process does that computes one lane for another: passes are ordered through shared memory, plans and errors
go through a pipe."""

import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from copy import copy
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from time import perf_counter
from typing import Any, NamedTuple

from netbuilder.analysis import analyze

from .board import ASLEEP, FAILED, READY, Board, Order, give_way
from .lanes import Lane
from .member import Member, Network, Seat
from .plan import Plan
from .processes import Pipe
from .threads import limited

IDLE = 0.001
"""Seconds after a pass in which the next one is looked for, before this process sleeps until it is woken."""
GLANCE = 5
"""Seconds between two looks for a parent whose end of the pipe somebody else may hold."""


class Agreement(NamedTuple):
    """What holds for the orders that carry its number: the plan, the size of the memory it is laid out in, and the
    steps by whose outputs gradients come back."""

    number: int
    plan: Plan
    size: int
    read: tuple[int, ...]


def main(seat: Seat, pipe: Pipe) -> None:
    """Serve until nobody is there to be served."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with limited(1):
        serve(seat, pipe)


class Alone(Exception):
    """The process that this one serves is gone, or another lane failed."""


def serve(seat: Seat, pipe: Pipe) -> None:
    """Receive a design, then its plans; do what is ordered. An error ends it, once it is told."""
    board = Board(seat.meetings, seat.lanes, seat.longest)
    try:
        graph, dtype = _heard(pipe)
        network = Network.of(analyze(graph), dtype)
        member = Member(network, Lane(network.drawn, network.dtype), seat, lambda: _heed(board))
        board.tell(seat.number, READY, 1)
        _Service(member, pipe).run()
    except Alone:
        return
    except BaseException as error:
        with suppress(OSError):
            pipe.send(_sendable(error))
            board.tell(seat.number, FAILED, 1)


class _Service:
    def __init__(self, member: Member, pipe: Pipe) -> None:
        self._member, self._board, self._pipe = member, member.board, pipe
        self._number, self._agreed, self._read = 0, 0, tuple[int, ...]()

    def run(self) -> None:
        lane = self._member.seat.number
        while True:
            order = self._next()
            while self._agreed < order.agreement:
                self._hear()
            plan, exchange = self._member.plan, self._member.exchange
            if self._agreed > order.agreement or lane >= len(plan.shares):
                continue  # nobody waits for a lane without a share, which may be orders behind
            mine = plan.behind(lane)
            if order.back:
                self._member.backward(order, {step: exchange.dys[step][mine] for step in self._read})
            else:
                self._member.forward(order, exchange.bound, exchange.x[mine])

    def _next(self) -> Order:
        """The next order, however long that takes to come."""
        begun = perf_counter()
        while (order := self._board.order(self._number)) is None:
            if perf_counter() - begun < IDLE:
                give_way()
            else:
                self._sleep()
        self._number = order.number
        return order

    def _sleep(self) -> None:
        """Until there is a message, unless an order was posted while this lane was not yet known to sleep."""
        lane = self._member.seat.number
        self._board.tell(lane, ASLEEP, 1)
        if self._board.order(self._number) is None:
            self._hear()
        self._board.tell(lane, ASLEEP, 0)

    def _hear(self) -> None:
        """One message: a plan, or a mere wake-up."""
        message = _heard(self._pipe)
        if message is not None:
            self._agreed, plan, size, self._read = message
            if plan != self._member.plan:
                self._member.take(plan, size)


def _heard(pipe: Pipe) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError):
        raise Alone from None


def _heed(board: Board) -> None:
    """Nobody waits for a lane that failed."""
    if any(board.told(FAILED)):
        raise Alone


def _sendable(error: BaseException) -> tuple[BaseException, str]:
    """An error and where it came from; one that cannot be sent in words."""
    details = "".join(traceback.format_exception(error))
    try:
        ForkingPickler.dumps(copy(error))
        return error, details
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}"), details


def _end_with_parent() -> None:
    parent, number = parent_process(), os.getppid()
    if parent is not None:
        while not wait([parent.sentinel], GLANCE):
            if sys.platform != "win32" and os.getppid() != number:
                break
        os._exit(1)
