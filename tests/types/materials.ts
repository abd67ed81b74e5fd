// The types of the demo's manifest, as `cos-materials push` writes them, with the package's client.
import COS = require('cos-wx-wasm');
import * as materials from '../../miniprogram-demo/materials';
import { exactly } from './exactly';

const url: string = materials.url('img/landscape.jpg');
const paths: materials.MaterialPath[] = materials.list('img/');
const { size, crc64 } = materials.info('audio/chime.wav');
exactly<number>()(size);
exactly<string>()(crc64);
const connected: Promise<void> = materials.connect(new COS({}), {
  cdnKey: 'key',
  onRenew: (path, renewed) => exactly<string>()(materials.info(path).key + renewed),
});
const fresh: Promise<string> = materials.fresh('data/cities.json');
// @ts-expect-error a path that is not there
materials.url('img/landscape.png');
// @ts-expect-error no client
materials.connect({});
export { url, paths, connected, fresh };
