import { createContext, useContext } from "react";

export interface LiveState {
  connected: boolean;
  /** An order that a till has just asked this person to pay. */
  asked: string | null;
  answer: () => void;
}

export const LiveEvents = createContext<LiveState>({ connected: false, asked: null, answer: () => undefined });

export const useLive = () => useContext(LiveEvents);
