/**
 * The differences from cos-wx-sdk-v5 that are meant, each with its row in js-shim/docs/differences.md.
 *
 * A row covers a difference when every test it names holds: `call` for the label of the scenario
 * (operation, set, answer), `at` for the place in the record, `when` for the two values. Rows are as
 * narrow as they can be, and a row that covers nothing fails the suite.
 */
import { BUCKETS, FLOWS, OBJECTS } from './listed-operations.mjs';
import {
  encoded,
  onlyOurs,
  onlyTheirs,
  secure,
  theyThrew,
  triedAgain,
  weTold,
} from './relations.mjs';

/** Errors, answers and repetitions of any call. */
const ANYWHERE = [
  {
    number: 'D34',
    at: /^(ended|heard\.onFileFinish)\S*\.?\.(name|kind|retryable|hint|requestId|message|code)$/,
    when: onlyOurs,
    why: 'errors have a class, a message and a code, and say what to do',
  },
  {
    number: 'D34',
    call: /^slice(UploadFile|CopyFile) /,
    at: /^ended\[0\]\.error\.(error|statusCode|headers|RequestId|url|method|(err|error)\.error)$/,
    when: onlyOurs,
    why: 'errors of uploads and copies have the fields that others have',
  },
  {
    number: 'D34',
    call: /^sliceUploadFile /,
    at: /^ended\[0\]\.error\.(errMsg|(err|error)\.Message)$/,
    when: (ours, theirs, result) => String(result.ours.ended[0]?.error?.message).includes(theirs),
    why: 'what a host or the SDK says is the message',
  },
  {
    number: 'D34',
    at: /^ended\[\d+\]\.error\.(code|error)$/,
    when: (ours, theirs, { theirs: { ended } }) =>
      ended.some(({ error }) => error?.code === 'Error'),
    why: 'an error of the SDK itself says which, and its `error` is a text as elsewhere',
  },
  {
    number: 'D34',
    call: /^getBucketPolicy /,
    at: /^ended\[0\]\.error\.(error|statusCode|headers|RequestId|url|method)$/,
    when: onlyOurs,
    why: 'a refused policy is told in full',
  },
  {
    number: 'D2',
    at: /^sent\[\d+\]\.repeated$/,
    when: (ours, theirs) => ours === 'after a pause' && theirs === 'at once',
    why: 'a request is repeated after a pause',
  },
  {
    number: 'D2',
    call: /^postObject .*\| (server errors|no answer)$/,
    at: /^sent\[4\]$/,
    when: onlyOurs,
    why: 'attempts count from the last progress',
  },
  {
    number: 'D3',
    call: /^appendObject .*\| (server errors|no answer)$/,
    at: /^(sent\[[1-4]\]|order$)/,
    when: (ours, theirs, result) => result.ours.sent[1].method === 'HEAD',
    why: 'the length of the object decides whether bytes are appended again',
  },
  {
    number: 'D11',
    at: /^(thrown\[0\]|ended\[0\]|order|heard\.onProgress)/,
    when: (ours, theirs, result) => theyThrew(result),
    why: 'an answer that cannot be read ends the call, too',
  },
  {
    number: 'D11',
    at: /^sent\[[123]\]$/,
    when: (ours, theirs, result) => theyThrew(result) && triedAgain(result),
    why: 'an answer that cannot be read is asked for again',
  },
  {
    number: 'D11',
    call: /\| (nothing in a 20[04]|ids of versions|JSON in a 200|an unknown document in a 200|a truncated document)$/,
    at: /^(ended\[0\]\.(error|data)|order|sent\[[123]\])$/,
    when: (ours, theirs, result) => triedAgain(result),
    why: 'an answer without its root element is no success',
  },
  {
    number: 'D22',
    at: /^changed$/,
    when: onlyTheirs,
    why: "the caller's parameters stay as they are",
  },
];

