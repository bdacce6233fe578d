// Exports for programs that run the command in their own process.
export { createProgram } from './create-program.js';
export { ExitError } from './exit-error.js';
