import { File } from '@asyncapi/generator-react-sdk';
import { emitModules } from '../../src/asyncapi/modules.js';

/** The files that the generator writes; each is text that its emitter made from the document. */
export default async function Modules({ asyncapi, originalAsyncAPI, params }) {
  const modules = await emitModules({ asyncapi, text: originalAsyncAPI, params });
  return modules.map(({ name, text }) => (
    <File key={name} name={name}>
      {text}
    </File>
  ));
}
