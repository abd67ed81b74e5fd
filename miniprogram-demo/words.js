/** What the demo says, in Chinese and in English: plain strings only, for they go into page data. */
const MATERIALS = require('./pages/materials/words');
const UPLOAD = require('./pages/upload/words');
const FAULTS = require('./components/bad-network/words');
const NOTES = require('./notes');

/**
 * The line about each operation.
 * @param {0 | 1} language Chinese or English
 */
function notes(language) {
  /** @type {Record<string, string>} */
  const lines = {};
  Object.keys(NOTES).forEach((id) => (lines[id] = NOTES[id][language]));
  return lines;
}

const CHINESE = {
  tabs: {
    upload: '上传',
    materials: '素材',
    operations: '接口',
    'self-test': '自检',
    about: '关于',
  },
  upload: UPLOAD[0],
  materials: MATERIALS[0],
  faults: FAULTS[0],
  operations: {
    title: '全部接口',
    intro: '在存储桶 {} 与专用的临时存储桶中运行，只动自己创建的内容。',
    runAll: '全部运行',
    stop: '停止',
    running: '运行中',
    states: { ok: '成功', failed: '失败', disabled: '未开通' },
    rounds: {
      idle: '运行结束后自动清理',
      sweeping: '正在清理',
      running: '运行中',
      stopping: '正在停止',
    },
    sweepFailed: '清理未完成：{}',
    search: '搜索接口',
    nothing: '没有匹配的接口',
    foot: '点开一个接口，可修改参数、单独运行，并查看请求与结果。',
    groups: /** @type {Record<string, string>} */ ({
      bucket: '服务与存储桶',
      settings: '存储桶设置',
      object: '对象',
      upload: '上传与分片',
      copy: '复制',
      batch: '批量',
      composite: '组合操作',
      image: '图片与 request',
      signing: '签名',
    }),
    notes: notes(0),
  },
  operation: {
    needs: '先运行：{}',
    params: '参数',
    copy: '复制',
    reset: '重置',
    notJson: '参数应为 JSON：{}',
    run: '运行',
    running: '运行中',
    outcome: '结果',
    states: { ok: '成功', failed: '失败', disabled: '服务未开通' },
    status: '状态码',
    time: '用时',
    kind: '类别',
    code: '错误码',
    requestId: '请求 ID',
    before: '前置的 {} 失败：',
    result: '返回数据',
    more: '另有 {} 个字符未显示',
    headers: '响应头',
    requests: '发出的请求',
    file: '表单中的文件',
    noRequests: '没有发出请求',
  },
  selfTest: {
    title: '设备自检',
    intro: '在这台设备上计算公开向量，逐项试出 WebAssembly 与 JavaScript 的支持情况。',
    idle: '只需数秒。不访问网络，不上传任何内容；结果可复制为报告。',
    start: '开始自检',
    running: '正在自检',
    again: '再测一次',
    copy: '复制报告',
    send: '发送报告',
    markdown: '复制为 Markdown',
    json: '复制为 JSON',
    fit: '本机可以运行 SDK',
    unfit: '有必需的项目失败',
    ended: '上次自检到「{}」时程序被终止。再测时会跳过这一项。',
    sums: { pass: '通过', fail: '失败', absent: '不支持', unknown: '未知' },
    states: { pass: '通过', present: '支持', fail: '失败', absent: '不支持', unknown: '未知' },
    foot: '「不支持」的项目 SDK 都不需要。报告包含机型与版本，不含密钥和个人信息。',
  },
  about: {
    name: '腾讯云 COS 小程序 SDK',
    intro: '用 Rust 编写、以 WebAssembly 运行的核心，接口与 cos-wx-sdk-v5 相同。',
    groups: [
      {
        title: '版本',
        rows: [
          ['SDK', 'sdk'],
          ['接口', 'interface'],
          ['许可', 'licence'],
        ],
        note: '',
      },
      {
        title: '体积',
        rows: [
          ['index.js', 'script'],
          ['cos-core.wasm.br', 'wasm'],
          ['合计', 'shipped'],
          ['cos-wx-sdk-v5', 'upstream'],
        ],
        note: '比 cos-wx-sdk-v5 小 {}%，计入小程序代码包。',
      },
      {
        title: '运行环境',
        rows: [
          ['存储桶', 'bucket'],
          ['地域', 'region'],
          ['微信', 'wechat'],
          ['基础库', 'library'],
          ['平台', 'platform'],
        ],
        note: '',
      },
    ],
    materials: '本程序的素材',
    pushed: '由 cos-materials push 上传，地址由 materials.url() 签名，到期前自动更新。',
    notPushed: '存储桶中没有这些素材：请在小程序目录运行 cos-materials push。',
    how: '一次上传',
    steps: [
      ['读取', '按分片从文件中读取，内存占用不随文件变大'],
      ['计算', '每个分片的 MD5 与 CRC64 在 WebAssembly 中得出'],
      ['签名', '临时密钥，四步签名，时钟误差自动校正'],
      ['发送', '并行上传，失败重试，中断后接着传'],
      ['核对', '合并后的 CRC64 与 COS 返回的一致才算完成'],
    ],
    more: '文档',
    copy: '复制',
    links: [
      ['COS 小程序 SDK', 'https://cloud.tencent.com/document/product/436/31953'],
      ['请求签名', 'https://cloud.tencent.com/document/product/436/7778'],
      [
        'WXWebAssembly',
        'https://developers.weixin.qq.com/miniprogram/dev/framework/performance/wasm.html',
      ],
    ],
    note: '演示用配置见 config.js。请勿在小程序中写入永久密钥。',
  },
};

