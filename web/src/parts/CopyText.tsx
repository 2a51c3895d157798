import { useEffect, useRef, useState } from "react";

import { shortId } from "../chains";
import { useWords } from "../i18n/language";

/** A long id, shortened, with a button that copies all of it. */
export function CopyText({ text, label, whole = false }: { text: string; label?: string; whole?: boolean }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const shown = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Without permission to the clipboard the text is selected for the person's own copy.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };

  return (
    <span className="copy">
      <code ref={shown} title={text}>
        {whole ? text : shortId(text)}
      </code>
      <button type="button" className="copy-button" onClick={copy} aria-label={`${t("common.copy")} ${label ?? text}`}>
        <span aria-live="polite">{copied ? t("common.copied") : t("common.copy")}</span>
      </button>
    </span>
  );
}
