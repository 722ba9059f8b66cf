// Expected failures are values: a caller cannot forget that a request may fail.

export interface Failure {
  /** HTTP status, or 0 where no answer came. */
  readonly status: number;
  /** One line: what failed. */
  readonly title: string;
  /** What the server said, or what can be done. */
  readonly detail: string;
  /** The id that the server's log has too; empty where there is none. */
  readonly requestId: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure<T>(error: Failure): Result<T> {
  return { ok: false, error };
}

export function brokenAnswer<T>(detail: string): Result<T> {
  return failure({ status: 0, title: 'The answer could not be read', detail, requestId: '' });
}
