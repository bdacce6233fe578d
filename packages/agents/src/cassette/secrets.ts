import type { Environment } from '../definition.js';
import { REDACTED } from './cassette.js';

/** A variable with one of these words in its name holds a secret. */
const SECRET_WORDS = new Set(
  'key apikey token secret password passwd pass passphrase credential credentials auth authorization cookie pat'.split(
    ' ',
  ),
);

/** A variable whose name ends with one of these holds a location and not a secret. */
const PLACE_WORDS = new Set(['file', 'path', 'dir', 'sock', 'home']);

/** A property with such a name holds a secret. The plain names `key` and `auth` are too common to be listed. */
const SECRET_PROPERTY =
  /(?:^|_)(?:(?:api|access|secret|private|auth|signing|encryption)_?key|token|secret|password|passwd|passphrase|credentials?|cookie|authorization)$/;

/** Shorter values of variables are not treated as secrets: they may be ordinary words. */
const MIN_SECRET_LENGTH = 8;

// Each pattern runs in linear time: a hostile text must not slow the agent down.
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

/** A group with the text before a secret, which is kept, and then the secret. */
const AFTER_PREFIX = [
  /(\bAuthorization["']?\s*[:=]\s*["']?(?:[A-Za-z]+[ \t]+)?)[^\s"']+/gi,
  /(\bBearer\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}/gi,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/gi,
  /(\b[A-Z][A-Z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)["']?\s*[=:]\s*["']?)[^\s"']{8,}/g,
  /(\b(?:api_?key|access_?token|auth_?token|client_?secret|password|secret)["']?\s*[:=]\s*["'])[^\s"']{8,}/gi,
];

/** Takes secrets out of what goes into a cassette. */
export interface SecretRemover {
  /** The text without its secrets. `name` is the name of the property that holds the text. */
  remove(text: string, name?: string): string;
}

/**
 * Creates a remover with three rules. It removes the values of the variables of `env` with the name of a secret (key, token,
 * password, …), wherever they stand; texts with the shape of a secret (tokens of well-known vendors, JWTs, private keys,
 * `Authorization:` and `Bearer`, passwords in addresses, `NAME_KEY=…`); and texts in properties with the name of a secret.
 */
export function createSecretRemover(env: Environment): SecretRemover {
  const values = secretValues(env);
  return {
    remove(text, name) {
      if (name !== undefined && isSecretProperty(name) && text !== '') return REDACTED;
      let clean = text;
      for (const value of values) clean = clean.replaceAll(value, REDACTED);
      for (const token of TOKENS) clean = clean.replace(token, REDACTED);
      for (const pattern of AFTER_PREFIX) clean = clean.replace(pattern, `$1${REDACTED}`);
      return clean;
    },
  };
}

/**
 * The values of the variables with the name of a secret (key, token, password, …). Longer ones come first, since one may be
 * part of another.
 *
 * @param minLength values with fewer characters are left out: they may be ordinary words. @default 8
 */
export function secretValues(env: Environment, minLength = MIN_SECRET_LENGTH): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= minLength && isSecretVariable(name) ? [value] : [],
  );
  return values.sort((one, other) => other.length - one.length);
}

/** Whether a variable of this name holds a secret, and not the location of one. */
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
