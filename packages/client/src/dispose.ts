/** `Symbol.asyncDispose` if the compiler's `lib` has it, otherwise no key at all. */
type AsyncDisposeKey = SymbolConstructor['asyncDispose' & keyof SymbolConstructor];

/**
 * What `await using` needs. It does not use the name `AsyncDisposable`, so that the declarations of this package also compile
 * with a `lib` that lacks it, such as ES2022; then nothing is declared here.
 */
export type AsyncDisposableLike = { [Key in AsyncDisposeKey]: () => Promise<void> };

/** `Symbol.asyncDispose`, also in runtimes without it: code that was compiled from `await using` uses the same fallback. */
export const asyncDispose: AsyncDisposeKey = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