/** Options, credentials, troubles. */
const CLIENTS = [
  {
    number: 'D4',
    call: /a domain that is not listed$/,
    at: /^(sent\[[123]\]|order)$/,
    why: 'a domain that is not listed stays unlisted',
  },
  {
    number: 'D8',
    call: /\| another host$/,
    at: /^(sent\[[23]\]|ended\[0\]\.error\.url)/,
    why: 'the standby host gets its own signature',
  },
  {
    number: 'D12',
    call: /^headObject \| get(Authorization|STS): (nothing|null)/,
    at: /^ended\[\d\]\.error\.(message|error|code)/,
    why: 'no credential is told as that',
  },
  {
    number: 'D12',
    call: /getAuthorization: no answer/,
    at: /^(ended\[0\]|order)$/,
    why: 'a callback that never comes is an error',
  },
  {
    number: 'D18',
    call: /^uploadFile \| MD5 (of contents|in the metadata)/,
    at: /^sent\[0\]\.header(\["(Content-MD5|x-cos-meta-md5)"\]|\.Authorization)$/,
    why: 'UploadCheckContentMd5 and UploadAddMetaMd5 work',
  },
  {
    number: 'D25',
    call: /a temporary key that is about to end/,
    at: /^(heard\.(getAuthorization|getSTS)\[[12]\]|order)$/,
    why: 'a key is used for its span',
  },
  {
    number: 'D26',
    call: /at the same time/,
    at: /^(heard\.getAuthorization|order|sent)/,
    why: 'calls at the same time ask once',
  },
  {
    number: 'D27',
    call: /a key that COS does not know/,
    at: /^(sent|ended|heard|order)/,
    when: (ours, theirs, result) => result.ours.ended.every(({ how }) => how === 'resolved'),
    why: 'a key that COS refuses is asked for again',
  },
  {
    number: 'D66',
    call: /^headObject \| options after the fact/,
    at: /^returned\[0\]\.MemoryLimit$/,
    when: onlyOurs,
    why: 'there is an option more',
  },
  {
    number: 'D32',
    call: /^headObject \| options after the fact/,
    at: /^returned\[0\]\.CopyChunkParallelLimit$/,
    when: (ours, theirs) => ours === 10 && theirs === 20,
    why: 'there are ten connections',
  },
  {
    number: 'D34',
    call: /a start in milliseconds/,
    at: /^ended\[\d\]\.error\.(message|error)$/,
    when: (ours, theirs) => String(JSON.stringify(theirs)).includes('should be 10 StartTime'),
    why: 'the sentence says what to do',
  },
  {
    number: 'D36',
    call: /^headObject \| ForcePathStyle/,
    at: /^(sent\[0\]|ended\[0\]|thrown\[0\]|order)$/,
    why: 'path style works',
  },
  {
    number: 'D45',
    call: /a protocol/,
    at: /(\.url|\.Url|^returned\[0\])$/,
    when: (ours, theirs) => secure(ours) === theirs,
    why: 'Protocol is followed',
  },
];

/** What answers at once. */
const AT_ONCE = [
  {
    number: 'D57',
    call: /^COS\.util\.(md5|encodeBase64) \| ("\\ud800"|"a\\udc00b")/,
    at: /^returned\[0\]$/,
    why: 'half a pair is no character of UTF-8',
  },
  {
    number: 'D28',
    call: /keys and a token/,
    at: /^(returned\[0\]|ended\[0\]\.data\.Url)$/,
    when: (ours, theirs) => secure(ours) === encoded(theirs),
    why: 'the token is encoded',
  },
  {
    number: 'D28',
    call: /a temporary key$/,
    at: /^ended\[0\]\.data\.Url$/,
    when: (ours, theirs) => secure(ours) === encoded(theirs),
    why: 'the token is encoded',
  },
  {
    number: 'D45',
    call: /^getObjectUrl .*, a domain$/,
    at: /^(returned\[0\]|ended\[0\]\.data\.Url)$/,
    when: (ours, theirs) => secure(ours) === theirs,
    why: 'Protocol is followed',
  },
  {
    number: 'D47',
    call: /^getObjectUrl .*at once, a /,
    at: /^(heard\.getAuthorization|order)$/,
    when: (ours) => !ours,
    why: 'nothing is asked for that cannot be waited for',
  },
  {
    number: 'D47',
    call: /^getObjectUrl .*with a callback, a /,
    at: /^heard\.getAuthorization\[0\]\[0\]\.Query$/,
    when: onlyOurs,
    why: 'the question for a URL has a Query like any other',
  },
  {
    number: 'D48',
    call: /^(getObjectUrl|COS\.getAuthorization|getAuth) /,
    at: /^(returned\[0\]|thrown\[0\]|order)$/,
    when: (ours, theirs, result) => result.theirs.returned[0] === undefined,
    why: 'wrong parameters throw an error that names them',
  },
];

/** All rows, the narrower ones first. */
export const LISTED = [...BUCKETS, ...OBJECTS, ...FLOWS, ...CLIENTS, ...AT_ONCE, ...ANYWHERE];

/** The row that covers a difference. */
export const rowFor = (result, { path, ours, theirs }) =>
  LISTED.find(
    ({ call = /./, at = /./, when = () => true }) =>
      call.test(result.label) && at.test(path) && when(ours, theirs, result),
  );
