"""The reference machine: the WebAssembly specification as Python.

Files follow the chapters of the specification:

=================  =======================  ===================================================
chapter            files                    what they hold
=================  =======================  ===================================================
Structure          types, syntax, opcodes   types; the parts of a module; the one opcode table
Binary format      binary, expression       bytes -> module; instructions
Validation         validation, body         rules for modules; rules for instruction sequences
Execution          values, numerics,        values and arithmetic;
                   vectors, memory, store,  the store;
                   machine, instructions/,  the machine and one function per instruction;
                   instantiate              instantiation
(ours)             frozen                   machine state <-> plain data
=================  =======================  ===================================================

Legend of the short names used in this package: `op` a row of the opcode table; `arg` what an
instruction carries, ready for execution; `pc` index into the instructions of a function;
`leb` a LEB128 integer; `ref` a reference value; `exn` an exception instance.

The package knows nothing of processes, packets, the Gate ABI or the translator. It is used
through `refexec.wasm`.
"""
