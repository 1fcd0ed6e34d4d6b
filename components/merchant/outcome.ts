// What came of a member's command.

export type Fault = { field: string; code: string; message: string };
export type Outcome<T = unknown> = { ok: true; value: T } | { ok: false; code: string; fields: Fault[] };
