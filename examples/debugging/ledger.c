/* ledger - keeps accounts, and has a fault to be found.
 *
 * Entry `balance` posts a few amounts, adds them up and tells the sum in the debug log.  Entry
 * `busy` does the same with more amounts, and traps: memory access out of bounds.  The line that
 * traps is right, and so are its neighbours.  Which one is to blame, and when did it do the harm?
 *
 * The binary carries DWARF, so that refexec can name the lines of this file.  docs/source-lines.md
 * begins with it.
 */

#include "gate.h"

enum {
    ROOM = 8,
};

static struct {
    int amounts[ROOM];
    int count;
} ledger;

static void post(int amount)
{
    int *slot = ledger.amounts + ledger.count;
    ledger.count++;
    *slot = amount;
}

static int sum(void)
{
    int total = 0;
    for (int i = 0; i < ledger.count; i++)
        total += ledger.amounts[i];
    return total;
}

static int keep(int entries)
{
    ledger.count = 0;
    for (int i = 1; i <= entries; i++)
        post(i * 1000000);
    int total = sum();
    gate_debug("ledger: ");
    gate_debug_number((uint64_t)total);
    gate_debug("\n");
    return 0;
}

GATE_ENTRY(balance)
{
    return keep(5);
}

GATE_ENTRY(busy)
{
    return keep(12);
}
