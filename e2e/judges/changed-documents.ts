import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** The root of the repository. */
export const repository = join(import.meta.dirname, '..', '..');

/** The document that the server follows. */
export const openapi = join(repository, 'openapi.yaml');

// biome-ignore lint/suspicious/noExplicitAny: what is changed is of no one type, and is read by others right after.
type Document = any;

/** A change of the document that makes it wrong about the server. */
export interface ChangedDocument {
  readonly title: string;
  readonly change: (document: Document) => void;
}

/** Each contradicts the server at a place that the main job uses. */
export const changedDocuments: readonly ChangedDocument[] = [
  {
    title: 'an operation without the status that it answers with',
    change: ({ paths }) => {
      delete paths['/api/sessions/{session_id}/patch'].get.responses['200'];
    },
  },
  {
    title: 'a field under another name',
    change: ({ components }) => {
      const { SubmitResponse } = components.schemas;
      SubmitResponse.properties.event_number = SubmitResponse.properties.event_id;
      delete SubmitResponse.properties.event_id;
      SubmitResponse.required = SubmitResponse.required.map((name: string) =>
        name === 'event_id' ? 'event_number' : name,
      );
    },
  },
  {
    title: 'a field that is a number and not a text',
    change: ({ components }) => {
      components.schemas.Patch.properties.patch_id = { type: 'integer', minimum: 1 };
    },
  },
];

/** Writes openapi.yaml with one change into a folder. Resolves with its path. */
export async function writeChanged(folder: string, { change }: ChangedDocument): Promise<string> {
  const document: Document = parse(await readFile(openapi, 'utf8'));
  change(document);
  const path = join(folder, 'openapi.yaml');
  await writeFile(path, stringify(document));
  return path;
}
