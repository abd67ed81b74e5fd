const { words } = require('./words');

App({
  onLaunch() {
    const { tabs } = words();
    Object.values(tabs).forEach((text, index) => wx.setTabBarItem({ index, text }));
  },
});
