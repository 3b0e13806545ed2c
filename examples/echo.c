/* echo - sends back whatever it reads.
 *
 * Shows: several connections at once, a buffer for each, flow control in both directions, and
 * all the ways in which a connection can end.
 *
 * Entry `echo` serves one connection and ends with it.  Entry `serve` never ends.
 */

#include "gate.h"

enum {
    MAX_CONNECTIONS = 4,
    BUFFER_SIZE = 2048,
};

_Static_assert(MAX_CONNECTIONS * BUFFER_SIZE <= GATE_MAX_WINDOW, "see gate.h");

struct connection {
    bool open;
    int32_t id;

    /* Reading. */
    size_t asked;      /* bytes asked for that have not come yet */
    bool read_end;     /* the host has sent its last byte */
    bool asking_ended; /* we have told the host that we want no more */

    /* Writing. */
    size_t room;     /* bytes that we are allowed to send */
    bool write_end;  /* we have told the host that we send no more */
    bool room_ended; /* the host wants no more */

    /* Read and not yet written. */
    size_t length;
    uint8_t buffer[BUFFER_SIZE];
};

static struct connection connections[MAX_CONNECTIONS];
static int open_count;
static int accept_count; /* accept calls that are waiting for their reply */
static int origin;

static struct connection *find(int32_t id)
{
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].open && connections[i].id == id)
            return &connections[i];
    gate_fail("echo: no such connection");
}

static void open_connection(int32_t id)
{
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        if (!connections[i].open) {
            __builtin_memset(&connections[i], 0, sizeof connections[i]);
            connections[i].open = true;
            connections[i].id = id;
            open_count++;
            return;
        }
    }
    gate_fail("echo: too many connections");
}

/* Does all that a connection allows right now. */
static void advance(struct connection *c)
{
    if (c->room_ended)
        c->length = 0; /* nobody is left to read it */

    while (c->length > 0 && c->room > 0) {
        size_t size = c->length < c->room ? c->length : c->room;
        gate_send_data(origin, c->id, c->buffer, size);
        c->room -= size;
        c->length -= size;
        __builtin_memmove(c->buffer, c->buffer + size, c->length);
    }

    if (!c->write_end && (c->room_ended || (c->read_end && c->length == 0))) {
        gate_send_data(origin, c->id, NULL, 0);
        c->write_end = true;
    }

    if (!c->asking_ended) {
        if (c->read_end || c->room_ended) {
            gate_send_flow(origin, c->id, 0);
            c->asking_ended = true;
        } else {
            /* Ask only for what fits, and not for every single byte. */
            size_t space = BUFFER_SIZE - c->length - c->asked;
            if (space >= BUFFER_SIZE / 2) {
                gate_send_flow(origin, c->id, (int32_t)space);
                c->asked += space;
            }
        }
    }

    if (c->read_end && c->asking_ended && c->write_end && c->room_ended) {
        c->open = false;
        open_count--;
    }
}

/* Receives one packet and acts on it. */
static void handle_packet(void)
{
    const struct gate_packet *packet = gate_receive();
    if (packet->code != origin)
        return; /* an info packet about services: of no interest */

    switch (packet->domain) {
    case GATE_CALL: {
        const struct gate_accept_packet *reply = (const struct gate_accept_packet *)packet;
        accept_count--;
        open_connection(reply->id);
        advance(find(reply->id));
        break;
    }
    case GATE_FLOW: {
        const struct gate_flow_packet *flows = (const struct gate_flow_packet *)packet;
        for (size_t i = 0; i < gate_flow_count(flows); i++) {
            struct connection *c = find(flows->flows[i].id);
            if (flows->flows[i].value == 0)
                c->room_ended = true;
            else
                c->room += (size_t)flows->flows[i].value;
            advance(c);
        }
        break;
    }
    case GATE_DATA: {
        const struct gate_data_packet *data = (const struct gate_data_packet *)packet;
        struct connection *c = find(data->id);
        size_t size = gate_data_size(data);
        if (size == 0) {
            c->read_end = true;
        } else {
            if (size > c->asked)
                gate_fail("echo: more data than was asked for");
            __builtin_memcpy(c->buffer + c->length, data->data, size);
            c->asked -= size;
            c->length += size;
        }
        advance(c);
        break;
    }
    }
}

GATE_ENTRY(echo)
{
    origin = gate_need_service("origin");
    gate_send_call(origin, NULL, 0);
    accept_count = 1;
    while (accept_count > 0 || open_count > 0)
        handle_packet();
    return 0;
}

GATE_ENTRY(serve)
{
    origin = gate_need_service("origin");
    for (;;) {
        /* Another connection is accepted as soon as there is a place for it. */
        while (accept_count + open_count < MAX_CONNECTIONS) {
            gate_send_call(origin, NULL, 0);
            accept_count++;
        }
        handle_packet();
    }
}
