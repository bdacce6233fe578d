import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './setup.mjs';

const forbidden = [
  ['packages/contract/src/a.ts', '@parleyhq/agents', 'contract imports nothing of ours'],
  ['packages/contract/src/b.ts', 'node:fs', 'noNodejsModules'],
  ['packages/agents/src/map-update.ts', '@agentclientprotocol/sdk', 'Only connection.ts and the demo agent'],
  ['packages/agents/src/presets.ts', '@parleyhq/server', 'agents may import contract alone'],
  ['packages/server/src/sessions/a.ts', '@parleyhq/client', 'server may import contract and agents alone'],
  ['packages/server/src/sessions/b.ts', '@agentclientprotocol/sdk', 'Only the package agents'],
  ['packages/server/src/http/a.ts', 'ws', 'Only socket/web-socket-server.ts knows ws'],
  ['packages/server/src/stream/subscription.ts', 'node:net', 'stream/ is transport-free'],
  ['packages/server/src/stream/cursor.ts', 'ws', 'Only socket/web-socket-server.ts knows ws'],
  ['packages/client/src/turn.ts', '@parleyhq/server', 'client may import contract alone'],
  ['packages/conformance/src/rest/a.ts', '@parleyhq/contract', 'may import @parleyhq/contract/documents alone'],
  ['packages/client/src/session.ts', 'node:http', 'noNodejsModules'],
  ['packages/client/src/stream/connection.ts', 'ws', 'Only stream/socket-node.ts knows ws'],
] as const;

const allowed = [
  ['packages/agents/src/acp/connection.ts', '@agentclientprotocol/sdk'],
  ['packages/agents/src/demo/agent.ts', '@agentclientprotocol/sdk'],
  ['packages/agents/src/acp/map-update.ts', '@parleyhq/contract'],
  ['packages/server/src/socket/web-socket-server.ts', 'ws'],
  ['packages/server/src/sessions/c.ts', '@parleyhq/agents'],
  ['packages/client/src/create-client.ts', '@parleyhq/contract'],
  ['packages/client/src/stream/socket-node.ts', 'ws'],
  ['packages/client/src/turn.test.ts', 'node:http'],
  ['packages/conformance/src/events/b.ts', 'ws'],
  ['packages/conformance/src/documents/c.ts', '@parleyhq/contract/documents'],
  ['packages/cli/src/a.ts', '@parleyhq/server'],
] as const;

test('each import across a boundary is refused by lint, with the boundary named', () => {
  const found = lint(forbidden.map(([path, module]) => [path, importing(module)]));
  for (const [path, module, message] of forbidden) {
    expect(found.get(path), `${path} imports ${module}`).toContain(message);
  }
});

test('an import that keeps to the boundaries is not', () => {
  expect(lint(allowed.map(([path, module]) => [path, importing(module)]))).toEqual(new Map());
});

test("the client reaches the runtime's WebSocket through one file only", () => {
  const content = "export const a = new WebSocket('ws://127.0.0.1');\n";
  const found = lint([
    ['packages/client/src/stream/connection.ts', content],
    ['packages/client/src/stream/socket-browser.ts', content],
  ]);
  expect([...found.keys()]).toEqual(['packages/client/src/stream/connection.ts']);
});

function importing(module: string): string {
  return `import { a } from '${module}';\n\nexport const b = a;\n`;
}

/** What lint, with the repository's settings, says of each of these files; nothing of those that it likes. */
function lint(files: readonly (readonly [path: string, content: string])[]): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-boundaries-'));
  for (const name of ['biome.json', '.gitignore']) copyFileSync(join(repository, name), join(folder, name));
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const biome = join(repository, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', '--reporter=github'], {
    cwd: folder,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return new Map(
    Array.from(stdout.matchAll(/^::error .*file=([^,]+),.*$/gm), (match) => [
      relative(folder, match[1] ?? ''),
      match[0],
    ]),
  );
}
