// Runs named scenarios one after the other and prints one JSON line for each, so that a failure has a name.

import assert from "node:assert/strict";

/** Wait until `condition` answers something truthy; fails after `seconds`. */
export async function until(what, condition, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** `promise`, or an error that names what was waited for. */
export function within(what, promise, seconds = 20) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The error that `act` throws; fails if it does not throw. */
export async function thrown(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  assert.fail("it was not refused");
}

/** Run `scenarios` (name → async function); the process ends with 0 when the last one has been run. */
export async function run(scenarios) {
  for (const [name, scenario] of Object.entries(scenarios)) {
    let error = null;
    try {
      await within(name, scenario(), 60);
    } catch (caught) {
      error = `${caught?.stack ?? caught}\n${JSON.stringify(caught?.context ?? caught?.cause ?? caught?.logs ?? null, (_, value) =>
        typeof value === "bigint" ? String(value) : value,
      )}`;
    }
    console.log(JSON.stringify({ scenario: name, error }));
  }
  process.exit(0);
}
