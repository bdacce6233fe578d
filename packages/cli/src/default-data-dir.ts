import { homedir } from 'node:os';
import { join } from 'node:path';

/** The default folder of a server's state. */
export const DEFAULT_DATA_DIR = join(homedir(), '.parley');
