import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { ListedProcess } from './list-processes.js';

/** The sockets of some processes: the group of the process by the number of the socket. */
type Sockets = ReadonlyMap<string, number>;

const ESTABLISHED = '01';
const CONNECTED = '03';

/**
 * The groups of `strays` to which one of `others` is connected, by TCP or by a socket with a path. For a socket with a path Linux does not
 * tell who is at its other end: it counts if one of the others has such a connection too.
 */
export function inUse(strays: readonly ListedProcess[], others: readonly ListedProcess[]): Set<number> {
  const theirs = socketsOf(strays);
  const used = new Set<number>();
  if (theirs.size === 0) return used;
  const ofOthers = socketsOf(others);
  const keep = (socket: string) => used.add(theirs.get(socket) ?? 0);

  const connections = [...rowsOf('tcp'), ...rowsOf('tcp6')].filter((row) => row[3] === ESTABLISHED);
  const placeOf = ([, from = '', to = '']: readonly string[]) => `${withoutMapping(from)} ${withoutMapping(to)}`;
  const peers = new Set(
    connections
      .filter((row) => ofOthers.has(row[9] ?? ''))
      .map(([number = '', from = '', to = '']) => placeOf([number, to, from])),
  );
  for (const row of connections) if (theirs.has(row[9] ?? '') && peers.has(placeOf(row))) keep(row[9] ?? '');

  const connected = rowsOf('unix').filter((row) => row[5] === CONNECTED);
  if (connected.some((row) => ofOthers.has(row[6] ?? ''))) {
    // The end of whoever accepted a connection has the path of the socket that listens.
    for (const row of connected) if (row[7] !== undefined && theirs.has(row[6] ?? '')) keep(row[6] ?? '');
  }
  return used;
}

function socketsOf(processes: readonly ListedProcess[]): Sockets {
  const sockets = new Map<string, number>();
  for (const { pid, group } of processes) {
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      const [, socket] = /^socket:\[(\d+)\]$/.exec(targetOf(`/proc/${pid}/fd/${descriptor}`)) ?? [];
      if (socket !== undefined) sockets.set(socket, group);
    }
  }
  return sockets;
}

/** The rows of a table of sockets, as lists of words. */
function rowsOf(table: 'tcp' | 'tcp6' | 'unix'): string[][] {
  try {
    const [, ...rows] = readFileSync(`/proc/self/net/${table}`, 'latin1').trimEnd().split('\n');
    return rows.map((row) => row.trim().split(/\s+/));
  } catch {
    return []; // a machine without IPv6
  }
}

/** The address of a peer that came by IPv4, also where the socket is one of IPv6. */
function withoutMapping(address: string): string {
  return address.replace(/^0000000000000000FFFF0000/, '');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has ended
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ''; // it has been closed
  }
}
