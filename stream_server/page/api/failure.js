/** An answer of the server that says no. */

export class Failure extends Error {
  /** @param {{status: number, code: string, message: string}} told */
  constructor({ status, code, message }) {
    super(message);
    this.name = "Failure";
    this.status = status;
    this.code = code;
  }
}

/** Read why a response is not what was asked for. */
export async function failureOf(response) {
  return failureFrom(response.status, await response.text().catch(() => ""));
}

/** Read why from a status and a body. */
export function failureFrom(status, body) {
  let told = null;
  try {
    told = JSON.parse(body).error;
  } catch {
    // A proxy before the server answers in its own words.
  }
  const code = told?.code ?? (status >= 502 && status <= 504 ? "unreachable" : "unknown");
  return new Failure({ status, code, message: told?.message ?? `HTTP ${status}` });
}
