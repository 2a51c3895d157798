/// <reference types="vite/client" />

declare module "qrcode" {
  interface QrModules {
    size: number;
    data: Uint8Array;
  }
  export function create(text: string, options: { errorCorrectionLevel: "L" | "M" | "Q" | "H" }): { modules: QrModules };
}
