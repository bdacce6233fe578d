import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a server keeps its state unless it is told otherwise. */
export const DEFAULT_DATA_DIR = join(homedir(), '.parley');
