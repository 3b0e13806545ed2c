"""The Gate functions: `fd` gives the packet stream's descriptor, `io` transfers and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refexec.abi import iovec
from refexec.abi.files import GATE

if TYPE_CHECKING:
    from refexec.abi.host import Host

IMMEDIATE_TIMEOUT = 1000
"""A timeout from 0 up to this (nanoseconds) means: try, do not wait."""


def fd(host: Host) -> int:
    """Return the descriptor of the packet stream."""
    return GATE


def io(
    host: Host,
    receive_vector: int,
    receive_count: int,
    received_pointer: int,
    send_vector: int,
    send_count: int,
    sent_pointer: int,
    timeout: int,
    flags_pointer: int = 0,
) -> None:
    """Send and receive in one call, waiting up to `timeout` nanoseconds (negative: no limit).

    Input ends the wait even if nothing is to be received, output only if something is to be
    sent. Both counts may be 0 afterwards. Pointers to results may be null. The flags (bit 0: the
    program was started or resumed since the last fetch) are consumed only if they are stored.
    Programs built for the oldest version of the ABI leave `flags_pointer` out.
    """
    wait = None if timeout >> 63 else timeout
    sending = iovec.has_content(host, send_vector, send_count)
    sent = received = 0
    # There mostly is room, and to send is to find out.
    tried = sending and not host.suspended
    if tried:
        sent, _ = iovec.transfer(host.send, host, send_vector, send_count)
    if sent or (
        wait is not None
        and wait < IMMEDIATE_TIMEOUT
        and (sending or iovec.has_content(host, receive_vector, receive_count))
    ):
        input_ready, output_ready = True, not tried
    else:
        input_ready, output_ready = host.poll(True, sending, wait)

    if output_ready:
        sent, _ = iovec.transfer(host.send, host, send_vector, send_count)
    if input_ready:
        received, _ = iovec.transfer(host.receive, host, receive_vector, receive_count)

    if sent_pointer:
        host.store_u32(sent_pointer, sent)
    if received_pointer:
        host.store_u32(received_pointer, received)
    if flags_pointer:
        host.store_u64(flags_pointer, host.fetch_flags())
