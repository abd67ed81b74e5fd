/** How two records of one call relate: what rows of listed differences test. */

/** Whether cos-wx-sdk-v5 ended in an exception instead of telling the caller. */
export const theyThrew = ({ theirs }) => theirs.thrown.length > 0 && theirs.ended.length === 0;

/** Whether the package told the caller this. */
export const weTold = (code) => (ours, theirs, result) =>
  result.ours.ended[0]?.error?.code === code;

/** Whether the package asked four times for an answer that lacks what it should hold. */
export const triedAgain = ({ ours }) =>
  ours.ended[0]?.error?.code === 'COS_INCOMPLETE_ANSWER' && ours.sent.length === 4;

/** A member that only one of the two has. */
export const onlyOurs = (ours, theirs) => theirs === undefined;
export const onlyTheirs = (ours) => ours === undefined;
/** A URL as it would be over https. */
export const secure = (url) => typeof url === 'string' && url.replace(/^http:/, 'https:');
/** A URL whose security token is encoded. */
export const encoded = (url) =>
  typeof url === 'string' && secure(url.replace('tok/+=', 'tok%2F%2B%3D'));

/** How often the request that was repeated most was sent. */
export function mostTries({ sent }) {
  const urls = sent.map(({ url }) => url);
  return Math.max(...urls.map((url) => urls.filter((other) => other === url).length));
}
