import { useEffect, useState } from "react";

const CHANNEL = "quanbao.till";

/** Whether the till of the same shop is open in another tab of this browser. */
export function useOtherTab(organisation: string): boolean {
  const [other, setOther] = useState(false);
  useEffect(() => {
    if (!("BroadcastChannel" in window)) return;
    const channel = new BroadcastChannel(`${CHANNEL} ${organisation}`);
    channel.onmessage = ({ data }) => {
      if (data === "gone") setOther(false);
      else setOther(true);
      // Whoever comes asks; whoever is there, or stays when another goes, answers.
      if (data === "asks" || data === "gone") channel.postMessage("here");
    };
    const leave = () => channel.postMessage("gone");
    channel.postMessage("asks");
    addEventListener("pagehide", leave);
    return () => {
      leave();
      removeEventListener("pagehide", leave);
      channel.close();
    };
  }, [organisation]);
  return other;
}
