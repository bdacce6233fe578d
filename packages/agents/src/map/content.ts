import type { ContentBlock } from '@parleyhq/contract';
import { compact, type Raw, readCount, readObject, readText } from './read.js';

const IMAGE_TYPE = /^image\/[a-z0-9.+-]+$/;
/** Longer Base64 text would not fit into one event. */
const MAX_DATA = 200 * 1024;
const MAX_URI = 4096;

/** Maps one content block of ACP. A block of a type that the contract does not have becomes a text that names the type. */
export function mapContent(value: unknown): ContentBlock {
  const block = readObject(value) ?? {};
  switch (block.type) {
    case 'text':
      return { type: 'text', text: readText(block.text) ?? '' };
    case 'image':
      return mapImage(block);
    case 'audio':
      return mapAudio(block);
    case 'resource_link':
      return mapResourceLink(block);
    case 'resource':
      return mapResource(readObject(block.resource) ?? {});
    default:
      return leftOut(`content of the unknown type ${JSON.stringify(readText(block.type, 64) ?? null)}`, 0);
  }
}

function mapImage(block: Raw): ContentBlock {
  const data = readText(block.data) ?? '';
  const mime_type = (readText(block.mimeType, 128) ?? '').toLowerCase();
  if (data === '' || data.length > MAX_DATA || !IMAGE_TYPE.test(mime_type)) return leftOut('image', data.length);
  return compact({ type: 'image' as const, mime_type, data, uri: readText(block.uri, MAX_URI) });
}

function mapAudio(block: Raw): ContentBlock {
  const data = readText(block.data) ?? '';
  const mime_type = readText(block.mimeType, 128) ?? '';
  if (data === '' || data.length > MAX_DATA || mime_type.length < 3) return leftOut('audio', data.length);
  return { type: 'audio', mime_type, data };
}

function mapResourceLink(block: Raw): ContentBlock {
  const uri = readText(block.uri, MAX_URI);
  if (!uri) return leftOut('resource link without a URI', 0);
  return compact({
    type: 'resource_link' as const,
    uri,
    name: readText(block.name, 256) || uri.slice(0, 256),
    title: readText(block.title, 256),
    description: readText(block.description, 4096),
    mime_type: readText(block.mimeType, 128),
    size: readCount(block.size),
  });
}

function mapResource(resource: Raw): ContentBlock {
  const uri = readText(resource.uri, MAX_URI);
  const data = readText(resource.blob);
  if (!uri || (data !== undefined && data.length > MAX_DATA)) return leftOut('resource', data?.length ?? 0);
  return compact({
    type: 'resource' as const,
    uri,
    mime_type: readText(resource.mimeType, 128),
    text: readText(resource.text),
    data,
  });
}

function leftOut(what: string, bytes: number): ContentBlock {
  const text = `[${what} left out]`;
  return bytes > 0 ? { type: 'text', text, truncated_bytes: bytes } : { type: 'text', text };
}
