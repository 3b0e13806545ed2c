"""The rendezvous between service threads and the serve loop, and the error slot."""

from __future__ import annotations

import threading

import pytest

from refexec.context import background
from refexec.packet import Packet, Thunk, make_info
from refexec.runtime.channels import ErrorSlot, SendQueue
from service_world import WAIT, Background


def waiting_queue() -> tuple[SendQueue, threading.Semaphore]:
    queue = SendQueue()
    offered = threading.Semaphore(0)
    queue.on_waiting(offered.release)
    return queue, offered


def test_send_returns_only_when_the_thunk_is_taken() -> None:
    queue, offered = waiting_queue()
    thunk = Thunk.of(make_info(1))
    sending = Background(queue.send, thunk, background())
    assert offered.acquire(timeout=WAIT)
    assert sending.running
    assert queue.waiting()
    assert queue.take_nowait() is thunk
    assert sending.result() is True
    assert not queue.waiting()
    assert queue.take_nowait() is None


def test_thunks_are_taken_in_the_order_of_offers() -> None:
    queue, offered = waiting_queue()
    thunks = [Thunk.of(make_info(i)) for i in range(5)]
    sending = []
    for thunk in thunks:
        sending.append(Background(queue.send, thunk, background()))
        assert offered.acquire(timeout=WAIT)
    assert [queue.take_nowait() for _ in thunks] == thunks
    assert all(call.result() for call in sending)


def test_send_gives_up_when_the_context_is_done() -> None:
    queue, offered = waiting_queue()
    ctx, cancel = background().with_cancel()
    evaluated = threading.Event()

    def evaluate() -> tuple[Packet | None, Exception | None]:
        evaluated.set()
        return None, None

    sending = Background(queue.send, Thunk(evaluate), ctx)
    assert offered.acquire(timeout=WAIT)
    cancel()
    assert sending.result() is False
    assert not queue.waiting()
    assert queue.take_nowait() is None
    assert not evaluated.is_set()


def test_send_with_a_context_that_is_done_is_never_offered() -> None:
    queue, offered = waiting_queue()
    ctx, cancel = background().with_cancel()
    cancel()
    assert queue.send(Thunk.of(None), ctx) is False
    assert not offered.acquire(blocking=False)


def test_send_gives_up_after_its_timeout() -> None:
    queue, _ = waiting_queue()
    assert queue.send(Thunk.of(None), background(), timeout=0.001) is False
    assert not queue.waiting()


def test_close_ends_pending_and_future_sends() -> None:
    queue, offered = waiting_queue()
    sending = [Background(queue.send, Thunk.of(None), background()) for _ in range(3)]
    for _ in sending:
        assert offered.acquire(timeout=WAIT)
    queue.close()
    assert [call.result() for call in sending] == [False] * 3
    assert queue.take_nowait() is None
    assert queue.send(Thunk.of(None), background()) is False
    queue.close()


def test_a_late_hook_is_told_of_a_sender_that_waits_already() -> None:
    queue, offered = waiting_queue()
    sending = Background(queue.send, Thunk.of(None), background())
    assert offered.acquire(timeout=WAIT)
    calls: list[None] = []
    queue.on_waiting(lambda: calls.append(None))
    assert len(calls) == 1
    queue.on_waiting(None)
    queue.close()
    assert sending.result() is False


def test_send_without_a_hook_is_found_by_looking() -> None:
    queue = SendQueue()
    sending = Background(queue.send, Thunk.of(None), background())
    while not queue.waiting():
        pass
    assert queue.take_nowait() is not None
    assert sending.result() is True


def test_each_thunk_is_taken_once_by_many_takers() -> None:
    queue = SendQueue()
    numbers = range(200)
    taken: list[int] = []

    def evaluate(number: int) -> tuple[None, None]:
        taken.append(number)
        return None, None

    sending = [
        Background(
            lambda part: [
                queue.send(Thunk(lambda n=n: evaluate(n)), background())  # type: ignore[misc]  # n
                for n in numbers[part::4]
            ],
            part,
        )
        for part in range(4)
    ]
    while len(taken) < len(numbers):
        thunk = queue.take_nowait()
        if thunk is not None:
            thunk()
    assert all(all(call.result()) for call in sending)
    assert sorted(taken) == list(numbers)


@pytest.mark.parametrize("first", ["fail", "close"])
def test_the_first_call_settles_an_error_slot(first: str) -> None:
    slot = ErrorSlot()
    assert slot.poll() is None
    assert not slot.settled
    events: list[None] = []
    slot.on_event(lambda: events.append(None))
    error = RuntimeError("first")
    if first == "fail":
        assert slot.fail(error)
    else:
        assert slot.close()
    assert not slot.fail(RuntimeError("second"))
    assert not slot.close()
    assert slot.settled
    assert slot.poll() is (error if first == "fail" else None)
    assert len(events) == 1


def test_an_error_slot_without_a_hook_and_with_a_late_one() -> None:
    slot = ErrorSlot()
    slot.on_event(None)
    slot.fail(RuntimeError("early"))
    events: list[None] = []
    slot.on_event(lambda: events.append(None))
    assert len(events) == 1
    slot.on_event(None)
    assert str(slot.poll()) == "early"
