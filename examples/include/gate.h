/* gate.h - what a small C program needs to live as a Gate process.
 *
 * A Gate process has no files and no network.  It has one stream of *packets* to its host, and a
 * debug log.  Everything else is a *service* at the other end of the stream: the program asks
 * which services exist (discovery), gets a small number for each (its code), and sends packets
 * that carry that number.
 *
 * Read this header from top to bottom; each part uses only what stands above it:
 *
 *   1. imports      the functions that the host offers
 *   2. debugging    text for the debug log, and giving up
 *   3. packets      what a packet looks like in memory
 *   4. sending      whole packets out
 *   5. receiving    whole packets in
 *   6. services     discovery and calls
 *   7. streams      flow control, data, and connections of the `origin` service
 *
 * Everything is `static`, so that a program is one .c file that includes this one.  There is no C
 * library underneath: compile with -ffreestanding.  wasm32 only (pointers have 32 bits, numbers
 * are little-endian, and so are the packets).
 *
 * What it is not: a library for big programs.  It keeps one receive buffer and handles one packet
 * at a time, and any broken rule ends the program with a debug message and a trap.
 */

#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- 1. imports ------------------------------------------------------------------------- */

#define GATE_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

/* Marks an entry function: exported, no parameters, result `int` or none.  0 means success. */
#define GATE_ENTRY(name) __attribute__((export_name(#name))) int name(void)

/* A function of this header.  It is not inlined, so that whoever steps through a program finds
 * it by its name; and left out when the program does not use it. */
#define GATE_FUNCTION static __attribute__((noinline, unused))

/* A piece of memory to read from or write to. */
struct gate_iovec {
    const void *base;
    size_t size;
};

/* Sends and receives bytes of the packet stream in one call, without any regard to where packets
 * begin and end.  The number in the name is the largest packet that the program can receive.
 *
 * It waits until something can be received, or sent if there is something to send, or `timeout`
 * nanoseconds have passed (negative: no limit).  Then it transfers what goes without waiting,
 * which may be less than asked, and also nothing: a program that was suspended and resumed while
 * it waited sees 0 and 0.  So always call it in a loop.
 *
 * flags (may be NULL): bit 0 tells that the program was started or resumed since the last time.
 */
GATE_IMPORT("gate", "io_65536")
void gate_io(const struct gate_iovec *receive, int receive_count, size_t *received,
             const struct gate_iovec *send, int send_count, size_t *sent,
             int64_t timeout, uint64_t *flags);

/* The WASI file descriptor of the packet stream, for `poll_oneoff`. */
GATE_IMPORT("gate", "fd_65536")
int gate_fd(void);

/* WASI's write.  Descriptors 1 and 2 are the debug log. */
GATE_IMPORT("wasi_snapshot_preview1", "fd_write")
int gate_fd_write(int fd, const struct gate_iovec *pieces, int count, size_t *written);

/* ---- 2. debugging ----------------------------------------------------------------------- */

static inline size_t gate_strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

/* Writes bytes to the debug log. */
GATE_FUNCTION void gate_debug_bytes(const void *bytes, size_t size)
{
    struct gate_iovec piece = {bytes, size};
    size_t written;
    gate_fd_write(1, &piece, 1, &written);
}

/* Writes a text to the debug log.  A line ends with '\n'. */
GATE_FUNCTION void gate_debug(const char *text)
{
    gate_debug_bytes(text, gate_strlen(text));
}

/* Writes a number to the debug log, in decimal. */
GATE_FUNCTION void gate_debug_number(uint64_t number)
{
    char digits[20]; /* 2^64 - 1 has that many */
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    gate_debug_bytes(digits + start, sizeof digits - start);
}

/* Gives up: says why in the debug log, then traps ("unreachable"). */
GATE_FUNCTION _Noreturn void gate_fail(const char *why)
{
    gate_debug(why);
    gate_debug("\n");
    __builtin_trap();
}

/* ---- 3. packets ------------------------------------------------------------------------- */

#define GATE_MAX_PACKET_SIZE 65536

enum gate_domain {
    GATE_CALL = 0, /* a question, or the answer to it: every call gets one reply, in order */
    GATE_INFO = 1, /* a message that needs no answer and may be ignored */
    GATE_FLOW = 2, /* stream control: "I have room for so many bytes more" */
    GATE_DATA = 3, /* stream content */
};

enum { GATE_SERVICES = -1 }; /* the code of service discovery */

/* Every packet begins with this.  `size` counts header and content.  On the wire, zeros follow
 * up to the next multiple of 8, so that packets that arrive one after another stay aligned. */
struct gate_packet {
    uint32_t size;
    int16_t code;   /* which service: its place in the order of discovery */
    uint8_t domain; /* enum gate_domain */
    uint8_t index;  /* 0 when sent by a program */
};

/* Reply to discovery: one state for each service discovered so far; bit 0 means available. */
struct gate_services_packet {
    struct gate_packet header;
    uint16_t count;
    uint8_t states[];
};

