/** The materials of this mini program. Written by `cos-materials push`: edits are lost. */

/** What a material is called: its path below the folder of materials. */
// prettier-ignore
export type MaterialPath =
  | "audio/chime.wav"
  | "data/cities.json"
  | "img/cloud.svg"
  | "img/landscape.jpg";

/** What is known of a material. */
export interface Material {
  path: MaterialPath;
  /** The object in the bucket. */
  key: string;
  /** Bytes. */
  size: number;
  /** Content-Type. */
  type: string;
  /** Decimal, as COS computes it. */
  crc64: string;
}

/** What `connect` needs of a client, `new COS({ ... })` of cos-wx-wasm. */
export interface Client {
  getObjectUrl(params: object, callback: (error: unknown, data: { Url: string }) => void): string;
}

/**
 * The URL of a material. A signed URL is renewed when it is used with less than a fifth of its life
 * left. Where that needs new keys it happens in the background: until then the present URL is
 * given, or '' if that has lapsed, and `onRenew` is told of the new one.
 */
export function url(path: MaterialPath): string;

/** The URL of a material, waiting for new keys where that is necessary: never one that has lapsed. */
export function fresh(path: MaterialPath): Promise<string>;

/**
 * Signs URLs with a COS client from now on. Where URLs are not signed it does nothing, so that the
 * code stays the same whichever domain materials.toml says.
 */
export function connect(
  cos: Client,
  options?: {
    /** The key of a CDN domain that authenticates URLs. */
    cdnKey?: string;
    /** Told of URLs that were renewed in the background. */
    onRenew?(path: MaterialPath, url: string): void;
  },
): Promise<void>;

/** The paths that begin with the prefix, in order; all of them without one. */
export function list(prefix?: string): MaterialPath[];

/** What is known of a material. */
export function info(path: MaterialPath): Material;
