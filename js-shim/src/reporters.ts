/** `BeaconReporter` and `ClsReporter`: hands them what the core tells of calls. */
import { name, version } from '../package.json';
import { guarded } from './callback';
import { networkType, platform } from './host';
import { assign, isFunction } from './plain';

type Fields = Record<string, unknown>;

interface Beacon {
  onUserAction(event: string, fields: Fields): void;
  onDirectUserAction(event: string, fields: Fields): void;
}

/** One for all clients, as cos-wx-sdk-v5 has it. */
let beacon: Beacon | undefined;

const beaconOf = ({ BeaconReporter, TrackerDelay }: Fields): Beacon | undefined => {
  if (!beacon && isFunction(BeaconReporter)) {
    beacon = new (BeaconReporter as unknown as new (settings: Fields) => Beacon)({
      appkey: '0WEB05PY6MHRGK0U',
      versionCode: version,
      channelID: 'mp_sdk',
      openid: 'openid',
      unionid: 'unid',
      strictMode: false,
      delay: TrackerDelay,
      sessionDuration: 60000,
    });
  }
  return beacon;
};

/**
 * Tells the reporters among a client's options, as soon as the type of the network is known.
 * Without `real_api` the fields are those of one request of an upload or a copy in parts, which
 * Beacon is not told of.
 */
export const report = (options: Fields, fields: Fields): void => {
  const { BeaconReporter, ClsReporter, DeepTracker, TrackerDelay } = options;
  const api = fields.real_api;
  const direct = !!api && TrackerDelay === 0;
  networkType((type) => {
    assign(fields, {
      sdk_version_name: name,
      sdk_version_code: version,
      os_name: platform(),
      network_type: type,
    });
    guarded(() => {
      const told = BeaconReporter && api && (DeepTracker || api !== 'sliceUploadFile');
      const reporter = told ? beaconOf(options) : undefined;
      if (!reporter) return;
      reporter[direct ? 'onDirectUserAction' : 'onUserAction']('qcloud_track_cos_sdk', fields);
    });
    guarded(() => {
      if (ClsReporter) (ClsReporter as { log(...values: unknown[]): void }).log(fields, direct);
    });
  });
};
