"""Contexts: cancelling, deadlines, values, callbacks and the timer thread."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from functools import partial

import pytest

from refexec.context import Context, background
from refexec.errors import CancelledError, ContextError, DeadlineExceededError

SOON = 0.02
LONG = 600.0
PATIENCE = 10.0


def test_background_is_never_done() -> None:
    ctx = background()
    assert ctx is background()
    assert ctx.err is None
    assert ctx.deadline is None
    assert not ctx.done.is_set()
    assert not ctx.done.wait(0)
    ctx.check()
    called: list[int] = []
    remove = ctx.add_done_callback(lambda: called.append(1))
    remove()
    assert called == []
    assert repr(ctx) == "<Context alive>"


# -- cancelling ------------------------------------------------------------------------------------


def test_cancel_ends_the_context_and_its_descendants_but_not_its_parent() -> None:
    parent, cancel_parent = background().with_cancel()
    ctx, cancel = parent.with_cancel()
    child, _ = ctx.with_cancel()
    grandchild = child.with_value("k", "v")
    cancel()
    for ended in (ctx, child, grandchild):
        assert ended.done.is_set()
        assert ended.done.wait()
        assert isinstance(ended.err, CancelledError)
        with pytest.raises(CancelledError, match="context canceled"):
            ended.check()
    assert parent.err is None
    assert repr(child) == "<Context context canceled>"
    cancel_parent()
    assert isinstance(parent.err, CancelledError)


def test_cancelling_again_has_no_effect() -> None:
    ctx, cancel = background().with_cancel()
    called: list[int] = []
    ctx.add_done_callback(lambda: called.append(1))
    cancel()
    cancel()
    assert called == [1]


def test_a_context_derived_from_a_done_one_is_done() -> None:
    ctx, cancel = background().with_cancel()
    cancel()
    for derived, _ in (ctx.with_cancel(), ctx.with_timeout(LONG)):
        assert isinstance(derived.err, CancelledError)
    assert isinstance(ctx.with_value(1, 2).err, CancelledError)


def test_every_error_is_a_fresh_one() -> None:
    ctx, cancel = background().with_cancel()
    cancel()
    assert ctx.err is not ctx.err
    assert isinstance(ctx.err, ContextError)


def test_cancel_wakes_a_waiter() -> None:
    ctx, cancel = background().with_cancel()
    waiting = threading.Event()
    woken: list[bool] = []

    def wait() -> None:
        waiting.set()
        woken.append(ctx.done.wait(PATIENCE))

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(PATIENCE)
    cancel()
    thread.join(PATIENCE)
    assert woken == [True]


def test_many_threads_cancel_at_once() -> None:
    for _ in range(20):
        ctx, cancel = background().with_cancel()
        child, _ = ctx.with_cancel()
        called: list[int] = []
        child.add_done_callback(partial(called.append, 1))
        threads = [threading.Thread(target=cancel) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert called == [1]
        assert child.done.is_set()


# -- deadlines -------------------------------------------------------------------------------------


def test_timeout_ends_the_context() -> None:
    before = time.monotonic()
    ctx, cancel = background().with_timeout(SOON)
    assert ctx.deadline is not None
    assert before + SOON <= ctx.deadline <= time.monotonic() + SOON
    assert ctx.done.wait(PATIENCE)
    assert time.monotonic() >= ctx.deadline
    assert isinstance(ctx.err, DeadlineExceededError)
    assert repr(ctx) == "<Context context deadline exceeded>"
    cancel()
    assert isinstance(ctx.err, DeadlineExceededError)
    with pytest.raises(DeadlineExceededError):
        ctx.check()


def test_timeout_ends_descendants_for_the_same_reason() -> None:
    ctx, _ = background().with_timeout(SOON)
    child, _ = ctx.with_cancel()
    assert child.done.wait(PATIENCE)
    assert isinstance(child.err, DeadlineExceededError)
    assert child.deadline == ctx.deadline


def test_cancel_before_the_deadline() -> None:
    ctx, cancel = background().with_timeout(LONG)
    assert ctx.err is None
    cancel()
    assert isinstance(ctx.err, CancelledError)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_deadline_that_has_passed_ends_at_once(seconds: float) -> None:
    ctx, _ = background().with_timeout(seconds)
    assert ctx.done.is_set()
    assert isinstance(ctx.err, DeadlineExceededError)


def test_the_earlier_deadline_counts() -> None:
    now = time.monotonic()
    early, _ = background().with_deadline(now + LONG)
    later, cancel_later = early.with_deadline(now + 2 * LONG)
    assert later.deadline == now + LONG
    cancel_later()
    assert isinstance(later.err, CancelledError)
    assert early.err is None
    nearer, _ = early.with_deadline(now + SOON)
    assert nearer.deadline == now + SOON
    assert nearer.done.wait(PATIENCE)
    assert early.err is None


def test_timers_fire_in_order_and_from_one_thread() -> None:
    fired: list[int] = []
    threads: set[str] = set()
    now = time.monotonic()
    contexts = []
    for i in (3, 1, 0, 2):
        ctx, _ = background().with_deadline(now + SOON * (i + 1))

        def note(i: int = i) -> None:
            fired.append(i)
            threads.add(threading.current_thread().name)

        ctx.add_done_callback(note)
        contexts.append(ctx)
    last, _ = background().with_deadline(now + SOON * 5)
    finished = threading.Event()
    last.add_done_callback(finished.set)
    assert finished.wait(PATIENCE)
    assert fired == [0, 1, 2, 3]
    assert threads == {"refexec-timers"}


def test_timers_leak_neither_threads_nor_memory() -> None:
    def timers() -> int:
        return sum(thread.name == "refexec-timers" for thread in threading.enumerate())

    kept, cancel_kept = background().with_timeout(LONG)
    for _ in range(1000):
        _, cancel = kept.with_timeout(LONG / 2)
        cancel()
    assert timers() == 1
    # They are gone from the queue: one that is due next still comes first.
    ctx, _ = kept.with_timeout(SOON)
    assert ctx.done.wait(PATIENCE)
    assert kept.err is None
    cancel_kept()


def test_a_timer_that_was_undone_is_passed_over() -> None:
    undone, cancel = background().with_timeout(SOON)
    ctx, _ = background().with_timeout(2 * SOON)
    cancel()
    assert ctx.done.wait(PATIENCE)
    assert isinstance(undone.err, CancelledError)


# -- values ----------------------------------------------------------------------------------------


def test_values() -> None:
    first = background().with_value("a", 1)
    ctx, _ = first.with_value("b", 2).with_cancel()
    second = ctx.with_value("a", 3)
    assert (first.value("a"), first.value("b")) == (1, None)
    assert (ctx.value("a"), ctx.value("b")) == (1, 2)
    assert (second.value("a"), second.value("b")) == (3, 2)
    assert background().value("a") is None
    assert first.value(None) is None


def test_a_value_does_not_end_by_itself() -> None:
    parent, cancel = background().with_cancel()
    ctx = parent.with_value("k", "v")
    assert ctx.err is None
    cancel()
    assert ctx.value("k") == "v"
    assert ctx.done.is_set()


# -- callbacks -------------------------------------------------------------------------------------


def test_callbacks_are_called_in_order_after_the_context_ended() -> None:
    ctx, cancel = background().with_cancel()
    seen: list[tuple[str, bool, type]] = []

    def note(name: str) -> None:
        seen.append((name, ctx.done.is_set(), type(ctx.err)))

    ctx.add_done_callback(lambda: note("a"))
    ctx.add_done_callback(lambda: note("b"))
    cancel()
    assert seen == [("a", True, CancelledError), ("b", True, CancelledError)]


def test_a_callback_on_a_done_context_is_called_at_once() -> None:
    ctx, cancel = background().with_cancel()
    cancel()
    called: list[int] = []
    remove = ctx.add_done_callback(lambda: called.append(threading.get_ident()))
    assert called == [threading.get_ident()]
    remove()


def test_a_removed_callback_is_not_called() -> None:
    ctx, cancel = background().with_cancel()
    called: list[str] = []
    remove = ctx.add_done_callback(lambda: called.append("removed"))
    ctx.add_done_callback(lambda: called.append("kept"))
    remove()
    remove()
    cancel()
    assert called == ["kept"]


def test_a_callback_may_cancel_register_and_remove() -> None:
    ctx, cancel = background().with_cancel()
    other, cancel_other = background().with_cancel()
    called: list[str] = []

    def busy() -> None:
        cancel()
        remove()
        ctx.add_done_callback(lambda: called.append("late"))
        cancel_other()

    remove = ctx.add_done_callback(busy)
    cancel()
    assert called == ["late"]
    assert other.done.is_set()


def test_a_failing_callback_is_reported_and_keeps_nobody_from_being_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_value))
    failure = RuntimeError("callback")

    def fail() -> None:
        raise failure

    ctx, cancel = background().with_cancel()
    called: list[int] = []
    ctx.add_done_callback(fail)
    ctx.add_done_callback(lambda: called.append(1))
    cancel()
    assert called == [1]
    assert reported == [failure]


def test_a_failing_callback_does_not_end_the_timer_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.set())

    def fail() -> None:
        raise RuntimeError("callback")

    ctx, _ = background().with_timeout(SOON)
    ctx.add_done_callback(fail)
    assert reported.wait(PATIENCE)
    again, _ = background().with_timeout(SOON)
    assert again.done.wait(PATIENCE)


def test_a_child_that_ended_is_forgotten_by_its_parent() -> None:
    class Load:
        pass

    parent, cancel = background().with_cancel()

    def work(parent: Context) -> weakref.ref[Load]:
        load = Load()
        child, cancel_child = parent.with_cancel()
        child.add_done_callback(partial(id, load))
        timed, cancel_timed = child.with_timeout(LONG)
        timed.add_done_callback(partial(id, load))
        cancel_timed()
        cancel_child()
        return weakref.ref(load)

    reference = work(parent)
    gc.collect()
    assert reference() is None
    assert parent.err is None
    cancel()
