import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { useWords } from "../../i18n/language";
import { Dialog } from "../../parts/Dialog";
import { ProblemNotice } from "../../parts/ProblemNotice";

interface Props {
  /** On the button that opens the question, and on the one that answers yes. */
  name: string;
  title: string;
  children?: ReactNode;
  act: () => Promise<unknown>;
  className?: string;
  danger?: boolean;
}

/** A button whose act is asked about once more. */
export function Ask({ name, title, children, act, className = "button button-quiet button-small", danger = false }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const run = useMutation({ mutationFn: act, onSuccess: () => setOpen(false) });
  const close = () => {
    setOpen(false);
    run.reset();
  };
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)}>
        {name}
      </button>
      {open && (
        <Dialog title={title} onClose={close}>
          {children}
          <ProblemNotice error={run.error} />
          <div className="row">
            <button type="button" className={danger ? "button button-danger" : "button"} disabled={run.isPending} onClick={() => run.mutate()}>
              {run.isPending ? t("common.working") : name}
            </button>
            <button type="button" className="button button-quiet" onClick={close}>
              {t("common.cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
