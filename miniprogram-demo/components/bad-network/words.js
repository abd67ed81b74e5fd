/** What the switch for a bad network says. */

const CHINESE = {
  title: '弱网测试',
  label: '网络故障',
  levels: ['关', '5%', '20%'],
  off: '让部分请求断开、丢失或变慢',
  on: '{} 个请求中有 {} 个遇到故障',
  other: '已由命令行设定',
  absent: '本机的 cos-local 没有应答，无法切换',
};

/** @type {typeof CHINESE} */
const ENGLISH = {
  title: 'Bad network',
  label: 'Faults',
  levels: ['Off', '5%', '20%'],
  off: 'Some requests drop or get lost',
  on: '{} requests, {} met a fault',
  other: 'Set on the command line',
  absent: 'No answer from cos-local on this machine',
};

module.exports = [CHINESE, ENGLISH];
