/* dice - rolls five dice, patiently.
 *
 * Shows: a service that takes its time (`random` gives out its bytes at a limited rate), and
 * waiting with WASI's poll_oneoff for two things at once, a packet and the clock.  All output goes
 * to the debug log.
 */

#include "gate.h"

enum {
    DICE = 5,
    BATCH = 4,              /* random bytes asked for at once */
    PATIENCE = 100000000,   /* nanoseconds */
};

/* The parts of WASI that this program needs. */

enum { TAG_CLOCK = 0, TAG_FD_READ = 1 };
enum { CLOCK_MONOTONIC = 1 };

struct subscription {
    uint64_t user_data; /* comes back in the event */
    uint8_t tag;
    union {
        struct {
            uint32_t id;
            uint64_t timeout; /* nanoseconds from now */
            uint64_t precision;
            uint16_t flags;
        } clock;
        struct {
            uint32_t fd;
        } fd_read;
    } u;
};

struct event {
    uint64_t user_data;
    uint16_t error;
    uint8_t type;
    uint64_t size;
    uint16_t flags;
};

_Static_assert(sizeof(struct subscription) == 48, "as WASI wants it");
_Static_assert(sizeof(struct event) == 32, "as WASI wants it");

GATE_IMPORT("wasi_snapshot_preview1", "poll_oneoff")
int poll_oneoff(const struct subscription *in, struct event *out, size_t count, size_t *events);

/* Waits until bytes of a packet are there, or for a while.  Tells which. */
static bool wait_for_packet(void)
{
    struct subscription in[2] = {
        {.tag = TAG_FD_READ, .u.fd_read = {(uint32_t)gate_fd()}},
        {.tag = TAG_CLOCK, .u.clock = {CLOCK_MONOTONIC, PATIENCE, 1000000, 0}},
    };
    struct event out[2];
    size_t count = 0;

    if (gate_packet_waiting())
        return true; /* it has been received already: poll_oneoff does not know about it */
    if (poll_oneoff(in, out, 2, &count) != 0)
        gate_fail("dice: poll_oneoff failed");
    for (size_t i = 0; i < count; i++)
        if (out[i].type == TAG_FD_READ)
            return out[i].error == 0;
    return false;
}

/* Asks for random bytes and waits for them.  Returns how many came; they are at *bytes. */
static size_t random_bytes(int random, const uint8_t **bytes)
{
    const uint8_t size = BATCH;
    gate_send_call(random, &size, sizeof size);

    while (!wait_for_packet())
        gate_debug("dice: waiting\n");

    const struct gate_packet *reply = gate_expect(random, GATE_CALL);
    *bytes = (const uint8_t *)(reply + 1);
    return reply->size - sizeof *reply;
}

GATE_ENTRY(roll)
{
    int random = gate_find_service("random");
    if (random < 0) {
        gate_debug("dice: there is no randomness here\n");
        return 1;
    }

    for (int rolled = 0; rolled < DICE; ) {
        const uint8_t *bytes;
        size_t count = random_bytes(random, &bytes);
        for (size_t i = 0; i < count && rolled < DICE; i++) {
            if (bytes[i] >= 252)
                continue; /* 252 is 42 times 6: the rest would make some faces likelier */
            rolled++;
            gate_debug("dice: ");
            gate_debug_number(bytes[i] % 6 + 1);
            gate_debug("\n");
        }
    }
    return 0;
}
