/* shout - talks to a service that its host has to bring along.
 *
 * Shows: finding a service that may be missing, and calling it.  docs/write-a-service.md writes the
 * service, in Python: it is named "shout", and answers each call with the same text in capitals.
 */

#include "gate.h"

static const char *const lines[] = {"is anybody there?\n", "hello?\n", "good-bye\n"};

GATE_ENTRY(shout)
{
    int service = gate_find_service("shout");
    if (service < 0) {
        gate_debug("shout: this host has no such service\n");
        return 1;
    }

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct gate_packet *reply = gate_call(service, lines[i], gate_strlen(lines[i]));
        gate_debug_bytes(reply + 1, reply->size - sizeof *reply);
    }
    return 0;
}
