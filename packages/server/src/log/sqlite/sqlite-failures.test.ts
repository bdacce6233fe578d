import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import Database from 'libsql';
import { beforeEach, describe, expect, test } from 'vitest';
import { itInAll } from '../../../../../scripts/test-forms.js';
import { ALL, entries, type OpenedLog, openLog } from '../../../test/open-log.js';

const built = new URL('../../../dist/log/sqlite/sqlite-event-log.js', import.meta.url).href;

let file: OpenedLog;
beforeEach(async () => {
  file = await openLog();
});

describe('an append', () => {
  test('is rejected with the cause while the file cannot be written, writes nothing, and works again after', async () => {
    await file.log.append('s', 0, entries(1, 2));
    const other = new Database(file.path);
    other.exec('BEGIN IMMEDIATE');
    const failed = file.log.append('s', 2, entries(3, 5));
    await expect(failed).rejects.toMatchObject({ reason: 'unavailable', cause: { code: 'SQLITE_BUSY' } });
    expect(await file.log.bounds('s')).toEqual({ earliest: 1, latest: 2 });
    other.exec('ROLLBACK');
    other.close();
    await file.log.append('s', 2, entries(3, 5));
    expect(await file.ids('s', 0)).toEqual([1, 2, 3, 4, 5]);
  });

  itInAll('is rejected whole when the disk is full, and smaller ones succeed', async () => {
    const script = `
      const { openSqliteEventLog } = await import(${JSON.stringify(built)});
      const log = await openSqliteEventLog({ path: ${JSON.stringify(join(file.folder, 'small.db'))} });
      const entries = (from, to, text) => Array.from({ length: to - from + 1 }, (_, i) => ({ id: from + i, frame: text }));
      await log.append('s', 0, entries(1, 1, 'a'));
      const error = await log.append('s', 1, entries(2, 100, 'x'.repeat(60000))).then(() => undefined, (error) => error);
      await log.append('s', 1, entries(2, 2, 'b'));
      const events = await log.read('s', 0, { events: 10, bytes: 1000 });
      console.log(JSON.stringify({ reason: error?.reason, code: error?.cause?.code, events }));
      await log.close();`;
    const limited = `ulimit -f 2000; exec "$0" --input-type=module -e "$1"`;
    const child = spawn('bash', ['-c', limited, process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(JSON.parse(await text(child.stdout))).toMatchObject({
      reason: 'unavailable',
      code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/),
      events: [
        { id: 1, frame: 'a' },
        { id: 2, frame: 'b' },
      ],
    });
  });

  test('loses nothing that was acknowledged when the process is killed', async () => {
    const script = `
      const { openSqliteEventLog } = await import(${JSON.stringify(built)});
      const log = await openSqliteEventLog({ path: ${JSON.stringify(file.path)} });
      for (let id = 1; ; id += 1) {
        await log.append('s', id - 1, [{ id, frame: 'event ' + id }]);
        process.stdout.write(id + '\\n');
      }`;
    let acknowledged = 0;
    await file.reopen({}, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface(child.stdout)) {
        acknowledged = Number(line);
        if (acknowledged >= 200) child.kill('SIGKILL');
      }
    });
    const events = await file.log.read('s', 0, ALL);
    expect(acknowledged).toBeGreaterThanOrEqual(200);
    expect(events.length).toBeGreaterThanOrEqual(acknowledged);
    expect(events).toEqual(events.map((_, index) => ({ id: index + 1, frame: `event ${index + 1}` })));
  });
});
