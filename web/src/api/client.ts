import { Problem } from "./problem";
import { withPatience } from "./reach";

const PREFIX = "/api/v1";

/** What every request of the page carries. Set by the session and the language, read on each request. */
export const context = { csrf: "", language: "zh-CN" };

export interface Options {
  /** Acting for this organisation. */
  organisation?: string;
  /** Name of an act that moves value: its Idempotency-Key stays the same until it is answered. */
  act?: string;
  /** The Idempotency-Key itself, of an act that is asked again later (a payment that waited for a word). */
  key?: string;
  /** Told the Idempotency-Key of the act before it is asked. */
  onKey?: (key: string) => void;
  signal?: AbortSignal;
}

export function get<T>(path: string, options: Options = {}): Promise<T> {
  return exchange("GET", path, undefined, options).then((answer) => answer.json() as Promise<T>);
}

export function post<T>(path: string, body?: unknown, options: Options = {}): Promise<T> {
  return written<T>("POST", path, body, options);
}

export function put<T>(path: string, body?: unknown, options: Options = {}): Promise<T> {
  return written<T>("PUT", path, body, options);
}

export function remove<T = void>(path: string, options: Options = {}): Promise<T> {
  return written<T>("DELETE", path, undefined, options);
}

async function written<T>(method: Method, path: string, body: unknown, options: Options): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await exchange(method, path, text, options);
  // Some acts are accepted without a word (202, 204).
  const said = await answer.text();
  return (said === "" ? undefined : JSON.parse(said)) as T;
}

export function getText(path: string, options: Options = {}): Promise<string> {
  return exchange("GET", path, undefined, options).then((answer) => answer.text());
}

/** The answer's bytes, as they are. */
export async function getBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await exchange("GET", path, undefined, {})).arrayBuffer());
}

/** Bytes sent as they are: a proof is checked byte for byte. */
export async function postBytes<T>(path: string, body: Uint8Array<ArrayBuffer>): Promise<T> {
  return (await exchange("POST", path, body, {})).json() as Promise<T>;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function exchange(
  method: Method,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  options: Options,
): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": context.language });
  if (options.organisation) headers.set("Organisation-Id", options.organisation);
  if (method !== "GET") headers.set("X-CSRF-Token", context.csrf);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const memory = options.act === undefined ? null : actMemory(options.act, path, body);
  const key = options.key ?? memory?.key;
  if (key !== undefined) {
    headers.set("Idempotency-Key", key);
    options.onKey?.(key);
  }

  let answer: Response;
  try {
    answer = await withPatience(
      (signal) => fetch(PREFIX + path, { method, headers, body, signal, credentials: "same-origin" }),
      options.signal,
    );
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw Problem.unreachable();
  }
  if (answer.ok) {
    memory?.forget();
    return answer;
  }
  const problem = await Problem.of(answer);
  // A locked wallet refuses before the key is used: the tap goes on after unlocking, as the same act.
  if (problem.answered && problem.status !== 423 && problem.status !== 401) memory?.forget();
  throw problem;
}

/** Keeps the key over a reload, so that a tap whose answer was lost is asked again and not done twice. */
function actMemory(act: string, path: string, body: unknown): { key: string; forget: () => void } {
  const name = `quanbao.act ${act} ${path} ${typeof body === "string" ? body : ""}`;
  const known = sessionStorage.getItem(name);
  const key = known ?? newKey();
  if (known === null) sessionStorage.setItem(name, key);
  return { key, forget: () => sessionStorage.removeItem(name) };
}

/** 128 random bits; `crypto.randomUUID` is absent where the page is served without TLS off loopback. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
