import { useQuery } from "@tanstack/react-query";

import { getText } from "../api/client";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { PlainMarkdown } from "./PlainMarkdown";

/** What is kept and why, as the server says it; open to everybody. */
export function PrivacyPage() {
  const { language } = useWords();
  const { data, error, refetch } = useQuery({ queryKey: ["privacy", language], queryFn: () => getText("/privacy") });
  return (
    <main className="page page-reading">
      <ProblemNotice error={error} again={() => void refetch()} />
      {data === undefined && !error && <Loading />}
      {data !== undefined && <PlainMarkdown text={data} />}
    </main>
  );
}
