const { words } = require('./words');

App({
  onLaunch() {
    const { tabs } = words();
    tabs.forEach((text, index) => wx.setTabBarItem({ index, text }));
  },
});
