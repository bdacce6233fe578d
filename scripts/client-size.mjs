import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { repository } from './setup.mjs';

/** What an application may import from the client, and the budget of each in a page: bytes, minified and bundled. */
const imports = [
  { name: 'the whole client, gzip', code: "export * from '@parleyhq/client';", gzip: true, budget: 20 * 1024 },
  {
    name: 'only `ServiceError`, raw',
    code: "import { ServiceError } from '@parleyhq/client'; export const isOurs = (error) => error instanceof ServiceError;",
    gzip: false,
    budget: 2 * 1024,
  },
];

/** Bundles each import for browsers, from the built packages. It fails if a Node built-in is used. */
export async function measureClientSizes() {
  return Promise.all(
    imports.map(async ({ name, code, gzip, budget }) => {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: repository },
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        write: false,
      });
      const [{ contents, text } = { contents: new Uint8Array(), text: '' }] = outputFiles;
      return { name, text, bytes: gzip ? gzipSync(contents, { level: 9 }).length : contents.length, budget };
    }),
  );
}
