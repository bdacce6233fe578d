import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repository, setup } from './setup.mjs';

/**
 * `npm run pack`: packs the packages as tarballs, as they would be published, into `packed/`, with a README that says
 * how to install each. `npm run pack -- FOLDER` packs into another folder, which it creates.
 */

/** @typedef {{name: string, description: string, dependencies?: Record<string, string>, file: string}} Packed */

await setup();
const folder = resolve(process.argv[2] ?? join(repository, 'packed'));
mkdirSync(folder, { recursive: true });
const packed = packAll();
const instructions = writeInstructions();
writeFileSync(join(folder, 'README.md'), instructions);
console.log(instructions);

/** @returns {Packed[]} */
function packAll() {
  const { workspaces } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const args = ['pack', '--workspaces', '--json', '--pack-destination', folder];
  const { status, stdout } = spawnSync('npm', args, { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) process.exit(1);
  /** @type {{name: string, filename: string}[]} */
  const tarballs = Object.values(JSON.parse(stdout.toString()));
  return workspaces.map((/** @type {string} */ path) => {
    const manifest = JSON.parse(readFileSync(join(repository, path, 'package.json'), 'utf8'));
    return { ...manifest, file: tarballs.find(({ name }) => name === manifest.name)?.filename };
  });
}

function writeInstructions() {
  return `# Packages of Parley

They are on no registry yet, so npm must be given each package together with those of this folder that it needs: one
alone fails with E404. In the folder of your project, for the package that you want:

${packed.map(describe).join('\n')}`;
}

/** @param {Packed} described */
function describe(described) {
  const files = [...withSiblings(described)].map(({ file }) => JSON.stringify(join(folder, file)));
  return `\`${described.name}\`: ${described.description}

\`\`\`sh
npm install ${files.join(' ')}
\`\`\`
`;
}

/**
 * A package and the packages of this repository that it needs, directly or indirectly.
 *
 * @param {Packed} wanted
 * @param {Set<Packed>} found
 */
function withSiblings(wanted, found = new Set()) {
  if (found.has(wanted)) return found;
  found.add(wanted);
  const needed = packed.filter(({ name }) => name in (wanted.dependencies ?? {}));
  for (const sibling of needed) withSiblings(sibling, found);
  return found;
}
