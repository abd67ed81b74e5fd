/**
 * The entry for hosts without WXWebAssembly: the same core, translated to JavaScript.
 *
 * It is larger and slower, and it is ready at once: the synchronous functions need no waiting.
 */
import { instantiate } from '../generated/cos-core.js';
import imports from '../generated/imports.js';
import COS = require('./index');
import { adopt } from './loader';

adopt(() => instantiate(imports));

export = COS;
