import type { Environment } from '../definition.js';
import { REDACTED } from './cassette.js';

/** A variable with one of these words in its name holds a secret. */
const SECRET_WORDS = new Set(
  'key apikey token secret password passwd pass passphrase credential credentials auth authorization cookie pat'.split(
    ' ',
  ),
);

/** A variable whose name ends with one of these says where something is. */
const PLACE_WORDS = new Set(['file', 'path', 'dir', 'sock', 'home']);

/** A property with such a name holds a secret; `key` and `auth` alone are names of much else. */
const SECRET_PROPERTY =
  /(?:^|_)(?:(?:api|access|secret|private|auth|signing|encryption)_?key|token|secret|password|passwd|passphrase|credentials?|cookie|authorization)$/;

/** Shorter values of variables are words like any other. */
const MIN_SECRET_LENGTH = 8;

// No rule begins again inside of what it has read in vain: a text made to be slow must not hold the agent up.
const TOKENS = [
  /\bparley_[A-Za-z0-9_-]{32,}/g,
  /\b[spr]k[-_][A-Za-z0-9_-]{16,}/g,
  /\b(?:gh[opsur]_|github_pat_|glpat-|npm_|hf_)[A-Za-z0-9_-]{16,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** What stands before a secret, kept, and the secret. */
const BEHIND = [
  /(\bAuthorization["']?\s*[:=]\s*["']?(?:[A-Za-z]+[ \t]+)?)[^\s"']+/gi,
  /(\bBearer\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}/gi,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/gi,
  /(\b[A-Z][A-Z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)["']?\s*[=:]\s*["']?)[^\s"']{8,}/g,
  /(\b(?:api_?key|access_?token|auth_?token|client_?secret|password|secret)["']?\s*[:=]\s*["'])[^\s"']{8,}/gi,
];

/** Takes secrets out of what goes into a cassette. */
export interface SecretRemover {
  /** A text without its secrets. `name` is that of the property that holds it. */
  remove(text: string, name?: string): string;
}

/**
 * Creates a remover that knows three rules: the values of variables of `env` whose name says secret (key, token,
 * password, …), wherever they stand; texts whose shape says secret (tokens of the well-known vendors, JWTs, private
 * keys, `Authorization:` and `Bearer`, passwords in addresses, `NAME_KEY=…`); and texts in properties whose name says
 * secret.
 */
export function createSecretRemover(env: Environment): SecretRemover {
  const values = secretValues(env);
  return {
    remove(text, name) {
      if (name !== undefined && isSecretProperty(name) && text !== '') return REDACTED;
      let clean = text;
      for (const value of values) clean = clean.replaceAll(value, REDACTED);
      for (const token of TOKENS) clean = clean.replace(token, REDACTED);
      for (const behind of BEHIND) clean = clean.replace(behind, `$1${REDACTED}`);
      return clean;
    },
  };
}

/**
 * The values of variables whose name says secret (key, token, password, …), of this many characters or more; longer ones
 * first, since one may be part of another.
 *
 * @param least shorter ones are words like any other. @default 8
 */
export function secretValues(env: Environment, least = MIN_SECRET_LENGTH): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= least && isSecretVariable(name) ? [value] : [],
  );
  return values.sort((one, other) => other.length - one.length);
}

/** One that says where a secret is kept does not hold it. */
function isSecretVariable(name: string): boolean {
  const words = wordsOf(name).split('_');
  return words.some((word) => SECRET_WORDS.has(word)) && !PLACE_WORDS.has(words.at(-1) ?? '');
}

/** Whether a property of this name holds a secret. */
export function isSecretProperty(name: string): boolean {
  return SECRET_PROPERTY.test(wordsOf(name));
}

/** `accessToken`, `ACCESS_TOKEN` and `access-token` are all `access_token`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
