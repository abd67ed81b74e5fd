/** Listed differences of single operations; see listed.mjs. */
import { mostTries, onlyOurs, onlyTheirs, theyThrew, weTold } from './relations.mjs';

/** Calls on buckets. */
export const BUCKETS = [
  {
    number: 'D11',
    call: /^getBucketPolicy .*an error in a 200$/,
    at: /^ended\[0\]\.(error|data)$/,
    when: weTold('AccessDenied'),
    why: 'an error is no empty policy',
  },
  {
    number: 'D11',
    call: /^getBucketPolicy .*an unknown document in a 200$/,
    at: /^ended\[0\]\.data\.Policy\.Unknown$/,
    when: onlyOurs,
    why: 'what is no policy is handed out, not hidden',
  },
  {
    number: 'D37',
    call: /^(putBucketAccelerate \| headers|getBucketAccelerate \| (headers|the first)) /,
    at: /^sent\[\d\]\.header(\["x-cos-[hi]"\]|\.Authorization)$/,
    why: 'Headers are sent',
  },
  {
    number: 'D37',
    call: /^(get|put)BucketAccelerate \| every header /,
    at: /^sent\[0\]\.header/,
    when: (ours, theirs, { ours: { sent } }) =>
      theirs === undefined || ours === sent[0].header.Authorization,
    why: 'parameters for headers are sent',
  },
  {
    number: 'D38',
    call: /^getBucket(Website|Referer) \| a key/,
    at: /^sent\[0\]\.(url|header\.Authorization)$/,
    why: 'Key is none of a bucket',
  },
  {
    number: 'D39',
    call: /^getBucketReferer .*never set$/,
    at: /^ended\[0\]\.data\.(WebsiteConfiguration|RefererConfiguration)$/,
    why: 'RefererConfiguration is empty, not WebsiteConfiguration',
  },
  {
    number: 'D49',
    call: /^putBucketPolicy \| no JSON/,
    at: /^(ended\[1\]|sent\[0\]|order)$/,
    why: 'a policy that is no JSON is refused once, and not sent',
  },
];

/** Calls on objects. */
export const OBJECTS = [
  {
    number: 'D16',
    call: /^(getObject|request) \| bytes \| a refusal/,
    at: /^(thrown\[0\]|ended\[0\]|order)$/,
    when: (ours, theirs, result) =>
      theyThrew(result) && weTold('AccessDenied')(ours, theirs, result),
    why: 'a refusal of bytes is an error where there is no TextDecoder',
  },
  {
    number: 'D18',
    call: /^putObject \| bytes/,
    at: /^sent\[0\]\.header(\["x-cos-meta-md5"\]|\.Authorization)$/,
    why: 'UploadAddMetaMd5 works',
  },
  {
    number: 'D20',
    call: /^postObject \| (all|every header|Headers) /,
    at: /^sent\[0\]\.(header|formData)/,
    why: 'headers are sent with a form, as fields as well',
  },
  {
    number: 'D21',
    call: /^postObject \| all /,
    at: /^sent\[0\]\.url$/,
    why: 'the query that is signed is sent',
  },
  {
    number: 'D23',
    call: /^deleteObject .*a missing bucket$/,
    at: /^ended\[0\]\.(error|data)$/,
    when: weTold('NoSuchBucket'),
    why: 'a missing bucket is an error',
  },
  {
    number: 'D23',
    call: /^deleteObject /,
    at: /^ended\[0\]\.data\.BucketNotFound$/,
    when: onlyTheirs,
    why: 'a missing object is no missing bucket',
  },
  {
    number: 'D40',
    call: /^request \| a small method/,
    at: /^sent\[0\]\.method$/,
    when: (ours, theirs) => ours === String(theirs).toUpperCase(),
    why: 'wx.request takes methods in capitals only',
  },
  {
    number: 'D41',
    call: /^multipartUpload /,
    at: /^ended\[0\]\.data\.ETag$/,
    when: (ours) => ours === '',
    why: 'an ETag is a text',
  },
  {
    number: 'D42',
    call: /^putObject \| a number /,
    at: /^(ended\[0\]\.(error|data)|sent\[0\]|order)$/,
    why: 'a Body that is neither text nor bytes is refused',
  },
  {
    number: 'D43',
    call: /an empty file/,
    at: /^sent\[0\]\.header\["Content-Length"\]$/,
    when: onlyTheirs,
    why: 'wx.request counts bytes itself',
  },
  {
    number: 'D46',
    call: /^getObject \| a query string \| a refusal/,
    at: /^ended\[0\]\.error\.url$/,
    when: (ours, theirs) => theirs === `${ours}?sign=secret`,
    why: 'an error tells no secrets',
  },
  {
    number: 'D54',
    call: /^putObjectCopy \| cache-control in lower case/,
    at: /^sent\[0\]\.header\["Cache-Control"\]$/,
    when: onlyTheirs,
    why: 'one Cache-Control is enough',
  },
  {
    number: 'D56',
    call: /^(uploadPartCopy \| (nothing|no (Bucket|Region|Key))|uploadFile \| the target) /,
    at: /^(ended\[0\]\.(error|data)|sent\[0\]|order)/,
    when: weTold('COS_USAGE'),
    why: 'uploadPartCopy names the parameter that is missing, as others do',
  },
  {
    number: 'D44',
    call: /^(getObject|headObject|deleteObject|optionsObject|uploadFiles?) /,
    at: /^(ended\[0\]|heard\.onFileFinish)\S*(headers|RequestId|statusCode)$/,
    when: onlyOurs,
    why: 'every result has its request id, and an answer that is no error its headers',
  },
];

