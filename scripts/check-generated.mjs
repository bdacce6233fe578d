import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './setup.mjs';

/** Generates once more and fails when a byte changes: what is committed must be what the specs give. */
const before = readGenerated();
const { status } = spawnSync(process.execPath, [join(repository, 'scripts', 'generate.mjs')], {
  cwd: repository,
  stdio: 'inherit',
});
const after = readGenerated();
const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
  (path) => before.get(path) !== after.get(path),
);
for (const path of changed) console.error(`${path} was not what the specs give`);
if (changed.length > 0) console.error('It is now. Commit what `npm run generate` writes.');
process.exitCode = status !== 0 || changed.length > 0 ? 1 : 0;

/** @returns {Map<string, string>} Every generated file, and PROTOCOL.md, whose tables are. */
function readGenerated() {
  const folders = readdirSync(join(repository, 'packages')).map((name) => `packages/${name}/src/gen`);
  const paths = folders
    .filter((folder) => existsSync(join(repository, folder)))
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  const protocol = join(repository, 'PROTOCOL.md');
  if (existsSync(protocol)) paths.push(protocol);
  return new Map(paths.map((path) => [path.slice(repository.length + 1), readFileSync(path, 'utf8')]));
}
