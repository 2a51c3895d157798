import { newKey } from "../../api/client";

const PLACE = "quanbao.device";

/** A random name of this browser: limits count a device once. The server keeps a hash of it. */
export function deviceId(): string {
  const known = localStorage.getItem(PLACE);
  if (known !== null) return known;
  const made = newKey();
  localStorage.setItem(PLACE, made);
  return made;
}
