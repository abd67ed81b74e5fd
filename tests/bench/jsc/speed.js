/*
 * The speed benches in the jsc shell:
 *   jsc [--useJIT=0] speed.js -- '<settings as JSON>'
 * where the settings are those of ../speed.mjs. Prints the results as one line of JSON.
 */
const settings = JSON.parse(arguments[0]);
load(`${settings.folder}/bare-host.js`);
load(`${settings.folder}/workloads.js`);

const host = createBareHost({
  readText: (path) => read(path),
  readBytes: (path) => readFile(path, 'binary'),
  wasm: settings.wasm,
});
const ours = host.load(settings.ours);
const upstream = host.load(settings.upstream);
const now = () => preciseTime() * 1000;

ours
  .ready()
  .then(
    () => print(JSON.stringify(measureAll({ ours, upstream, names: settings.names, now }))),
    (error) => {
      print(`${error}\n${error.stack}`);
      quit(1);
    },
  )
  .catch((error) => {
    print(`${error}\n${error.stack}`);
    quit(1);
  });
