/* counter - counts, and checks that nothing is lost when it is suspended and resumed.
 *
 * The same number is kept in four kinds of places: a variable in memory, local variables of two
 * nested functions, and a floating-point local.  After every step they must agree; if they do
 * not, the program traps.  All STEP counts it tells the number in the debug log.
 *
 * Entry `count` never ends: stop it with Ctrl-C, a time limit or a fuel limit, keep the snapshot,
 * and resume it, again and again.  Entry `count_to` ends by itself at LIMIT.  If a run of
 * `count_to` has ended, another one in the same instance goes on to the next LIMIT.
 */

#include "gate.h"

enum {
    STEP = 20000,
    LIMIT = 100000,
};

/* Volatile: the compiler must really load and store it every time. */
static volatile uint64_t total;

/* Counts STEP times from `before`. */
static __attribute__((noinline)) double count_step(uint64_t before, double sum)
{
    for (uint32_t i = 0; i < STEP; i++) {
        total = total + 1;
        sum += 1.0;
        if (total != before + i + 1 || sum != (double)total)
            gate_fail("counter: numbers differ");
    }
    return sum;
}

static __attribute__((noinline)) void run(uint64_t begin, uint64_t end)
{
    double sum = (double)begin;
    for (uint64_t reached = begin; reached != end; ) {
        sum = count_step(reached, sum);
        reached += STEP;
        if (total != reached)
            gate_fail("counter: numbers differ");
        gate_debug("counter: ");
        gate_debug_number(reached);
        gate_debug("\n");
    }
}

GATE_ENTRY(count)
{
    run(total, UINT64_MAX);
    return 0;
}

GATE_ENTRY(count_to)
{
    run(total, total + LIMIT);
    return 0;
}
