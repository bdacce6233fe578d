import { execute } from './execute.js';

const code = await execute(process.argv.slice(2));
if (code !== 0) process.exit(code);
