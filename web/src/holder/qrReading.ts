import { ScanRefused } from "./scanned";

/** Longest side, in pixels, that a picture is shrunk to: more only takes longer. */
const MOST = 1600;
const TRIES = 300;

interface Detector {
  detect: (picture: CanvasImageSource) => Promise<readonly { rawValue: string }[]>;
}

interface Detecting {
  BarcodeDetector?: {
    new (options: { formats: readonly string[] }): Detector;
    getSupportedFormats: () => Promise<readonly string[]>;
  };
}

/** Finds the text of a QR code in a picture; null where there is none. */
export type Reader = (picture: CanvasImageSource, width: number, height: number) => Promise<string | null>;

/** The browser's own detector where it has one, else one that is loaded now. */
export async function qrReader(): Promise<Reader> {
  const own = (window as Detecting).BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes("qr_code")) {
    const detector = new own({ formats: ["qr_code"] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("./qrDecoder");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser has no canvas");
  return (picture, width, height) => {
    const shrink = Math.min(1, MOST / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * shrink));
    canvas.height = Math.max(1, Math.round(height * shrink));
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return Promise.resolve(decodeQR(context.getImageData(0, 0, canvas.width, canvas.height), TRIES));
  };
}

/** The text of the code in a file. Raises ScanRefused. */
export async function qrOfPicture(file: Blob): Promise<string> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    throw new ScanRefused("image_bad");
  }
  try {
    const found = await (await qrReader())(picture, picture.width, picture.height);
    if (found === null) throw new ScanRefused("image_none");
    return found;
  } finally {
    picture.close();
  }
}
