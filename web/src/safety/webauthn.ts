/** Passkeys as the API speaks of them (W3C Web Authentication Level 3 §5.1, §10.1.4): JSON here, bytes for the browser. */

type Json = Readonly<Record<string, unknown>>;

/** What a device or its owner did instead of answering. */
export class PasskeyTrouble extends Error {
  constructor(
    readonly kind: "cancelled" | "known" | "no_prf" | "other",
    readonly reason = "",
  ) {
    super(kind);
    this.name = "PasskeyTrouble";
  }
}

/** What `/auth/passkeys…/options` answer. */
export interface Options {
  public_key: Json;
}

export interface Answer {
  credential: Json;
  /** First result of the device's pseudo-random function, 32 bytes in base64url; a secret. */
  deviceAnswer: string | null;
}

const IP_ADDRESS = /^(\d+\.){3}\d+$|^\[/;

/** Whether this address of the page is a name: browsers take no passkeys for IP addresses. */
export const servedByName = () => !IP_ADDRESS.test(location.hostname);
export const knowsPasskeys = () => "PublicKeyCredential" in window;

/** A new passkey on this device. Raises PasskeyTrouble. */
export async function createPasskey({ public_key: asked }: Options): Promise<Json> {
  const user = asked.user as Json;
  const publicKey = {
    ...asked,
    challenge: bytesOf(asked.challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: named(asked.excludeCredentials),
    extensions: extensionsOf(asked),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = await told(() => navigator.credentials.create({ publicKey }));
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...plain(made),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
      transports: response.getTransports(),
    },
  };
}

/** A passkey's answer. Raises PasskeyTrouble. */
export async function askPasskey({ public_key: asked }: Options): Promise<Answer> {
  const publicKey = {
    ...asked,
    challenge: bytesOf(asked.challenge),
    allowCredentials: named(asked.allowCredentials),
    extensions: extensionsOf(asked),
  } as unknown as PublicKeyCredentialRequestOptions;
  const given = await told(() => navigator.credentials.get({ publicKey }));
  const response = given.response as AuthenticatorAssertionResponse;
  const first = given.getClientExtensionResults().prf?.results?.first;
  return {
    // What extensions answered is left out: the answer of the pseudo-random function is a secret.
    credential: {
      ...plain(given),
      response: {
        clientDataJSON: textOf(response.clientDataJSON),
        authenticatorData: textOf(response.authenticatorData),
        signature: textOf(response.signature),
        userHandle: response.userHandle ? textOf(response.userHandle) : null,
      },
    },
    deviceAnswer: first === undefined ? null : textOf(first),
  };
}

async function told(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await ask();
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "AbortError") throw new PasskeyTrouble("cancelled");
    if (name === "InvalidStateError") throw new PasskeyTrouble("known");
    throw new PasskeyTrouble("other", name || String(error));
  }
  if (!(answer instanceof PublicKeyCredential)) throw new PasskeyTrouble("cancelled");
  return answer;
}

const plain = (credential: PublicKeyCredential) => ({
  id: credential.id,
  rawId: textOf(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
});

function named(list: unknown): Json[] {
  return ((list as Json[] | undefined) ?? []).map((each) => ({ ...each, id: bytesOf(each.id) }));
}

function extensionsOf(asked: Json): Json {
  const { prf } = asked.extensions as { prf: { eval: { first: string } } };
  return { prf: { eval: { first: bytesOf(prf.eval.first) } } };
}

function bytesOf(text: unknown): Uint8Array<ArrayBuffer> {
  const padded = String(text).replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function textOf(source: BufferSource): string {
  const raw = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  let letters = "";
  for (const byte of raw) letters += String.fromCharCode(byte);
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
