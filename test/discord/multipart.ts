// A request's body: JSON, or a form with files[n] beside payload_json.
import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import { ApiError } from './api-error.ts';

/** `key` is the n of files[n], by which the message's `attachments` name it. */
export type Upload = {
  readonly key: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
};

export async function readBody(
  bytes: Buffer,
  contentType: string,
): Promise<{ readonly body: unknown; readonly files: readonly Upload[] }> {
  if (bytes.length === 0) return { body: undefined, files: [] };
  if (contentType.startsWith('application/json')) return { body: parseJson(bytes.toString('utf8')), files: [] };
  if (!contentType.startsWith('multipart/form-data')) throw malformed(`a body of type "${contentType}"`);
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw malformed('a form that cannot be read');
    });
  const files: Upload[] = [];
  let body: unknown = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      if (name !== 'payload_json') throw malformed(`a form field "${name}"`);
      body = parseJson(value);
      continue;
    }
    const key = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (key === undefined) throw malformed(`a file in "${name}"`);
    files.push({ key, filename: value.name, contentType: value.type, bytes: Buffer.from(await value.arrayBuffer()) });
  }
  return { body, files };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('a body that is not JSON');
  }
}

function malformed(what: string): ApiError {
  return new ApiError(
    400,
    RESTJSONErrorCodes.RequestBodyContainsInvalidJSON,
    'The request body contains invalid JSON.',
    {
      violation: what,
    },
  );
}
