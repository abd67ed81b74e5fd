/** Which hosts of the Internet this machine stands in for. */

const COS_HOST = /(^|\.)(myqcloud\.com|tencentcos\.cn)$/;

/**
 * @param {string} authority host name, with its port if it has one
 * @param {string[]} hosts further names, those of CDN domains
 */
export function isCosHost(authority, hosts) {
  const name = authority.split(':')[0].toLowerCase();
  return COS_HOST.test(name) || hosts.includes(name);
}
