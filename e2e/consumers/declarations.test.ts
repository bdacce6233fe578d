import { spawn } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';

const application = inject('application');
beforeAll(() => cpSync(join(import.meta.dirname, 'fixtures'), application, { recursive: true }));

// Each program has a mistake of its own, so that a compiler which looks at nothing is seen.
describe('an application compiles', () => {
  test.each(['5.4', '5.5', '5.9', '6', '7'])(
    'for browsers, with the library of Vite and TypeScript %s',
    async (version) => {
      const files = ['stream.ts', 'contract.ts', 'mistake.ts'];
      const options = { lib: ['ES2022', 'DOM', 'DOM.Iterable'], moduleResolution: 'Bundler' };
      expect(await compile(version, 'browser', { files, options })).toEqual([MISTAKE]);
    },
  );

  test.each(['5.4', '5.9', '7'])('that ends what it began with `await using`, with TypeScript %s', async (version) => {
    const files = ['stream.ts', 'using.ts', 'mistake.ts'];
    const options = { lib: ['ES2022', 'ESNext.Disposable', 'DOM'], moduleResolution: 'Bundler' };
    expect(await compile(version, 'using', { files, options })).toEqual([MISTAKE]);
  });

  test.each(['5.4', '7'])('for Node, with a fetch of undici or node-fetch and TypeScript %s', async (version) => {
    const files = ['stream.ts', 'other-fetch.ts', 'mistake.ts'];
    const options = { lib: ['ES2023'], module: 'NodeNext', moduleResolution: 'NodeNext', types: ['node'] };
    // The declarations of these two and of Node are not ours, and need a newer library than they say.
    const others = { skipLibCheck: true };
    expect(await compile(version, 'node', { files, options: { ...options, ...others } })).toEqual([MISTAKE]);
  });
});

const MISTAKE = expect.stringMatching(/^mistake\.ts\(\d+,\d+\): error TS2322:/);

/** What the compiler says of a program, line by line; a line that goes on is one with those before. */
async function compile(version: string, name: string, { files, options }: { files: string[]; options: object }) {
  const defaults = { target: 'ES2022', module: 'ESNext', strict: true, skipLibCheck: false, noEmit: true, types: [] };
  const config = `${name}-${version}.json`;
  writeFileSync(join(application, config), JSON.stringify({ files, compilerOptions: { ...defaults, ...options } }));
  const tsc = join(import.meta.dirname, 'node_modules', `typescript-${version}`, 'bin', 'tsc');
  const child = spawn(process.execPath, [tsc, '--pretty', 'false', '-p', config], { cwd: application });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve) => child.on('close', resolve));
  return output.split(/\n(?=\S)/).filter((line) => line.trim() !== '');
}
