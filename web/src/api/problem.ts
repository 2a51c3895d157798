/** An error that the API answered (RFC 9457), or a failure to reach it (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryable: boolean,
    readonly requestId: string | null,
    readonly facts: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
    this.name = "Problem";
  }

  static unreachable(): Problem {
    return new Problem(0, "unreachable", "", true, null, {});
  }

  static async of(answer: Response): Promise<Problem> {
    const body: unknown = await answer.json().catch(() => null);
    const facts = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    return new Problem(
      answer.status,
      typeof facts.code === "string" ? facts.code : "http_error",
      typeof facts.detail === "string" ? facts.detail : answer.statusText,
      facts.retryable === true,
      typeof facts.request_id === "string" ? facts.request_id : answer.headers.get("X-Request-Id"),
      facts,
    );
  }

  /** Whether the act is known to have had an effect or none; otherwise the same act must be asked again. */
  get answered(): boolean {
    return this.status !== 0 && this.status < 500 && !this.retryable;
  }
}
