/**
 * @file Frames to text and back: strict for what one sends, tolerant for what one reads, unless the caller says.
 */
import { docstring } from '../names.js';

/** @param {import('./model.js').Model} model @param {string} validate The folder of the run-time modules. */
export function emitCodec({ channels }, validate) {
  const server = channels.map(({ server }) => server).filter(({ messages }) => messages.length > 0);
  const client = channels.map(({ client }) => client).filter(({ messages }) => messages.length > 0);
  const types = [...server, ...client].map(({ type }) => type);
  if (types.length === 0) return '';
  const strict = types.map((type) => `strict${type}`);
  const tolerant = server.map(({ type }) => `tolerant${type}`);
  return `import type { Validation, Validator } from '${validate}/problems.js';
import type * as Frames from './frames.js';
import { type Parsed, encodeFrame, parseFrame } from '${validate}/text.js';
import { ${strict.join(', ')} } from './strict.js';
${tolerant.length === 0 ? '' : `import { ${tolerant.join(', ')} } from './tolerant.js';\n`}
${server.map(({ type }) => emitPair(type, 'a server', 'a client', `tolerant${type}`)).join('\n')}
${client.map(({ type }) => emitPair(type, 'a client', 'the server', `strict${type}`)).join('\n')}`;
}

function emitPair(type, sender, reader, fallback) {
  return `${docstring(`The text of a frame that ${sender} sends, once it fits the document strictly.`)}export function encode${type}(frame: Frames.${type}): Validation<string> {
  return encodeFrame(frame, strict${type});
}

${docstring(`The frame that ${reader} reads from a text; by default it is read with \`${fallback}\`.`)}export function parse${type}(text: string, validate: Validator<Frames.${type}> = ${fallback}): Parsed<Frames.${type}> {
  return parseFrame(text, validate);
}
`;
}
