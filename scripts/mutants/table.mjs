import { acpVersions } from './table/acp-versions.mjs';
import { commands } from './table/commands.mjs';
import { deliveries } from './table/delivery.mjs';
import { faults } from './table/faults.mjs';
import { logFirst } from './table/log-first.mjs';
import { loginsOfAgents } from './table/logins.mjs';
import { ownSessions } from './table/own-sessions.mjs';
import { patches } from './table/patches.mjs';
import { processes } from './table/processes.mjs';
import { resume } from './table/resume.mjs';
import { rules } from './table/rules.mjs';
import { security } from './table/security.mjs';
import { shares } from './table/shares.mjs';
import { slowReaders } from './table/slow-readers.mjs';
import { surroundingsOfSessions } from './table/surroundings.mjs';
import { turns } from './table/turns.mjs';
import { unknown } from './table/unknown.mjs';

/** Every guard of the promises, by promise. */
export const mutants = [
  ...logFirst,
  ...resume,
  ...commands,
  ...slowReaders,
  ...turns,
  ...deliveries,
  ...patches,
  ...rules,
  ...unknown,
  ...security,
  ...shares,
  ...processes,
  ...surroundingsOfSessions,
  ...loginsOfAgents,
  ...ownSessions,
  ...faults,
  ...acpVersions,
];
