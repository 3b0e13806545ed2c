/* shout - talks to a service that its host has to bring along.
 *
 * Shows: finding a service that may be missing, and calling it.  docs/write-a-service.md writes the
 * service, in Python: it is named "shout", and answers each call with the same text in capitals.
 */

#include "gate.h"

static const char *const lines[] = {"is anybody there?", "hello?", "good-bye"};

GATE_ENTRY(shout)
{
    int service = gate_find_service("shout");
    if (service < 0) {
        gate_debug("shout: this host has no such service\n");
        return 1;
    }

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct gate_packet *reply = gate_call(service, lines[i], gate_strlen(lines[i]));
        /* At once: where a program is suspended in the middle of a line, its host ends the line. */
        struct gate_iovec line[] = {{reply + 1, reply->size - sizeof *reply}, {"\n", 1}};
        size_t written;
        gate_fd_write(1, line, 2, &written);
    }
    return 0;
}
