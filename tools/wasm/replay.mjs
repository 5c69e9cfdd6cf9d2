// Replays a native CSV trace by the WebAssembly module and prints the events as JSON lines.
//
//   node replay.mjs MODULE TRACE [CONFIG.json]
import { readFileSync, writeSync } from "node:fs";

const [module, trace, config] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(module));
const { memory, room, replay } = instance.exports;

function written(bytes) {
  const start = room(bytes.length);
  new Uint8Array(memory.buffer, start, bytes.length).set(bytes);
  return [start, bytes.length];
}

const settings = written(config ? readFileSync(config) : new TextEncoder().encode("{}"));
const said = BigInt.asUintN(64, replay(...settings, ...written(readFileSync(trace))));
const [start, length] = [Number(said & 0xffffffffn), Number(said >> 32n)];
writeSync(1, new Uint8Array(memory.buffer, start, length));
