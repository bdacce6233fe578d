import { asyncapiJson } from './gen/documents/asyncapi-json.js';
import { openapiJson } from './gen/documents/openapi-json.js';

// The documents of the contract, as texts and as data: `@parleyhq/contract/documents`.

export { asyncapiYaml } from './gen/documents/asyncapi-yaml.js';
export { openapiYaml } from './gen/documents/openapi-yaml.js';
export { protocolMd } from './gen/documents/protocol-md.js';

/** `openapi.yaml` as data. Each call parses a new copy, in about a millisecond. The caller may change it. */
export function parseOpenapi(): Record<string, unknown> {
  return JSON.parse(openapiJson);
}

/**
 * `asyncapi.yaml` as data. Its references to `./openapi.yaml` are not resolved. Each call parses a new copy. The caller
 * may change it.
 */
export function parseAsyncapi(): Record<string, unknown> {
  return JSON.parse(asyncapiJson);
}
