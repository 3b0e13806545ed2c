/* discover - tells which services its host offers.
 *
 * Shows: asking for several services at once, and calling one of them.  All output goes to the
 * debug log.
 */

#include "gate.h"

enum { COUNT = 5 };

static const char *const names[COUNT] = {
    "origin", "catalog", "identity", "random", "no-such-service",
};

GATE_ENTRY(discover)
{
    bool available[COUNT];
    int first = gate_discover(names, COUNT, available);

    for (int i = 0; i < COUNT; i++) {
        gate_debug("service ");
        gate_debug_number((uint64_t)(first + i));
        gate_debug(" is ");
        gate_debug(names[i]);
        gate_debug(available[i] ? ": available\n" : ": not available\n");
    }

    if (!available[1]) {
        gate_debug("discover: without a catalog there is no more to see\n");
        return 1;
    }

    /* The catalog knows all services of this host, also those that we did not ask for. */
    const struct gate_packet *reply = gate_call(first + 1, "json", 4);
    gate_debug_bytes(reply + 1, reply->size - sizeof *reply);
    return 0;
}
