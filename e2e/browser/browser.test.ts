import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPage } from './build-page.js';
import { type PageServer, servePage } from './page-server.js';
import { type ParleyServer, startParley } from './parley-server.js';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let folder: string;
let parley: ParleyServer;
let allowed: PageServer;
let stranger: PageServer;
let script: string;
let browser: Browser;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-browser-')));
  script = await buildPage();
  allowed = await servePage(script, () => parley.url);
  stranger = await servePage(script, () => parley.url);
  parley = await startParley({ folder, allowOrigin: allowed.origin });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
});

afterAll(async () => {
  await browser?.close();
  await parley?.close();
  allowed?.close();
  stranger?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a page of an allowed origin does the main job under a strict Content-Security-Policy', async () => {
  const page = await browser.newPage();
  const problems = collectProblems(page);
  await fillIn(page, allowed.origin);
  await page.waitForFunction(() => /completed|failed/.test(document.getElementById('state')?.textContent ?? ''));

  expect(await page.textContent('#error')).toBe('');
  expect(await page.textContent('#state')).toBe('completed');
  expect(await page.textContent('#answer')).not.toBe('');
  const events = await page.locator('#events li').allTextContents();
  expect(events).toContain('item_delta');
  expect(events.at(-1)).toBe('turn_completed');
  const patch = (await page.textContent('#patch')) ?? '';
  const [, path = ''] = /^\+\+\+ b\/(.+)$/m.exec(patch) ?? [];
  expect(await readFile(join(parley.project, path), 'utf8')).toContain('sort');
  expect(await page.locator('#violations li').allTextContents()).toEqual([]);
  expect(problems).toEqual([]);
});

test('a base URL may be relative to the page, and a POST is sent on after a redirect', async () => {
  const page = await browser.newPage();
  await page.goto(allowed.origin);
  await page.waitForFunction(() => document.getElementById('moved')?.textContent);
  expect(await page.textContent('#moved')).toBe('POST /api/login {"token":"secret"}');
});

test('a page of any other origin gets nowhere, the token in its hands', async () => {
  const page = await browser.newPage();
  await fillIn(page, stranger.origin);
  await page.waitForFunction(() => /completed|failed/.test(document.getElementById('state')?.textContent ?? ''));
  expect(await page.textContent('#state')).toBe('failed');
  expect(await page.locator('#events li').count()).toBe(0);
});

test('the bundle for browsers has no Node built-in and makes no code at run time', () => {
  expect(script).not.toMatch(/["']node:/);
  expect(script).not.toMatch(/\beval\(|\bnew Function\b/);
});

/** What the browser itself complains of: errors that nobody caught, and lines of the console's error level. */
function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  return problems;
}

async function fillIn(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.fill('[name=server]', parley.url);
  await page.fill('[name=token]', parley.token);
  await page.fill('[name=cwd]', parley.project);
  await page.fill('[name=prompt]', '请帮我实现一个排序函数');
  await page.click('button');
}
