/** `Symbol.asyncDispose` where the compiler's library knows it, else no key at all. */
type AsyncDisposeKey = SymbolConstructor['asyncDispose' & keyof SymbolConstructor];

/**
 * What `await using` needs. It is `AsyncDisposable` without that name: the declarations of this package also compile with
 * a library that does not have it yet, such as ES2022, and then nothing is declared here.
 */
export type AsyncDisposableLike = { [Key in AsyncDisposeKey]: () => Promise<void> };

/** `Symbol.asyncDispose`, also where the runtime has none yet: compilers of `await using` fall back on the same name. */
export const asyncDispose: AsyncDisposeKey = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
