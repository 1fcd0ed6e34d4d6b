// The envelope of every success and the body of every refusal.
import { randomUUID } from "node:crypto";

/** A refusal of the API. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: { errorCode: string; message: string }[];
  constructor(status: number, errors: { errorCode: string; message: string }[]) {
    super(errors[0]?.message ?? "");
    this.status = status;
    this.errors = errors;
  }
}

/** 400 that names the field. */
export const invalid = (field: string, problem: string): ApiError =>
  new ApiError(400, [{ errorCode: "Validation Error", message: `Field ${field} : ${problem}` }]);

/** 403 in the documented words. */
export const forbidden = (message = "Forbidden by consent"): ApiError =>
  new ApiError(403, [{ errorCode: "Forbidden", message }]);

/** 404 of objects that can be missing by the rules. */
export const missing = (object: string): ApiError =>
  new ApiError(404, [{ errorCode: "Not Found", message: `Object of ${object} does not exists` }]);

/** 424: a service behind did not do it. */
export const failedBehind = (message: string): ApiError =>
  new ApiError(424, [{ errorCode: "Failed Dependency", message }]);

const docs = "http://enter.tochka.com/doc/openapi/swagger";

/** Body of a refusal. */
export function errorBody(status: number, errors: readonly { errorCode: string; message: string }[]): object {
  return {
    code: String(status),
    id: randomUUID(),
    message: "Что-то пошло не так",
    Errors: errors.map(({ errorCode, message }) => ({ errorCode, message: message.slice(0, 603), url: docs })),
  };
}

/** Body of a success. */
export const envelope = (data: unknown, self: string, totalPages = 1): object => ({
  Data: data,
  Links: { self },
  Meta: { totalPages },
});
