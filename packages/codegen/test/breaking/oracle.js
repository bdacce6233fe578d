/**
 * @file Whether two releases get along, found out by letting them: an old client talks to a new server, and a new server
 * reads an old log. Every message is a sample of what the one may send, and is read by the validators that the other one
 * ships.
 */
import { createContract, inside } from '../../src/breaking/contract.js';
import { samplesOf } from '../../src/breaking/samples.js';
import { createSide } from '../../src/breaking/shapes.js';
import { reachable, visitSchemas } from '../../src/schemas/walk.js';
import { fillIn } from './fill-in.js';
import { changedRoots, readRelease } from './release.js';

const isError = (status) => status === 'default' || Number(status) >= 400;

/**
 * @param {Awaited<ReturnType<typeof import('./validators.js').createWorkshop>>} workshop
 * @param {{openapi: any, asyncapi: any}} oldDocuments
 */
export async function createOracle(workshop, oldDocuments) {
  const old = readRelease(oldDocuments);
  const oldStrict = await workshop.make(old.roots, old.schemas, 'strict');
  const oldTolerant = await workshop.make(old.roots, old.schemas, 'tolerant');
  const sampleOld = createSampler(old);
  const oldSamples = new Map();

  return {
    /**
     * @param {{openapi: any, asyncapi: any}} documents Of the new release.
     * @returns {Promise<{broken: string[], samples: number, invalid: string[]}>} What does not work any more; how many
     * samples were sent; those that the sender itself would refuse, which say nothing; and whether a sample that the
     * gate shows is refused.
     */
    async judge(documents) {
      const current = readRelease(documents);
      const changed = changedRoots(old, current);
      const roots = Object.fromEntries(changed.map((key) => [key, current.roots[key]]));
      const strict = changed.length === 0 ? () => [] : await workshop.make(roots, current.schemas, 'strict');
      return createMeeting(current, new Set(changed), strict).hold();
    },
  };

  function createMeeting(current, changed, newStrict) {
    const broken = new Set();
    const invalid = new Set();
    const sampleNew = createSampler(current);
    let samples = 0;
    const breaks = (condition, sentence) => condition && broken.add(sentence);

    return { hold };

    function hold() {
      for (const [id, operation] of old.operations) meetOperation(id, operation, current.operations.get(id));
      for (const url of old.addresses) breaks(!current.addresses.includes(url), `nobody is at ${url}`);
      meetSocket();
      meetCodes();
      for (const key of Object.keys(old.roots).filter((name) => name.startsWith('stored '))) sendOld(key, key);
      return { broken: [...broken], samples, invalid: [...invalid], isShown };
    }

    function meetOperation(id, before, after) {
      if (after === undefined || after.call !== before.call) return breaks(true, `${id} cannot be called`);
      meetCredentials(id, before.credentials, after.credentials);
      for (const kind of ['path', 'query', 'header']) sendOld(`request ${id} ${kind}`, `request ${id} ${kind}`);
      for (const type of before.body?.types ?? []) sendOld(`request ${id} ${type}`, `request ${id} ${type}`);
      breaks(before.body?.required !== true && after.body?.required === true, `${id} is refused without a body`);
      for (const [status, answer] of after.answers) meetAnswer(id, status, before.answers, answer);
      for (const status of before.answers.keys()) {
        breaks(!isError(status) && !after.answers.has(status), `nobody answers ${status} to ${id}`);
      }
    }

    function meetCredentials(where, before, after) {
      for (const shown of before) {
        const suffices = after.some((needed) => needed.every((part) => shown.includes(part)));
        breaks(!suffices, `${where} refuses ${shown.join(' and ') || 'who shows nothing'}`);
      }
    }

    function meetAnswer(id, status, known, { types, headers }) {
      const read = known.has(status) ? status : isError(status) && known.has('default') ? 'default' : undefined;
      if (read === undefined) return breaks(true, `${id} answers ${status}, which nobody expects`);
      const expected = known.get(read);
      breaks(expected.types.length > 0 && types.length === 0, `${id} answers ${status} without a body`);
      for (const type of types) {
        if (!expected.types.includes(type)) breaks(true, `${id} answers ${status} as ${type}`);
        else sendNew(`answer ${id} ${status} ${type}`, `answer ${id} ${read} ${type}`);
      }
      breaks(
        expected.types.some((type) => !types.includes(type)),
        `${id} answers ${status} not as it did`,
      );
      for (const header of expected.headers) {
        if (!headers.includes(header)) breaks(true, `${id} answers ${status} without ${header}`);
        else sendNew(`answer ${id} ${status} ${header}`, `answer ${id} ${read} ${header}`);
      }
    }

    function meetSocket() {
      const [before, after] = [old.socket, current.socket];
      for (const { url, credentials } of before.servers) {
        const server = after.servers.find((other) => other.url === url);
        if (server === undefined) breaks(true, `nobody is at ${url}`);
        else meetCredentials(url, credentials, server.credentials);
      }
      for (const [id, { address, method }] of Object.entries(before.channels)) {
        const channel = after.channels[id];
        const isThere = channel?.address === address && channel.method === method;
        breaks(!isThere, `nobody is behind the channel ${id}`);
        if (channel !== undefined)
          for (const part of ['query', 'headers']) sendOld(`handshake ${id} ${part}`, `handshake ${id} ${part}`);
      }
      for (const id of before.operations) breaks(!after.operations.includes(id), `there is no ${id}`);
      breaks(before.contentType !== after.contentType, `frames are ${after.contentType}`);
      for (const action of ['send', 'receive']) {
        const names = after.messages[action].map(({ name }) => name);
        for (const { name } of before.messages[action]) breaks(!names.includes(name), `nobody ${action}s ${name}`);
      }
      sendNew('frame send', 'frame send');
      sendOld('frame receive', 'frame receive');
    }

    /** Clients act by their tables; after a close code that is not there they connect again. */
    function meetCodes() {
      for (const [code, entry] of Object.entries(old.errors)) {
        const same = ['status', 'close_code', 'retryable'].every(
          (field) => current.errors[code]?.[field] === entry[field],
        );
        breaks(!same, `${code} is taken for what it was`);
      }
      for (const [code, entry] of Object.entries(old.closeCodes)) {
        const same = ['name', 'resume'].every((field) => current.closeCodes[code]?.[field] === entry[field]);
        breaks(!same, `${code} is taken for what it was`);
      }
      for (const [code, { resume }] of Object.entries(current.closeCodes)) {
        breaks(!(code in old.closeCodes) && !resume, `after ${code} old clients come back`);
      }
    }

    /** Whether the sample of a breaking change does what the gate says: the one side refuses what the other one sends. */
    function isShown({ direction, where: [place], rule, sample }) {
      const [kind, part = 'body'] = direction.split(', ');
      const [type, body] = Object.entries(sample ?? {})[0] ?? [];
      const [key, value] = {
        request: part === 'body' ? [`request ${place} ${type}`, body] : [`request ${place} ${part}`, sample],
        answer: [`answer ${place} ${type}`, body],
        handshake: [`handshake ${place} ${part}`, sample],
        stored: [`stored ${place}`, sample],
        "client's frame": ['frame receive', sample],
        "server's frame": ['frame send', sample],
      }[kind] ?? [undefined, undefined];
      // Without a message there is nothing to read: a table, an address, a media type.
      if (sample === undefined || !changed.has(key) || !(key in old.roots)) return true;
      if (rule === 'default')
        return !isIn(...[old, current].map(({ roots, schemas }) => fillIn(roots[key], schemas, value)));
      const isAnswer = kind === 'answer' || kind === "server's frame";
      const read = isAnswer && rule !== 'property' ? oldTolerant : newStrict;
      return read(key, value).length > 0;
    }

    /** What an old peer sends or has written; the new one reads it strictly, and it must mean the same. */
    function sendOld(key, target) {
      if (!(target in current.roots)) return breaks(true, `${key} is not taken`);
      if (!changed.has(target)) return;
      const isFilledIn = !key.startsWith('stored') && defaultsOf(old, key) !== defaultsOf(current, target);
      for (const sample of validOldSamples(key)) {
        samples += 1;
        for (const { keyword } of newStrict(target, sample)) breaks(true, `${key} is refused: ${keyword}`);
        if (!isFilledIn) continue;
        const [meant, understood] = [old, current].map((release) =>
          fillIn(release.roots[target], release.schemas, sample),
        );
        breaks(!isIn(meant, understood), `${key} is understood otherwise`);
      }
    }

    /** What a new peer sends; an old client reads it tolerantly, and everything that old ones sent must still be there. */
    function sendNew(key, target) {
      if (!changed.has(key)) return;
      for (const sample of sampleNew(key)) {
        samples += 1;
        if (newStrict(key, sample).length > 0) invalid.add(`${key}: ${JSON.stringify(sample).slice(0, 200)}`);
        else for (const { keyword } of oldTolerant(target, sample)) breaks(true, `${key} cannot be read: ${keyword}`);
      }
      if (key !== target) return;
      for (const sample of validOldSamples(key)) {
        const isLost = newStrict(key, sample).some(({ keyword }) => keyword === 'additionalProperties');
        breaks(isLost, `${key} has lost a property`);
      }
    }
  }

  function validOldSamples(key) {
    if (!oldSamples.has(key))
      oldSamples.set(
        key,
        sampleOld(key).filter((value) => oldStrict(key, value).length === 0),
      );
    return oldSamples.get(key);
  }
}

/** Samples of the roots of a release. */
function createSampler({ roots, schemas }) {
  const document = { info: { version: '0.0.0' }, components: { schemas }, roots };
  const side = createSide(createContract({ 'openapi.yaml': document, 'asyncapi.yaml': document }), 'strict');
  return (key) => samplesOf(side.node(inside('openapi.yaml#/roots', key)));
}

/** What the schemas of a root say of defaults: where that is the same, so is what messages mean. */
function defaultsOf({ roots, schemas }, key) {
  const parts = [roots[key], ...reachable([roots[key]], schemas).map((name) => schemas[name])];
  const found = [];
  for (const part of parts)
    visitSchemas(part, (schema, path) => 'default' in schema && found.push([path, schema.default]));
  return JSON.stringify(found);
}

/** Whether everything of one value is in another one too. */
function isIn(part, whole) {
  if (typeof part !== 'object' || part === null) return part === whole;
  return Object.entries(part).every(([key, value]) => isIn(value, whole?.[key]));
}
