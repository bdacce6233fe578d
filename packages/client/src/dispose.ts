/** `Symbol.asyncDispose`, also where the runtime has none yet: compilers of `await using` fall back on the same name. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
