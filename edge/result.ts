// What expected outcomes are told with. Exceptions are for bugs and dead infrastructure.

/** Either a value, or an error that says by its tag what to do. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function fail<E>(error: E): { ok: false; error: E } {
  return { ok: false, error };
}
