"""Bytes and words in memory."""

from __future__ import annotations

from benchmarks.by_hand import M32, M64


def sieve(n: int) -> int:
    """The number of primes below n."""
    struck = bytearray(n)
    count = 0
    for i in range(2, n):
        if not struck[i]:
            count += 1
            for j in range(i + i, n, i):
                struck[j] = 1
    return count


def sort(n: int) -> int:
    """Shell sort of n words, and a checksum."""
    words = memoryview(bytearray(4 * n)).cast("I")
    x = 12345
    for i in range(n):
        x = (x * 1103515245 + 12345) & M32
        words[i] = x >> 1
    gap = n >> 1
    while gap:
        for i in range(gap, n):
            x = words[i]
            j = i
            while j >= gap and words[j - gap] > x:
                words[j] = words[j - gap]
                j -= gap
            words[j] = x
        gap >>= 1
    h = 0
    for word in words:
        h = ((h << 5 | h >> 27) & M32) ^ word
    return h


def bulk(n: int) -> int:
    """Blocks of 4 KiB filled and copied n times."""
    memory = bytearray(65536)
    h = 0
    for turn in range(n, 0, -1):
        memory[0:4096] = bytes([turn & 255]) * 4096
        memory[4000:8096] = memory[0:4096]
        memory[16384:20480] = memory[3000:7096]
        place = 5000 + (turn & 1023)
        memory[place : place + 4] = h.to_bytes(4, "little")
        memory[20001:22049] = memory[4500:6548]
        for i in range(20001, 22049, 32):
            h = (h * 16777619 + memory[i]) & M32
    return h


def hashtable(n: int) -> int:
    """Counts n numbers in a hash table with 8,192 entries, and folds it."""
    table = memoryview(bytearray(131072)).cast("Q")
    state = 0
    for _ in range(n):
        state = (state * 6364136223846793005 + 1442695040888963407) & M64
        key = ((state >> 52) + 1) * 0x9E3779B97F4A7C15 & M64
        at = key >> 51 << 1
        while True:
            found = table[at]
            if found == key:
                break
            if not found:
                table[at] = key
                break
            at = (at + 2) & 16383
        table[at + 1] += 1
    total = 0
    for at in range(0, 16384, 2):
        total = ((total << 5 | total >> 59) & M64) ^ (table[at] * table[at + 1] & M64)
    return total


def crc32(n: int) -> int:
    """The CRC-32 of n bytes."""
    table = memoryview(bytearray(1024)).cast("I")
    for i in range(256):
        c = i
        for _ in range(8):
            c = c >> 1 ^ (0xEDB88320 if c & 1 else 0)
        table[i] = c
    data = bytearray(n)
    c = 1
    for i in range(n):
        c = (c * 1664525 + 1013904223) & M32
        data[i] = c >> 24
    c = M32
    for byte in data:
        c = c >> 8 ^ table[(c ^ byte) & 255]
    return c ^ M32


def base64(n: int) -> int:
    """3 n bytes in Base64, and a hash of the text."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    data = bytearray(3 * n)
    h = 99
    for i in range(3 * n):
        h = (h * 1664525 + 1013904223) & M32
        data[i] = h >> 24
    text = bytearray(4 * n)
    to = 0
    for i in range(0, 3 * n, 3):
        three = data[i] << 16 | data[i + 1] << 8 | data[i + 2]
        text[to] = alphabet[three >> 18]
        text[to + 1] = alphabet[three >> 12 & 63]
        text[to + 2] = alphabet[three >> 6 & 63]
        text[to + 3] = alphabet[three & 63]
        to += 4
    h = 0x811C9DC5
    for byte in text:
        h = (h ^ byte) * 16777619 & M32
    return h


def levenshtein(n: int) -> int:
    """The edit distance of two texts of n bytes."""
    texts = bytearray(2 * n)
    x = 7
    for i in range(2 * n):
        x = (x * 1664525 + 1013904223) & M32
        texts[i] = 97 + (x >> 30)
    row = memoryview(bytearray(4 * (n + 1))).cast("I")
    for i in range(n + 1):
        row[i] = i
    best = 0
    for i in range(n):
        byte = texts[i]
        diagonal = row[0]
        best = row[0] = i + 1
        for j in range(1, n + 1):
            above = row[j]
            if byte != texts[n + j - 1]:
                diagonal += 1
            if above < best:
                best = above
            best += 1
            if diagonal < best:
                best = diagonal
            row[j] = best
            diagonal = above
    return best
