import { fileURLToPath } from 'node:url';
import { File } from '@asyncapi/generator-react-sdk';
import { emitModules } from '../../src/asyncapi/modules.js';

/** The files that the generator writes; each is text that its emitter made from the document. */
export default async function Modules({ originalAsyncAPI, params }) {
  const validateFolder = fileURLToPath(new URL('../../../contract/src/validate', import.meta.url));
  const modules = await emitModules({ text: originalAsyncAPI, params, validateFolder });
  return modules.map(({ name, text }) => (
    <File key={name} name={name}>
      {text}
    </File>
  ));
}
