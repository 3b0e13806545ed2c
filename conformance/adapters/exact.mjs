// Calls from JavaScript with every bit kept: `call` takes and gives values of the protocol.
// JavaScript's numbers lose bits of NaNs, and vectors cannot cross at all. So numbers go through a
// memory, by a small module that is made for each type of function. It knows no requests.

const CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70,
  externref: 0x6f, anyref: 0x6e, eqref: 0x6d, i31ref: 0x6c, structref: 0x6b, arrayref: 0x6a };
const LOADS = { i32: [0x28], i64: [0x29], f32: [0x2a], f64: [0x2b], v128: [0xfd, 0] };
const STORES = { i32: [0x36], i64: [0x37], f32: [0x38], f64: [0x39], v128: [0xfd, 11] };
const memory = new WebAssembly.Memory({ initial: 1 });
const slots = new DataView(memory.buffer); // 16 bytes for each parameter or result
const callers = new Map(), hosts = new Map();

const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
const vec = (items) => [...leb(items.length), ...items.flat()];
const section = (id, items) => [id, ...leb(vec(items).length), ...vec(items)];
const codes = (types) => vec(types.map((type) => CODES[type]));
const func = (params, results) => [0x60, ...codes(params), ...codes(results)];
const slot = (index) => [0x41, ((16 * index) & 127) | 128, (16 * index) >>> 7]; // i32.const
const compile = (...sections) =>
  new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...sections.flat()]));
const refs = (types) => types.filter((type) => !LOADS[type]);

// (module (import "" "m" (memory 1)) (import "" "f" ...) (func (export "f") ...)), where the
// exported function has only the parameters and results that are references.
function makeCaller(params, results, global) {
  const first = refs(params).length;
  let ref = 0;
  const code = [
    ...vec(results.map((type) => [1, CODES[type]])),
    ...params.flatMap((type, i) =>
      LOADS[type] ? [...slot(i), ...LOADS[type], 0, 0] : [0x20, ...leb(ref++)]),
    ...(global ? [0x23, 0] : [0x10, 0]), // global.get or call
    ...results.map((_, i) => [0x21, ...leb(first + i)]).reverse().flat(), // local.set
    ...results.flatMap((type, i) =>
      STORES[type] ? [...slot(i), 0x20, ...leb(first + i), ...STORES[type], 0, 0] : []),
    ...results.flatMap((type, i) => (STORES[type] ? [] : [0x20, ...leb(first + i)])), 0x0b];
  const imported = global ? [3, CODES[global.type], global.mutable ? 1 : 0] : [0, 0];
  return compile(
    section(1, [func(params, results), func(refs(params), refs(results))]),
    section(2, [[0, 1, 109, 2, 0, 1], [0, 1, 102, ...imported]]), section(3, [[1]]),
    section(7, [[1, 102, 0, global ? 0 : 1]]), section(10, [[...leb(code.length), ...code]]));
}

// Call a function, or read a global of the type `global`.
export function call(item, params, results, args, global) {
  const types = [...params, ...results];
  if (!types.some((type) => /^(f32|f64|v128)$/.test(type))) {
    const returned = [global ? item.value : item(...args.map(give))].flat();
    return results.map((type, i) => take(type, returned[i]));
  }
  if (!types.every((type) => type in CODES)) throw new TypeError("floats beside defined types");
  const key = JSON.stringify([params, results, global]);
  if (!callers.has(key)) callers.set(key, makeCaller(params, results, global));
  const f = link(callers.get(key), item);
  params.forEach((type, i) => {
    const words = [args[i].value].flat();
    if (type.endsWith("64")) slots.setBigUint64(16 * i, BigInt(words[0]), true);
    else if (LOADS[type]) words.forEach((w, k) => slots.setUint32(16 * i + 4 * k, Number(w), true));
  });
  const returned = [f(...args.filter(({ type }) => !LOADS[type]).map(give))].flat();
  return results.map((type, i) => {
    if (!LOADS[type]) return take(type, returned.shift());
    if (type.endsWith("64")) return { type, value: String(slots.getBigUint64(16 * i, true)) };
    const words = [0, 4, 8, 12].map((k) => String(slots.getUint32(16 * i + k, true)));
    return { type, value: type === "v128" ? words : words[0] };
  });
}

function link(caller, item) {
  try {
    return new WebAssembly.Instance(caller, { "": { m: memory, f: item } }).exports.f;
  } catch { // the type is one of a recursive group, or open to subtypes: no other is equal to it
    throw new TypeError("floats in a function of such a type");
  }
}

function give({ type, value }) { // host objects are known by their numbers
  if (type === "i32") return Number(value) | 0;
  if (type === "i64") return BigInt(value);
  if (value !== null && !hosts.has(value)) hosts.set(value, { host: value });
  return value === null ? null : hosts.get(value);
}

function take(type, item) {
  if (type === "i32") return { type, value: String(item >>> 0) };
  if (type === "i64") return { type, value: String(BigInt.asUintN(64, item)) };
  if (item === null) return { type: type in CODES ? type : "ref", value: null };
  const kind = typeof item === "function" ? "func" : /extern/.test(type) ? "extern" : "any";
  if (hosts.has(item.host)) return { type: `${kind}ref`, value: item.host };
  if (kind !== "any") return { type: `${kind}ref` };
  return { type: typeof item === "number" ? "i31ref" : isStruct(item) ? "structref" : "arrayref" };
}

const isStruct = (ref) => new WebAssembly.Instance(compile( // ref.test (ref struct)
  section(1, [func(["anyref"], ["i32"])]), section(3, [[0]]), section(7, [[1, 102, 0, 0]]),
  section(10, [[7, 0, 0x20, 0, 0xfb, 0x14, 0x6b, 0x0b]]))).exports.f(ref);
