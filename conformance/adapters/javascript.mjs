// An adapter of the conformance kit for engines behind WebAssembly's JavaScript interface: an
// example of the protocol that ../PROTOCOL.md describes. Node and bun are put on trial with it.
import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { call } from "./exact.mjs";
import { features } from "./features.mjs";

let modules = {}, instances = {}, registered = {};

const returned = (values) => ({ outcome: "returned", values });

const steps = {
  hello: () => ({
    outcome: "hello",
    protocol: 1,
    name: process.versions.bun ? "bun" : "node",
    version: process.versions.bun ?? process.versions.node,
    features,
  }),
  reset() {
    modules = {}, instances = {}, registered = {};
    return { outcome: "done" };
  },
  load({ module, path, base64 }) {
    const bytes = path ? readFileSync(path) : Buffer.from(base64, "base64");
    modules[module] = new WebAssembly.Module(bytes);
    return { outcome: "loaded" };
  },
  instantiate({ module, instance }) {
    // A module that is not there must be one without exports, or the error is a TypeError.
    const imports = {};
    for (const { module: name } of WebAssembly.Module.imports(modules[module]))
      imports[name] = registered[name] ?? {};
    instances[instance] = new WebAssembly.Instance(modules[module], imports);
    return { outcome: "instantiated" };
  },
  register({ instance, name }) {
    registered[name] = instances[instance].exports;
    return { outcome: "done" };
  },
  invoke({ instance, name, params, results, args }) {
    return returned(call(instances[instance].exports[name], params, results, args));
  },
  get({ instance, name, type, mutable }) {
    const global = instances[instance].exports[name];
    return returned(call(global, [], [type], [], { type, mutable }));
  },
};

function outcomeOf(error) {
  const message = String(error?.message ?? error);
  if (error instanceof WebAssembly.CompileError)
    return { outcome: "rejected", kind: null, message };
  if (error instanceof WebAssembly.LinkError)
    return { outcome: "rejected", kind: "unlinkable", message };
  if (error instanceof RangeError && /stack/.test(message))
    return { outcome: "trapped", message, exhausted: true };
  if (error instanceof WebAssembly.RuntimeError)
    return { outcome: "trapped", message, exhausted: /stack/.test(message) };
  if (error instanceof WebAssembly.Exception) return { outcome: "threw" };
  if (error instanceof TypeError) return { outcome: "declined", reason: message };
  return { outcome: "error", message: `${error?.name}: ${message}` };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = steps[request.op](request);
  } catch (error) {
    answer = outcomeOf(error);
  }
  writeSync(1, JSON.stringify({ id: request.id, ...answer }) + "\n");
}
