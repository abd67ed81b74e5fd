// The speed benches in Node: node speed-node.mjs '<settings as JSON>', as jsc/speed.js.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const settings = JSON.parse(process.argv[2]);
for (const script of ['bare-host.js', 'workloads.js']) {
  const filename = `${settings.folder}/${script}`;
  vm.runInThisContext(readFileSync(filename, 'utf8'), { filename });
}
const host = globalThis.createBareHost({
  readText: (path) => readFileSync(path, 'utf8'),
  readBytes: (path) => readFileSync(path),
  wasm: settings.wasm,
});
const ours = host.load(settings.ours);
const upstream = host.load(settings.upstream);
await ours.ready();
const now = () => performance.now();
const { names } = settings;
console.log(JSON.stringify(globalThis.measureAll({ ours, upstream, names, now })));