const ENGLISH = {
  tabs: {
    upload: 'Upload',
    materials: 'Materials',
    operations: 'Operations',
    'self-test': 'Self-test',
    about: 'About',
  },
  upload: UPLOAD[1],
  materials: MATERIALS[1],
  faults: FAULTS[1],
  operations: {
    title: 'Every operation',
    intro: 'Run in the bucket {} and in buckets of their own; only what they create is touched.',
    runAll: 'Run all',
    stop: 'Stop',
    running: 'running',
    states: { ok: 'passed', failed: 'failed', disabled: 'not enabled' },
    rounds: {
      idle: 'Cleans up when it is done',
      sweeping: 'Cleaning up',
      running: 'Running',
      stopping: 'Stopping',
    },
    sweepFailed: 'Not cleaned up: {}',
    search: 'Search operations',
    nothing: 'No operation matches',
    foot: 'Open one to edit its parameters, run it alone, and see request and result.',
    groups: /** @type {Record<string, string>} */ ({
      bucket: 'Service and buckets',
      settings: 'Bucket settings',
      object: 'Objects',
      upload: 'Uploads and parts',
      copy: 'Copies',
      batch: 'Batches',
      composite: 'Composites',
      image: 'Images and request',
      signing: 'Signing',
    }),
    notes: notes(1),
  },
  operation: {
    needs: 'Runs before: {}',
    params: 'Parameters',
    copy: 'Copy',
    reset: 'Reset',
    notJson: 'Parameters have to be JSON: {}',
    run: 'Run',
    running: 'Running',
    outcome: 'Outcome',
    states: { ok: 'Passed', failed: 'Failed', disabled: 'Service not enabled' },
    status: 'Status',
    time: 'Time',
    kind: 'Kind',
    code: 'Code',
    requestId: 'Request id',
    before: '{}, which runs before, failed:',
    result: 'Result',
    more: '{} more characters',
    headers: 'Response headers',
    requests: 'Requests sent',
    file: 'File of the form',
    noRequests: 'No request was sent',
  },
  selfTest: {
    title: 'Self-test of this device',
    intro: 'Computes the published vectors here and tries what WebAssembly and JavaScript can do.',
    idle: 'Takes seconds. No network, no uploads; the result can be copied as a report.',
    start: 'Start',
    running: 'Testing',
    again: 'Again',
    copy: 'Copy',
    send: 'Send',
    markdown: 'Copy as Markdown',
    json: 'Copy as JSON',
    fit: 'The SDK runs on this device',
    unfit: 'Something it needs has failed',
    ended: 'The program was ended during “{}” the last time. The next run leaves it out.',
    sums: { pass: 'passed', fail: 'failed', absent: 'not there', unknown: 'unknown' },
    states: { pass: 'passed', present: 'yes', fail: 'failed', absent: 'no', unknown: 'unknown' },
    foot: 'The SDK needs nothing that says “no”. The report has model and versions, no keys, nothing personal.',
  },
  about: {
    name: 'COS SDK for mini programs',
    intro: 'A core written in Rust, run as WebAssembly, behind the interface of cos-wx-sdk-v5.',
    groups: [
      {
        title: 'Versions',
        rows: [
          ['SDK', 'sdk'],
          ['Interface', 'interface'],
          ['Licence', 'licence'],
        ],
        note: '',
      },
      {
        title: 'Size',
        rows: [
          ['index.js', 'script'],
          ['cos-core.wasm.br', 'wasm'],
          ['Together', 'shipped'],
          ['cos-wx-sdk-v5', 'upstream'],
        ],
        note: '{}% smaller than cos-wx-sdk-v5. It counts as part of the mini program’s package.',
      },
      {
        title: 'Here',
        rows: [
          ['Bucket', 'bucket'],
          ['Region', 'region'],
          ['WeChat', 'wechat'],
          ['Base library', 'library'],
          ['Platform', 'platform'],
        ],
        note: '',
      },
    ],
    materials: 'Materials of this program',
    pushed:
      'Uploaded by cos-materials push. materials.url() signs the address, and renews it before it lapses.',
    notPushed:
      'The bucket has none of them: run cos-materials push in the folder of the mini program.',
    how: 'One upload',
    steps: [
      ['Read', 'Part by part; memory does not grow with the file'],
      ['Digest', 'MD5 and CRC64 of each part, in WebAssembly'],
      ['Sign', 'Temporary keys, staged signature, clock corrected'],
      ['Send', 'In parallel, retried, resumed where it stopped'],
      ['Check', 'Done only when the combined CRC64 equals that of COS'],
    ],
    more: 'Documents',
    copy: 'Copy',
    links: [
      ['COS SDK for mini programs', 'https://www.tencentcloud.com/document/product/436/30609'],
      ['Request signature', 'https://www.tencentcloud.com/document/product/436/7778'],
      [
        'WXWebAssembly',
        'https://developers.weixin.qq.com/miniprogram/dev/framework/performance/wasm.html',
      ],
    ],
    note: 'Settings are in config.js. Never put a permanent key into a mini program.',
  },
};

/** Whether WeChat runs in Chinese. */
function isChinese() {
  const { language } = wx.getAppBaseInfo ? wx.getAppBaseInfo() : wx.getSystemInfoSync();
  return language.indexOf('zh') === 0;
}

/** The words for the language WeChat runs in; English for every language but Chinese. */
function words() {
  return isChinese() ? CHINESE : ENGLISH;
}

/**
 * Puts values where a text has `{}`, one after the other.
 * @param {string} text
 * @param {(string | number)[]} values
 */
function fill(text, ...values) {
  return values.reduce(
    (/** @type {string} */ filled, value) => filled.replace('{}', String(value)),
    text,
  );
}

module.exports = { isChinese, words, fill };
