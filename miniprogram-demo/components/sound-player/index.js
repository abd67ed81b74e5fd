/** Plays one piece of audio. */

Component({
  options: { pureDataPattern: /^_/ },

  properties: {
    src: String,
    play: String,
    pause: String,
  },

  data: {
    playing: false,
    percent: 0,
    position: '0:00',
    duration: '',
    _audio: /** @type {WechatMiniprogram.InnerAudioContext | null} */ (null),
  },

  observers: {
    /** @param {string} src */
    src(src) {
      if (!src) return;
      this.release();
      const audio = wx.createInnerAudioContext();
      this.data._audio = audio;
      audio.onPlay(() => this.setData({ playing: true }));
      audio.onPause(() => this.setData({ playing: false }));
      audio.onStop(() => this.setData({ playing: false }));
      audio.onEnded(() => this.setData({ playing: false, percent: 0, position: '0:00' }));
      audio.onTimeUpdate(() => this.show());
      audio.onCanplay(() => this.show());
      audio.onError(({ errMsg }) => {
        this.setData({ playing: false });
        this.triggerEvent('problem', { errMsg });
      });
      audio.src = src;
    },
  },

  lifetimes: {
    detached() {
      this.release();
    },
  },

  pageLifetimes: {
    hide() {
      if (this.data._audio) this.data._audio.pause();
    },
  },

  methods: {
    release() {
      if (this.data._audio) this.data._audio.destroy();
      this.data._audio = null;
    },

    show() {
      const { _audio: audio } = this.data;
      if (!audio) return;
      const { currentTime, duration } = audio;
      this.setData({
        percent: duration > 0 ? Math.min(100, (100 * currentTime) / duration) : 0,
        position: clock(currentTime),
        duration: duration > 0 ? clock(duration) : '',
      });
    },

    toggle() {
      const { _audio: audio, playing } = this.data;
      if (!audio) return;
      if (playing) audio.pause();
      else audio.play();
    },
  },
});

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)}:${rest < 10 ? '0' : ''}${rest}`;
}
