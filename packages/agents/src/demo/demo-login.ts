import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { AuthMethod } from '@agentclientprotocol/sdk';
import { LOGIN_REQUIRED } from '../acp/acp-request-error.js';
import { readObject } from '../map/read.js';
import { invalidParams, type Peer, RpcError } from './json-rpc.js';

/** The login of a demo agent that wants one. */
export interface DemoLogin {
  readonly methods: AuthMethod[];
  /** Throws the error of ACP while there is no login. */
  check(): void;
  /** Logs in as many agents do: a person opens a page. `requestId` is that of `authenticate`. */
  logIn(methodId: unknown, client: Peer, requestId: unknown): Promise<object>;
}

const METHOD = { id: 'demo', name: 'Log in to the demo', description: 'Names a page as many agents do, and is done.' };

/** The login that a file stands for: where it exists, the agent is logged in. Without a file no login is wanted. */
export function createDemoLogin(file: string | undefined): DemoLogin {
  return {
    methods: file === undefined ? [] : [METHOD],
    check() {
      if (file !== undefined && !existsSync(file)) throw new RpcError(LOGIN_REQUIRED, 'Authentication required');
    },
    async logIn(methodId, client, requestId) {
      if (file === undefined || methodId !== METHOD.id) throw invalidParams({ methodId: String(methodId) });
      const page = { mode: 'url', url: 'https://parley.example/demo-login', elicitationId: randomUUID() };
      const message = 'A real agent wants this page opened now.';
      const answer = await client.request('elicitation/create', { ...page, requestId, message });
      if (readObject(answer)?.action !== 'accept') throw new RpcError(LOGIN_REQUIRED, 'The page was not opened');
      await writeFile(file, '');
      return {};
    },
  };
}
