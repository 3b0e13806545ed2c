/* copier - copies a stream of any length without a buffer of its own.
 *
 * Shows: flow control that is handed on.  Whenever the writing side gets room for n bytes, the
 * program asks the reading side for n bytes, so that everything that arrives can be sent on at
 * once, straight from the packet in which it came.
 *
 * Entry `copy` accepts one connection and copies what it reads back to it.  Entry `join` accepts
 * two connections and copies from the first to the second.  Both tell the number of bytes in the
 * debug log.
 */

#include "gate.h"

/* Bytes asked for that have not come yet: at most this many. */
enum { WINDOW = 8192 };

_Static_assert(WINDOW <= GATE_MAX_WINDOW, "see gate.h");

static int origin;

static struct {
    int32_t id; /* -1 until the connection is there */
    size_t asked;
    bool ended;
    bool asking_ended;
} source = {.id = -1};

static struct {
    int32_t id;
    size_t room; /* bytes that the sink takes and that the source has not been asked for */
    bool ended;
    bool room_ended;
} sink = {.id = -1};

static uint64_t copied;

static void handle_flow(const struct gate_flow_packet *packet)
{
    for (size_t i = 0; i < gate_flow_count(packet); i++) {
        struct gate_flow flow = packet->flows[i];
        if (flow.id != sink.id)
            continue;
        if (flow.value == 0)
            sink.room_ended = true;
        else
            sink.room += (size_t)flow.value;
    }
}

static void handle_data(const struct gate_data_packet *packet)
{
    size_t size = gate_data_size(packet);
    if (packet->id != source.id)
        return;
    if (size == 0) {
        source.ended = true;
        return;
    }
    if (size > source.asked)
        gate_fail("copier: more data than was asked for");
    source.asked -= size;
    if (!sink.ended) {
        gate_send_data(origin, sink.id, packet->data, size);
        copied += size;
    }
}

/* Ends what is over, and asks for more if there is room for it. */
static void advance(void)
{
    bool over = source.ended || sink.room_ended;

    if (sink.id >= 0 && over && !sink.ended) {
        gate_send_data(origin, sink.id, NULL, 0);
        sink.ended = true;
    }
    if (source.id >= 0 && over && !source.asking_ended) {
        gate_send_flow(origin, source.id, 0);
        source.asking_ended = true;
    }
    if (source.id >= 0 && !over) {
        /* Hand the room on, but not in crumbs while more is on its way. */
        size_t most = WINDOW - source.asked;
        size_t more = sink.room < most ? sink.room : most;
        if (more > 0 && (more >= WINDOW / 2 || source.asked == 0)) {
            gate_send_flow(origin, source.id, (int32_t)more);
            source.asked += more;
            sink.room -= more;
        }
    }
}

/* Copies until both sides have ended.  `accepted` is called with the id of each connection. */
static int run(void (*accepted)(int32_t id))
{
    while (!(source.ended && source.asking_ended && sink.ended && sink.room_ended)) {
        const struct gate_packet *packet = gate_receive();
        if (packet->code != origin)
            continue; /* an info packet about services: of no interest */

        switch (packet->domain) {
        case GATE_CALL:
            accepted(((const struct gate_accept_packet *)packet)->id);
            break;
        case GATE_FLOW:
            handle_flow((const struct gate_flow_packet *)packet);
            break;
        case GATE_DATA:
            handle_data((const struct gate_data_packet *)packet);
            break;
        }
        advance();
    }

    gate_debug("copier: ");
    gate_debug_number(copied);
    gate_debug(" bytes\n");
    return 0;
}

static void accepted_both(int32_t id)
{
    source.id = id;
    sink.id = id;
}

static void accepted_one(int32_t id)
{
    if (source.id < 0) {
        source.id = id;
        gate_send_data(origin, id, NULL, 0); /* nothing will be written to it */
    } else {
        sink.id = id;
        gate_send_flow(origin, id, 0); /* nothing will be read from it */
    }
}

GATE_ENTRY(copy)
{
    origin = gate_need_service("origin");
    gate_send_call(origin, NULL, 0);
    return run(accepted_both);
}

GATE_ENTRY(join)
{
    origin = gate_need_service("origin");
    gate_send_call(origin, NULL, 0);
    gate_send_call(origin, NULL, 0);
    return run(accepted_one);
}
