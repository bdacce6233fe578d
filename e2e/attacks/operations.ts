import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** An operation of openapi.yaml. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  /** Whether it needs a credential. */
  readonly secured: boolean;
  /** An example of its body. */
  readonly body: unknown;
}

interface Document {
  readonly paths: Record<string, Record<string, Described | undefined>>;
}

interface Described {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: {
    readonly content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>;
  };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** All operations of openapi.yaml, so that a new one is attacked without a change here. */
export async function readOperations(): Promise<readonly Operation[]> {
  const document: Document = parse(await readFile(join(import.meta.dirname, '..', '..', 'openapi.yaml'), 'utf8'));
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const described = methods[method];
      if (described === undefined) return [];
      const content = described.requestBody?.content['application/json'];
      const body = content?.example ?? Object.values(content?.examples ?? {})[0]?.value;
      const { operationId: id, security } = described;
      const ofDemo = path.replace('{agent}', 'demo');
      return [{ id, method: method.toUpperCase(), path: ofDemo, secured: security?.length !== 0, body }];
    }),
  );
}
