/** Functions of the application: what they throw is theirs, and must not stop anything else. */

/** A function that applications pass in. */
export type Callback = (...values: never[]) => unknown;

/** Does something with callbacks; what they throw is thrown later, where nothing depends on it. */
export const guarded = (act: () => void): void => {
  try {
    act();
  } catch (thrown) {
    setTimeout(() => {
      throw thrown;
    }, 0);
  }
};
