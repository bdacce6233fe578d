/**
 * @file Handler interfaces from the operations: a server handles what it receives, a client what the server sends.
 */
import { access, docstring, propertyKey, quote } from '../names.js';

/** @param {{channels: import('./model.js').Channel[]}} model */
export function emitHandlerInterfaces({ channels }) {
  const sides = channels.flatMap(({ name, server, client }) => [
    { side: `${name}ServerHandlers`, who: 'the server', direction: client },
    { side: `${name}ClientHandlers`, who: 'a client', direction: server },
  ]);
  return `import type * as Frames from './frames.js';
import type * as Types from './types.js';

${sides.map(emitSide).join('\n')}`;
}

function emitSide({ side, who, direction }) {
  const members = direction.operations.map((operation) => emitMember(operation, direction)).join('\n');
  return `${docstring(`What ${who} does with each frame that it receives, by operation.`)}export interface ${side}<Context, Result> {
${members}
}

${direction.messages.length === 0 ? '' : emitDispatch(side, direction)}`;
}

function emitMember({ id, description, messages }, { property }) {
  const head = `${docstring(description, '  ')}  readonly ${propertyKey(id)}`;
  if (property === undefined) return `${head}: (frame: ${union(messages)}, context: Context) => Result;`;
  const handlers = messages.map(({ tag, type, description: text }) => {
    return `${docstring(text, '    ')}    readonly ${propertyKey(tag)}: (frame: Types.${type}, context: Context) => Result;`;
  });
  return `${head}: {\n${handlers.join('\n')}\n  };`;
}

/** A frame that several operations name goes to the first of them. */
function emitDispatch(side, direction) {
  const { type, property, operations, messages } = direction;
  const text = `Calls the handler of a frame.`;
  const head = `${docstring(text)}export function handle${type}<Context, Result>(
  handlers: ${side}<Context, Result>,
  frame: Frames.${type},
  context: Context,
): Result {`;
  if (property === undefined) {
    return operations.length === 1 ? `${head}\n  return handlers${access(operations[0].id)}(frame, context);\n}\n` : '';
  }
  const cases = messages.map(({ id, tag }) => {
    const operation = operations.find((candidate) => candidate.messages.some((message) => message.id === id));
    return `    case ${quote(tag)}:\n      return handlers${access(operation.id)}${access(tag)}(frame, context);`;
  });
  return `${head}\n  switch (frame${access(property)}) {\n${cases.join('\n')}\n  }\n}\n`;
}

function union(messages) {
  return [...new Set(messages.map(({ type }) => `Types.${type}`))].join(' | ');
}
