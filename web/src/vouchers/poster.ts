import { create } from "qrcode";

const WIDTH = 1080;
const HEIGHT = 1440;
const EDGE = 120;

interface Poster {
  title: string;
  text: string;
  url: string;
  scan: string;
}

/** A poster as a picture: title, words, a large QR code. Drawn here, so that nothing of it goes anywhere. */
export function posterOf({ title, text, url, scan }: Poster): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  if (pen === null) return Promise.resolve(null);
  const font = getComputedStyle(document.body).fontFamily;
  pen.fillStyle = "#f6f4ee";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = "#0d6b53";
  pen.fillRect(0, 0, WIDTH, 420);
  pen.textAlign = "center";
  pen.fillStyle = "#ffffff";
  pen.font = `700 84px ${font}`;
  writeLines(pen, title, 170, 100, 2);
  pen.font = `400 44px ${font}`;
  writeLines(pen, text, 340, 58, 1);
  drawCode(pen, url, 540, 700);
  pen.fillStyle = "#1d1f1b";
  pen.font = `600 48px ${font}`;
  pen.fillText(scan, WIDTH / 2, 1330, WIDTH - 2 * EDGE);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function drawCode(pen: CanvasRenderingContext2D, url: string, top: number, size: number): void {
  const { modules } = create(url, { errorCorrectionLevel: "M" });
  const side = Math.floor(size / (modules.size + 8));
  const whole = side * (modules.size + 8);
  const left = (WIDTH - whole) / 2;
  pen.fillStyle = "#ffffff";
  pen.fillRect(left, top, whole, whole);
  pen.fillStyle = "#111111";
  modules.data.forEach((dark, place) => {
    if (!dark) return;
    const column = (place % modules.size) + 4;
    const row = Math.floor(place / modules.size) + 4;
    pen.fillRect(left + column * side, top + row * side, side, side);
  });
}

/** Breaks between words, or anywhere in text without spaces. */
function writeLines(pen: CanvasRenderingContext2D, text: string, top: number, height: number, most: number): void {
  const parts = text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*/gu) ?? [];
  const lines = [""];
  for (const part of parts) {
    const longer = (lines[lines.length - 1] ?? "") + part;
    if (pen.measureText(longer).width <= WIDTH - 2 * EDGE || lines.length === most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  const first = top - ((lines.length - 1) * height) / 2;
  lines.forEach((line, place) => pen.fillText(line.trim(), WIDTH / 2, first + place * height, WIDTH - 2 * EDGE));
}
