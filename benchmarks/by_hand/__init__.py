"""The kernels written in Python by hand: the yardstick, and the results that engines must give.

    calls.py       functions, recursion, dispatch, variables that live on
    integers.py    mixing and arithmetic of 32 and 64 bits
    memory.py      bytes and words in memory
    floats.py      floats in locals and in memory
    vectors.py     what the modules with vectors compute, without them

Each is the algorithm of its module, as one would write it in Python. What the module keeps in its
memory is in a bytearray here; words and floats are seen through `memoryview.cast`. Integers are
unsigned, so that all engines can be compared.
"""

M32 = 0xFFFFFFFF
M64 = 0xFFFFFFFFFFFFFFFF
