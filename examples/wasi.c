/* wasi - an ordinary C program, compiled with wasi-libc, that knows nothing of Gate.
 *
 * Shows what such a program finds inside a Gate process: no arguments, three environment
 * variables, two clocks, sixteen random bytes, and a standard output that is the debug log.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void print_clock(const char *name, clockid_t id)
{
    struct timespec resolution, now;
    if (clock_getres(id, &resolution) != 0 || clock_gettime(id, &now) != 0) {
        printf("clock %s: not available\n", name);
        return;
    }
    printf("clock %s: %lld s, resolution %lld.%09ld s\n", name, (long long)now.tv_sec,
           (long long)resolution.tv_sec, resolution.tv_nsec);
}

int main(int argc, char **argv)
{
    printf("arguments: %d\n", argc);
    for (int i = 0; i < argc; i++)
        printf("  %s\n", argv[i]);

    printf("environment:\n");
    for (char **variable = environ; *variable != NULL; variable++)
        printf("  %s\n", *variable);

    print_clock("realtime", CLOCK_REALTIME);
    print_clock("monotonic", CLOCK_MONOTONIC);

    /* A process gets sixteen random bytes, and sixteen more each time that it is resumed. */
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0) {
        printf("random: not available\n");
        return EXIT_FAILURE;
    }
    printf("random: ");
    for (size_t i = 0; i < sizeof bytes; i++)
        printf("%02x", bytes[i]);
    printf("\n");

    FILE *file = fopen("/etc/hostname", "r");
    printf("files: %s\n", file != NULL ? "some" : "none");
    return EXIT_SUCCESS;
}
