import decode from "qr/decode.js";

/** The text of the code in a picture, looked for at most so many milliseconds; null where none is found. */
export function decodeQR(picture: ImageData, timeLimit: number): string | null {
  try {
    return decode(picture, { timeLimit });
  } catch {
    // The decoder throws where it finds no code.
    return null;
  }
}
