/** Whether two types are the same, not merely assignable to each other. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `exactly<Expected>()(value)` compiles only if the value has that type, no wider and no narrower. */
export declare function exactly<Expected>(): <Actual>(
  value: Actual,
  ...different: Same<Expected, Actual> extends true ? [] : [expected: Expected]
) => void;

/** Where most operations of the tests go. */
export const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };

/** An object there. */
export const thing = { ...place, Key: 'a/b.txt' };
