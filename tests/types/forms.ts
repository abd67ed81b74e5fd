// What all operations have in common, checked for each of them.
import COS = require('cos-wx-wasm');
import type { Same } from './exactly';

/** Members that are no operations with a promise form. */
type Own =
  | 'options'
  | 'getAuth'
  | 'getObjectUrl'
  | 'getTaskList'
  | 'isUploadRunning'
  | 'pauseTask'
  | 'restartTask'
  | 'cancelTask'
  | 'on'
  | 'off'
  | 'emit';

/** Its result depends on its parameters: see object.ts. */
type Generic = 'getObject';

type Operation = Exclude<keyof COS, Own | Generic>;

/** What an operation takes and gives in its two forms; `never` for one that lacks a form. */
type Forms<Method> = Method extends {
  (params: infer Params): Promise<infer Result>;
  (params: infer CallbackParams, callback: infer Callback): infer Returned;
}
  ? {
      params: Exclude<Params, undefined>;
      result: Result;
      callbackParams: CallbackParams;
      callback: Callback;
      returned: Returned;
    }
  : never;

/** What an operation resolves to. */
export type ResultOf<Name extends Operation | Generic> = Name extends Operation
  ? Forms<COS[Name]>['result']
  : COS.GetObjectResult<'text'>;

/** The names of the operations for which this is not `true`. */
type Failing<Checks extends Record<Operation, boolean>> = {
  [Name in Operation]: Checks[Name] extends true ? never : Name;
}[Operation];

/** Both forms take the same and give the same, and a callback form returns nothing. */
type BothForms = {
  [Name in Operation]: Forms<COS[Name]> extends {
    params: infer Params;
    result: infer Result;
    callbackParams: infer CallbackParams;
    callback: infer Callback;
    returned: infer Returned;
  }
    ? [Params, CallbackParams, Callback, Returned] extends [
        CallbackParams,
        Params,
        COS.Callback<Result>,
        void,
      ]
      ? [COS.Callback<Result>, void] extends [Callback, Returned]
        ? true
        : false
      : false
    : false;
};
export const bothForms: Same<Failing<BothForms>, never> = true;

/** A result tells status and headers, but for those of several requests. */
type Status = { [Name in Operation]: Forms<COS[Name]>['result'] extends COS.Result ? true : false };
export const status: Same<Failing<Status>, 'uploadFiles' | 'abortUploadTask'> = true;

/** Bucket and region are required, but where there may be none or many. */
type Home = {
  [Name in Operation]: Forms<COS[Name]>['params'] extends { Bucket: string; Region: string }
    ? true
    : false;
};
export const home: Same<Failing<Home>, 'getService' | 'uploadFiles' | 'request'> = true;
