// Which features of WebAssembly an engine behind the JavaScript interface has: those of which it
// accepts a small module. So an older release is not asked for what came after it.

const BEGINNING = "0061736d01000000";

const NEEDED = {
  // (func (result v128) (i8x16.splat (i32.const 0)))
  "vectors": "0105016000017b030201000a080106004100fd0f0b",
  // (func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))
  "relaxed vectors": "01060160017b017b030201000a0b01090020002000fd80020b",
  // (func (return_call 0))
  "tail calls": "010401600000030201000a0601040012000b",
  // (global i32 (i32.add (i32.const 1) (i32.const 1)))
  "extended constant expressions": "0609017f00410141016a0b",
  // (memory 1) (memory 1)
  "multiple memories": "05050200010001",
  // (memory i64 1) (table i64 1 funcref)
  "64-bit memories and tables": "0404017004010503010401",
  // (type $f (func)) (func (param (ref $f)) (call_ref $f (local.get 0)))
  "typed function references": "0109026000006001640000030201010a08010600200014000b",
  // (type (struct)) (func (drop (struct.new 0)))
  "garbage collection": "0106025f00600000030201010a08010600fb00001a0b",
  // (tag) (func (block $l (try_table (catch_all $l) (throw 0))))
  "exceptions": "010401600000030201000d030100000a0f010d0002401f4001020008000b0b0b",
};

const has = ([, module]) => WebAssembly.validate(Buffer.from(BEGINNING + module, "hex"));

export const features = [
  "WebAssembly 2.0 without vectors",
  ...Object.entries(NEEDED).filter(has).map(([name]) => name),
];
