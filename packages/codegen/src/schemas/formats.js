/**
 * @file Formats as regular expressions, so that validators need nothing at run time. A format that is not here only
 * annotates, as JSON Schema has it.
 */

/** @type {Record<string, {pattern: RegExp, what: string}>} */
export const formats = {
  uuid: { pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, what: 'a UUID' },
  date: { pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, what: 'a date' },
  'date-time': {
    pattern:
      /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i,
    what: 'a date and time with its offset',
  },
  time: {
    pattern: /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i,
    what: 'a time with its offset',
  },
  uri: { pattern: /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]*$/i, what: 'a URI' },
  'uri-reference': { pattern: /^[^\s<>"{}|\\^`]*$/, what: 'a URI or a relative reference' },
  email: { pattern: /^[^\s@]+@[^\s@]+$/, what: 'an e-mail address' },
  hostname: {
    pattern: /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i,
    what: 'a host name',
  },
  ipv4: { pattern: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/, what: 'an IPv4 address' },
};
