import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { createApplication, install } from './install-packed.js';

const application = inject('application');

test('the line for the client installs it with the contract alone, and the error class of both is the same', () => {
  const folder = createApplication(join(application, '..', 'client-alone'));
  install(inject('packed'), '@parleyhq/client', folder);
  expect(readdirSync(join(folder, 'node_modules', '@parleyhq'))).toEqual(['client', 'contract']);
  const script = `
    import { ServiceError } from '@parleyhq/client';
    import * as contract from '@parleyhq/contract';
    console.log(ServiceError === contract.ServiceError);`;
  expect(run(folder, ['--input-type=module', '--eval', script])).toBe('true\n');
  rmSync(folder, { recursive: true });
});

test('the line for the command installs what runs', () => {
  expect(run(application, [join('node_modules', '.bin', 'parley'), '--version'])).toMatch(/^\d+\.\d+\.\d+/);
});

function run(cwd: string, args: string[]): string {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
}
