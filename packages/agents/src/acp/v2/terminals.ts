import { StringDecoder } from 'node:string_decoder';
import { readObject, readText } from '../../map/read.js';
import { createSaid, type Said } from './said.js';
import { forgetOldest, idOf, present, type Update } from './wire.js';

/** The terminals of an agent. What they show goes to the tool call that shows them, in the form that version 1 has it. */
export interface Terminals {
  /** A tool call shows a terminal. */
  refer(terminalId: string, toolCallId: string): Update[];
  /** A `terminal_update`. */
  update(update: Update): Update[];
  /** A `terminal_output_chunk`. */
  output(update: Update): Update[];
  /** Gives each terminal that no call shows a call of its own. To be called when the agent has stopped working. */
  settle(): Update[];
  /** The command of a terminal. */
  titleOf(terminalId: unknown): string;
}

interface Terminal {
  readonly id: string;
  toolCallId: string | undefined;
  command: string | undefined;
  cwd: string | undefined;
  decoder: StringDecoder;
  said: Said;
  /** What no call has shown yet. */
  waiting: string;
  exit: { exit_code: number | null; signal: string | null } | undefined;
}

const MAX_TERMINALS = 64;
/** So many characters wait for the call that shows them. */
const MAX_WAITING = 65_536;

/** Creates it. `hasInput` tells whether a call says itself what it was given. */
export function createTerminals(hasInput: (toolCallId: string) => boolean): Terminals {
  const terminals = new Map<string, Terminal>();

  const terminalOf = (terminalId: unknown): Terminal => {
    const id = idOf(terminalId);
    const terminal = terminals.get(id) ?? {
      ...{ id, toolCallId: undefined, command: undefined, cwd: undefined, exit: undefined },
      ...{ decoder: new StringDecoder('utf8'), said: createSaid(), waiting: '' },
    };
    terminals.set(id, terminal);
    forgetOldest(terminals, MAX_TERMINALS);
    return terminal;
  };

  /** Gives what waits to the call of a terminal. */
  const flush = (terminal: Terminal): Update[] => {
    const { toolCallId, waiting, id, exit } = terminal;
    if (toolCallId === undefined) return [];
    terminal.waiting = '';
    terminal.exit = undefined;
    const of = (_meta: object) => ({ sessionUpdate: 'tool_call_update', toolCallId, _meta });
    return [
      ...(waiting === '' ? [] : [of({ terminal_output_delta: { terminal_id: id, data: waiting } })]),
      ...(exit === undefined ? [] : [of({ terminal_exit: { terminal_id: id, ...exit } })]),
    ];
  };

  /** What is told of the command, where its call does not say it itself. */
  const tellCommand = ({ toolCallId, command, cwd }: Terminal): Update[] => {
    if (toolCallId === undefined || command === undefined || hasInput(toolCallId)) return [];
    return [{ sessionUpdate: 'tool_call_update', toolCallId, rawInput: present({ command, cwd }) }];
  };

  /** Gives a terminal a call of its own. */
  const adopt = (terminal: Terminal): Update[] => {
    const { id, command, cwd, exit } = terminal;
    terminal.toolCallId = `terminal/${id}`;
    const call = {
      ...{ sessionUpdate: 'tool_call', toolCallId: terminal.toolCallId, kind: 'execute', status: 'in_progress' },
      title: command ?? `Terminal ${id}`,
      ...(command !== undefined && { rawInput: present({ command, cwd }) }),
    };
    return [call, ...flush(terminal), ...end(terminal, exit)];
  };

  /** A call of its own ends with its terminal. */
  const end = ({ id, toolCallId }: Terminal, exit: Terminal['exit']): Update[] => {
    if (exit === undefined || toolCallId !== `terminal/${id}`) return [];
    const status = exit.exit_code === 0 ? 'completed' : 'failed';
    return [{ sessionUpdate: 'tool_call_update', toolCallId, status }];
  };

  const show = (terminal: Terminal, text: string): Update[] => {
    terminal.waiting += text;
    // Without this: keeps all that a terminal shows which no call shows
    return terminal.toolCallId === undefined && terminal.waiting.length > MAX_WAITING
      ? adopt(terminal)
      : flush(terminal);
  };

  return {
    refer(terminalId, toolCallId) {
      const terminal = terminalOf(terminalId);
      if (terminal.toolCallId !== undefined) return [];
      terminal.toolCallId = toolCallId;
      return [...tellCommand(terminal), ...flush(terminal)];
    },
    update({ terminalId, command, cwd, output, exitStatus }) {
      const terminal = terminalOf(terminalId);
      const before = terminal.command;
      terminal.command = readText(command, 4_096) ?? terminal.command;
      terminal.cwd = readText(cwd, 4_096) ?? terminal.cwd;
      const told = terminal.command === before ? [] : tellCommand(terminal);
      const shown = output === undefined ? [] : show(terminal, replaced(terminal, readObject(output)?.data));
      const status = readObject(exitStatus);
      if (status === undefined) return [...told, ...shown];
      const rest = show(terminal, more(terminal, terminal.decoder.end()));
      const exit = {
        exit_code: typeof status.exitCode === 'number' ? status.exitCode : null,
        signal: readText(status.signal, 32) ?? null,
      };
      terminal.exit = exit;
      const isNobodys = terminal.toolCallId === undefined;
      return [...told, ...shown, ...rest, ...(isNobodys ? [] : [...flush(terminal), ...end(terminal, exit)])];
    },
    output({ terminalId, data }) {
      const terminal = terminalOf(terminalId);
      return show(terminal, more(terminal, terminal.decoder.write(bytesOf(data))));
    },
    settle: () =>
      [...terminals.values()].flatMap((terminal) => {
        const { toolCallId, waiting, exit, command } = terminal;
        const hasNews = waiting !== '' || exit !== undefined || command !== undefined;
        return toolCallId === undefined && hasNews ? adopt(terminal) : [];
      }),
    titleOf: (terminalId) => terminals.get(idOf(terminalId))?.command ?? `Terminal ${idOf(terminalId)}`,
  };
}

function more(terminal: Terminal, text: string): string {
  terminal.said.add(text);
  return text;
}

/** What is new where an agent gives all that a terminal shows. Version 1 takes nothing back that a command has written. */
function replaced(terminal: Terminal, data: unknown): string {
  const before = terminal.said;
  terminal.decoder = new StringDecoder('utf8');
  terminal.said = createSaid();
  const all = more(terminal, terminal.decoder.write(bytesOf(data)));
  if (before.begins(all)) return all.slice(before.length);
  return all === '' ? '' : `\n${all}`;
}

function bytesOf(data: unknown): Buffer {
  return Buffer.from(readText(data) ?? '', 'base64');
}
