/* hello - says hello to whoever connects.
 *
 * Shows: finding a service, accepting a connection, flow control in its simplest form.
 */

#include "gate.h"

static const char greeting[] = "hello, world\n";

GATE_ENTRY(greet)
{
    const size_t size = sizeof greeting - 1;

    int origin = gate_need_service("origin");
    int32_t id = gate_accept(origin);

    /* Nothing will be read from the connection. */
    gate_send_flow(origin, id, 0);

    /* Wait until there is room for the greeting.  The end of the other direction is announced
     * too, before or after: it is of no interest here. */
    size_t room = 0;
    while (room < size) {
        const struct gate_packet *packet = gate_receive();
        if (packet->code != origin || packet->domain != GATE_FLOW)
            continue;

        const struct gate_flow_packet *flows = (const struct gate_flow_packet *)packet;
        for (size_t i = 0; i < gate_flow_count(flows); i++) {
            if (flows->flows[i].value == 0) {
                gate_debug("hello: the connection was closed\n");
                return 1;
            }
            room += (size_t)flows->flows[i].value;
        }
    }

    gate_send_data(origin, id, greeting, size);
    gate_debug("hello: greeting sent\n");

    /* What was sent is delivered, also when the program ends right away. */
    return 0;
}
