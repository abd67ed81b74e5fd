/** What is left of D1 to D35: parts of defects that no scenario here can show, and why. */
export const unshown = [
  {
    number: 'D24a',
    what: 'getObject gives text unless `DataType` asks for bytes',
    why: 'documented, and programs rely on it: here it is the same',
  },
  {
    number: 'D28a',
    what: 'Content-Type and Cache-Control are not signed',
    why: 'signatures that servers compute for cos-wx-sdk-v5 would not match: here it is the same',
  },
  {
    number: 'D28c',
    what: 'the README logs credentials',
    why: 'it is no code; nothing here logs any',
  },
  {
    number: 'D31',
    what: 'MD5 takes the main thread for long',
    why: 'a test cannot assert times: `cargo xtask bench md5` measures it',
  },
  {
    number: 'D33b',
    what: 'parts have no progress of their own',
    why: '`wx.request` tells none: here it is the same, and parts are small',
  },
  {
    number: 'D35a',
    what: 'HttpDNS is not used for forms',
    why: '`wx.uploadFile` has no such option: here it is the same; putObject uses it',
  },
];