/** Uploads and copies. */
export const FLOWS = [
  {
    number: 'D1',
    call: /^uploadFile \| tasks: a pause and a restart \| parts/,
    at: /^(heard|order)/,
    why: 'a restarted upload knows its parts',
  },
  {
    number: 'D4',
    call: /^slice(UploadFile|CopyFile) \| a (refused (part|end)|part that fails) /,
    at: /^(sent\[\d+\]|order)/,
    why: 'what is refused is not tried again',
  },
  {
    number: 'D2',
    call: /^sliceUploadFile \| parts that fail /,
    at: /^(sent\[\d+\]|order)/,
    when: (ours, theirs, result) => mostTries(result.ours) === mostTries(result.theirs),
    why: 'each part has a pause of its own',
  },
  {
    number: 'D2',
    call: /^sliceUploadFile \| ChunkRetryTimes: 1 /,
    at: /^sent\[6\]\.header(\["x-cos-sdk-retry"\]|\.Authorization)$/,
    when: (ours) => ours !== undefined,
    why: 'every repetition says that it is one',
  },
  {
    number: 'D6',
    call: /^sliceUploadFile \| a refused list /,
    at: /^(sent\[\d\]|ended\[0\]\.(error|data)|order)$/,
    why: 'listing is optional',
  },
  {
    number: 'D2',
    call: /^postObject .*(server errors|no answer)$/,
    at: /^(order|heard\.onProgress\[0\]\[0\]\.speed)/,
    why: 'the interval of progress is over before the last try',
  },
  {
    number: 'D13',
    call: /tasks: a (cancelled|pause and a cancel)/,
    at: /^(ended|heard|order)/,
    when: (ours, theirs, result) =>
      result.ours.ended.filter(({ error }) => error?.kind === 'Canceled').length === 1,
    why: 'a cancelled call ends',
  },
  {
    number: 'D29',
    call: /^putObject \| a missing file/,
    at: /^ended\[0\]\.error\.error$/,
    when: (ours, theirs) => ours === String(theirs).replace('readFile:', 'stat:'),
    why: 'a file is read when its turn comes',
  },
  {
    number: 'D10',
    call: /an unreadable file/,
    at: /^(thrown\[\d\]|ended\[0\]|order)$/,
    when: (ours, theirs, result) => theyThrew(result),
    why: 'an unreadable file is an error',
  },
  {
    number: 'D15',
    call: /^uploadFiles \| no files/,
    at: /^(ended\[0\]|order)$/,
    why: 'no files are uploaded at once',
  },
  {
    number: 'D18',
    call: /^uploadFile \| all, small, by PUT/,
    at: /^sent\[0\]\.header(\["x-cos-meta-md5"\]|\.Authorization)$/,
    why: 'UploadAddMetaMd5 works',
  },
  {
    number: 'D19',
    call: /^sliceCopyFile \| /,
    at: /^sent\[1\]\.header(\.|\["(Content-Type|Cache-Control|x-cos-(meta-a|storage-class))"\])/,
    why: 'a copy keeps what the source has, or gets what is asked for',
  },
  {
    number: 'D20',
    call: /^(sliceUploadFile \| all|uploadFile \| all, big) /,
    at: /^sent\[\d\]\.header(\["x-cos-(traffic|mime|server|forbid)[\w-]*"\]|\.Authorization)$/,
    when: (ours) => ours !== undefined,
    why: 'parts get the headers of the upload',
  },
  {
    number: 'D20',
    call: /^uploadFile \| all, small \| /,
    at: /^sent\[0\]\.(header|formData)/,
    why: 'headers are sent with a form, as fields as well',
  },
  {
    number: 'D21',
    call: /^uploadFile \| all, small \| /,
    at: /^sent\[0\]\.url$/,
    why: 'the query that is signed is sent',
  },
  {
    number: 'D22',
    call: /^uploadFiles \| a leading slash/,
    at: /^(sent\[0\]|ended\[0\]\.data)/,
    why: 'a leading slash is no part of a key',
  },
  {
    number: 'D23',
    call: /^sliceCopyFile \| a version of the source/,
    at: /^sent\[0\]\.(url|header\.Authorization)$/,
    why: 'the version is no part of the key',
  },
  {
    number: 'D29',
    call: /^uploadFile \| tasks: lists on the way \| (a file by PUT|parts)/,
    at: /^returned\[0\]/,
    why: 'a task is in the list before its file is read',
  },
  {
    number: 'D33',
    call: /^uploadFile \| (tasks: |a task alone )/,
    at: /^(returned|heard)\S*\.list\[\d\]\.size$|^returned\S*\.size$/,
    when: onlyOurs,
    why: 'tasks of forms have a size',
  },
  {
    number: 'D29',
    call: /^uploadFile \| a task alone /,
    at: /^(order|heard\["(task-)?list-update"\])/,
    why: 'a file is read when its turn comes, lists tell of it before',
  },
  {
    number: 'D33',
    call: /^(putObject \| (a text|all|every header|the first|an empty text|SkipTask) |postObject|uploadFiles? )/,
    at: /^heard\.(onProgress|onTaskStart)\[\d\]/,
    when: (ours, theirs) =>
      theirs === undefined || theirs === Infinity || (ours > 0 && theirs === 0),
    why: 'texts and forms have a size',
  },
  {
    number: 'D52',
    call: /^(sliceUploadFile \| all|uploadFile \| all, big) /,
    at: /^sent\[1\]\.header\["Content-MD5"\]$/,
    when: onlyTheirs,
    why: 'the digest of a file is none of an empty body',
  },
  {
    number: 'D53',
    call: /\| a folder /,
    at: /^(sent\[0\]|ended\[0\]\.(error|data)|order)$/,
    when: weTold('COS_FILE'),
    why: 'a folder is no empty object',
  },
  {
    number: 'D55',
    call: /(failed on the way|an end that fails inside)/,
    at: /^(sent\[\d+\]|order)/,
    why: 'a fault in a 200 is tried again like one in a 500',
  },
  {
    number: 'D58',
    call: /^sliceCopyFile /,
    at: /^heard\.onProgress\[\d\]\[0\]\.(loaded|total)$/,
    when: (ours, theirs) => String(ours) === theirs,
    why: 'sizes are numbers',
  },
  {
    number: 'D51',
    call: /tasks: a finished task that is cancelled/,
    at: /^(heard\["((task-)?list-update|inner-kill-task)"\]|order)/,
    why: 'what is stored is not cancelled',
  },
  {
    number: 'D59',
    at: /^heard\["before-send"\]\[\d+\]\[0\]\.(onProgress|headers\["Content-Length"\])$/,
    when: onlyTheirs,
    why: 'before-send shows what is sent, and where to',
  },
  {
    number: 'D60',
    call: /^sliceUploadFile \| an earlier upload without parts/,
    at: /^(heard\.onHashProgress|order)$/,
    when: (ours, theirs) => !ours || String(theirs).includes('onHashProgress'),
    why: 'progress is told of what is digested',
  },
  {
    number: 'D19',
    call: /^sliceCopyFile \| a restored object/,
    at: /^(sent\[\d\]|ended\[0\]\.(error|data)|order)$/,
    why: 'a restored object can be copied',
  },
];
