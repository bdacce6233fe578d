// For operators and for tools that run a server of their own.
export { createToken, listTokens, type NewToken, revokeToken, type TokenRequest } from './auth/token-folder.js';
export type { TokenRecord } from './auth/token-record.js';
export { createServer, type ParleyServer } from './create-server.js';
export { DataDirectoryInUse } from './files/data-directory.js';
export { LIMITS, type ServerLimits } from './limits.js';
export type { ServerAddress } from './listen.js';
export { createLogger, LOG_LEVELS, type LogLevel } from './observe/create-logger.js';
export { OptionError } from './option-error.js';
export type { ServerOptions } from './options.js';
export { RULE_ACTIONS, TOOL_KINDS } from './rules/check-rules.js';
export { APPROVAL_POLICIES } from './sessions/approval-policy.js';