/* value > 0: room for so many bytes more; 0: no more will be wanted; < 0: a note. */
struct gate_flow {
    int32_t id;
    int32_t value;
};

struct gate_flow_packet {
    struct gate_packet header;
    struct gate_flow flows[];
};

/* Content of the stream with that id.  No content means that this direction has ended. */
struct gate_data_packet {
    struct gate_packet header;
    int32_t id;
    int32_t note;
    uint8_t data[];
};

static inline size_t gate_align(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static inline size_t gate_flow_count(const struct gate_flow_packet *packet)
{
    return (packet->header.size - sizeof packet->header) / sizeof packet->flows[0];
}

static inline size_t gate_data_size(const struct gate_data_packet *packet)
{
    return packet->header.size - sizeof *packet;
}

/* ---- 4. sending ------------------------------------------------------------------------- */

/* While a program waits for room to send, its host may be waiting to deliver: the host takes
 * nothing from a program that does not take what was sent to it.  So whoever sends must also
 * receive, and keep what came until it is asked for.  This is where it is kept.
 *
 * How large must it be?  What can arrive unasked is limited by what the program has allowed, and
 * in the worst case a byte of stream content comes as a packet of its own, 24 bytes long, and
 * taking a byte of ours is told to us in a packet of 16 bytes.  A program that never has more than
 * GATE_MAX_WINDOW bytes allowed and unanswered, all streams together, is safe from being stuck.
 */
#define GATE_RX_SIZE (512 * 1024)
#define GATE_MAX_WINDOW ((GATE_RX_SIZE - 2 * GATE_MAX_PACKET_SIZE) / (24 + 16))

static _Alignas(8) uint8_t gate_rx[GATE_RX_SIZE];
static size_t gate_rx_start;   /* where the oldest packet begins */
static size_t gate_rx_current; /* length of the packet that the program is looking at, or 0 */
static size_t gate_rx_end;     /* end of what has been received */

/* One `gate_io` that also fills the receive buffer.  Returns how many bytes were sent. */
GATE_FUNCTION size_t gate_exchange(const struct gate_iovec *send, int count)
{
    struct gate_iovec space = {gate_rx + gate_rx_end, GATE_RX_SIZE - gate_rx_end};
    size_t received = 0;
    size_t sent = 0;
    gate_io(&space, 1, &received, send, count, &sent, -1, NULL);
    gate_rx_end += received;
    return sent;
}

/* Sends a packet that is in two pieces, and its padding.  Waits until all of it is sent. */
GATE_FUNCTION void gate_send_pieces(const void *head, size_t head_size,
                                    const void *tail, size_t tail_size)
{
    static const uint8_t zeros[8];
    size_t size = head_size + tail_size;
    struct gate_iovec pieces[3] = {
        {head, head_size},
        {tail, tail_size},
        {zeros, gate_align(size) - size},
    };
    int first = 0;

    for (;;) {
        while (first < 3 && pieces[first].size == 0)
            first++;
        if (first == 3)
            return;

        size_t sent = gate_exchange(pieces + first, 3 - first);
        for (int i = first; i < 3; i++) {
            size_t part = sent < pieces[i].size ? sent : pieces[i].size;
            pieces[i].base = (const uint8_t *)pieces[i].base + part;
            pieces[i].size -= part;
            sent -= part;
        }
    }
}

/* Sends a call packet to a service. */
GATE_FUNCTION void gate_send_call(int code, const void *content, size_t size)
{
    struct gate_packet header = {sizeof header + size, (int16_t)code, GATE_CALL, 0};
    gate_send_pieces(&header, sizeof header, content, size);
}

/* ---- 5. receiving ----------------------------------------------------------------------- */

/* Waits for the next packet.  It stays where it is, also while packets are sent, until
 * `gate_receive` is called again; the program may change its content. */
GATE_FUNCTION struct gate_packet *gate_receive(void)
{
    gate_rx_start += gate_rx_current;
    gate_rx_current = 0;
    if (gate_rx_start == gate_rx_end)
        gate_rx_start = gate_rx_end = 0;

    for (;;) {
        struct gate_packet *packet = (struct gate_packet *)(gate_rx + gate_rx_start);
        size_t have = gate_rx_end - gate_rx_start;

        if (have >= sizeof *packet && have >= gate_align(packet->size)) {
            gate_rx_current = gate_align(packet->size);
            return packet;
        }
        /* Make sure that the rest fits behind the part that is here. */
        if (GATE_RX_SIZE - gate_rx_start < GATE_MAX_PACKET_SIZE) {
            __builtin_memmove(gate_rx, packet, have);
            gate_rx_start = 0;
            gate_rx_end = have;
        }
        gate_exchange(NULL, 0);
    }
}

/* Tells whether `gate_receive` would return at once. */
GATE_FUNCTION bool gate_packet_waiting(void)
{
    size_t start = gate_rx_start + gate_rx_current;
    size_t have = gate_rx_end - start;
    const struct gate_packet *packet = (const struct gate_packet *)(gate_rx + start);
    return have >= sizeof *packet && have >= gate_align(packet->size);
}

/* Waits for a packet of one kind.  Passes over what a program may ignore (info packets, and codes
 * that have no meaning yet); anything else is a mistake of the program. */
GATE_FUNCTION struct gate_packet *gate_expect(int code, enum gate_domain domain)
{
    for (;;) {
        struct gate_packet *packet = gate_receive();
        if (packet->code == code && packet->domain == domain)
            return packet;
        if (packet->domain != GATE_INFO && packet->code >= GATE_SERVICES)
            gate_fail("unexpected packet");
    }
}

/* ---- 6. services ------------------------------------------------------------------------ */

static int gate_service_count; /* how many services have been asked for so far */

/* Asks for services by name, 1 to 127 bytes each.  They get the codes from the returned number
 * on, in the order of the names; available[i] tells whether the host has names[i].  Asking twice
 * for the same available service is an error that ends the program. */
GATE_FUNCTION int gate_discover(const char *const names[], int count, bool available[])
{
    uint8_t content[512];
    uint16_t number = (uint16_t)count;
    size_t size = sizeof number;
    int first = gate_service_count;

    __builtin_memcpy(content, &number, sizeof number);
    for (int i = 0; i < count; i++) {
        size_t length = gate_strlen(names[i]);
        if (size + 1 + length > sizeof content)
            gate_fail("too many service names at once");
        content[size] = (uint8_t)length;
        __builtin_memcpy(content + size + 1, names[i], length);
        size += 1 + length;
    }

    struct gate_packet header = {sizeof header + size, GATE_SERVICES, GATE_CALL, 0};
    gate_send_pieces(&header, sizeof header, content, size);

    const struct gate_services_packet *reply =
        (const struct gate_services_packet *)gate_expect(GATE_SERVICES, GATE_CALL);
    if (reply->count != first + count)
        gate_fail("the host knows no more services");
    for (int i = 0; i < count; i++)
        available[i] = reply->states[first + i] & 1;
    gate_service_count = reply->count;
    return first;
}

/* Asks for one service and returns its code, or -1 if the host does not have it. */
GATE_FUNCTION int gate_find_service(const char *name)
{
    bool available;
    int code = gate_discover(&name, 1, &available);
    return available ? code : -1;
}

/* As above, but the program cannot do without it. */
GATE_FUNCTION int gate_need_service(const char *name)
{
    int code = gate_find_service(name);
    if (code < 0) {
        gate_debug("service not available: ");
        gate_fail(name);
    }
    return code;
}

/* Calls a service and waits for its reply. */
GATE_FUNCTION struct gate_packet *gate_call(int code, const void *content, size_t size)
{
    gate_send_call(code, content, size);
    return gate_expect(code, GATE_CALL);
}

/* ---- 7. streams ------------------------------------------------------------------------- */

/* A stream has two directions, each with its own flow control and its own end.
 *
 *   reading:  the program sends flow (+n: "send me n bytes more"), the host sends data.
 *             The host's data packet without content is the end.  The program then sends flow 0.
 *   writing:  the host sends flow, the program sends data, never more than it was allowed.
 *             To end it, the program sends a data packet without content; the host sends flow 0.
 *             The host may also do so unasked, when nobody reads any more.
 */

/* Sends a flow packet: value > 0 asks for so many bytes more, 0 ends the asking. */
GATE_FUNCTION void gate_send_flow(int code, int32_t id, int32_t value)
{
    struct gate_packet header = {sizeof header + sizeof(struct gate_flow), (int16_t)code,
                                 GATE_FLOW, 0};
    struct gate_flow flow = {id, value};
    gate_send_pieces(&header, sizeof header, &flow, sizeof flow);
}

/* Sends stream content in one packet, at most 65520 bytes.  None at all ends the direction. */
GATE_FUNCTION void gate_send_data(int code, int32_t id, const void *data, size_t size)
{
    struct gate_data_packet head = {
        {sizeof head + size, (int16_t)code, GATE_DATA, 0}, id, 0};
    gate_send_pieces(&head, sizeof head, data, size);
}

/* Reply of `origin` to a call: somebody has connected. */
struct gate_accept_packet {
    struct gate_packet header;
    int32_t id;    /* the new stream */
    int32_t error; /* always 0 so far */
};

/* Waits until somebody connects to the program, and returns the id of the new stream.
 * `origin` is the code of the service of that name; any call to it means "accept". */
GATE_FUNCTION int32_t gate_accept(int origin)
{
    const struct gate_accept_packet *reply =
        (const struct gate_accept_packet *)gate_call(origin, NULL, 0);
    if (reply->error != 0)
        gate_fail("accept failed");
    return reply->id;
}

#endif
