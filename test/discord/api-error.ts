// Discord's refusals: the HTTP status, its own code, and for a malformed body a tree of errors in the body's shape.
import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import type { z } from 'zod';

type FieldFault = { readonly code: string; readonly message: string };
/** Nested as the body's fields are; the faults of one stand in `_errors`. */
export type ErrorTree = { [field: string]: ErrorTree | readonly FieldFault[] };

/** An answer other than the one that was asked for. A `violation` is a request that a careful client never makes. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: ErrorTree | undefined;
  readonly violation: string | undefined;

  constructor(status: number, code: number, message: string, more: { errors?: ErrorTree; violation?: string } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.violation = more.violation;
  }

  get body(): unknown {
    return { message: this.message, code: this.code, ...(this.errors && { errors: this.errors }) };
  }
}

const unknown = (code: number, what: string) => () => new ApiError(404, code, `Unknown ${what}`);
export const unknownChannel = unknown(RESTJSONErrorCodes.UnknownChannel, 'Channel');
export const unknownMessage = unknown(RESTJSONErrorCodes.UnknownMessage, 'Message');
export const unknownGuild = unknown(RESTJSONErrorCodes.UnknownGuild, 'Guild');
export const unknownMember = unknown(RESTJSONErrorCodes.UnknownMember, 'Member');
export const unknownRole = unknown(RESTJSONErrorCodes.UnknownRole, 'Role');
export const unknownUser = unknown(RESTJSONErrorCodes.UnknownUser, 'User');
export const unknownCommand = unknown(RESTJSONErrorCodes.UnknownApplicationCommand, 'application command');
export const missingAccess = () => new ApiError(403, RESTJSONErrorCodes.MissingAccess, 'Missing Access');
export const missingPermissions = () => new ApiError(403, RESTJSONErrorCodes.MissingPermissions, 'Missing Permissions');

/** A wrong field, e.g. `formError(['data', 'content'], 'BASE_TYPE_BAD_LENGTH', '...')`. */
export function formError(path: readonly PropertyKey[], code: string, message: string): ApiError {
  return formErrors([{ path, code, message }]);
}

/** The body by the schema, or error 50035 that tells each field at fault. */
export function parseForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw formErrors(parsed.error.issues.map((issue) => ({ path: issue.path, ...inDiscordsWords(issue) })));
}

type FieldError = FieldFault & { readonly path: readonly PropertyKey[] };

function formErrors(fields: readonly FieldError[]): ApiError {
  const errors: ErrorTree = {};
  for (const { path, code, message } of fields) {
    let at = errors;
    for (const key of path) {
      const known = at[String(key)];
      const next: ErrorTree = isTree(known) ? known : {};
      at[String(key)] = next;
      at = next;
    }
    const known = at._errors;
    at._errors = [...(known === undefined || isTree(known) ? [] : known), { code, message }];
  }
  const violation = fields.map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`).join('; ');
  return new ApiError(400, RESTJSONErrorCodes.InvalidFormBodyOrContentType, 'Invalid Form Body', { errors, violation });
}

function isTree(value: ErrorTree | readonly FieldFault[] | undefined): value is ErrorTree {
  return value !== undefined && !Array.isArray(value);
}

function inDiscordsWords(issue: z.core.$ZodIssue): { code: string; message: string } {
  switch (issue.code) {
    case 'too_big':
      return { code: 'BASE_TYPE_BAD_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` };
    case 'too_small':
      return { code: 'BASE_TYPE_BAD_LENGTH', message: `Must be ${issue.minimum} or more in length.` };
    case 'invalid_value':
      return { code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${issue.values.map(String).join(', ')}}.` };
    case 'custom':
      return { code: String(issue.params?.code ?? 'BASE_TYPE_INVALID'), message: issue.message };
    default:
      return { code: 'BASE_TYPE_INVALID', message: issue.message };
  }
}
