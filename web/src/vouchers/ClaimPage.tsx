import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Navigate, useParams } from "react-router";

import "../style/holder.css";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { useMailedCode } from "../safety/mailedCode";
import { SignIn } from "../session/SignIn";
import { ClaimStage } from "./claims/ClaimStage";
import { ClaimTrouble } from "./claims/ClaimTrouble";
import { CodeEntry } from "./claims/CodeEntry";
import { CampaignTerms, Preview } from "./claims/Preview";
import { claimPageQuery, isCampaign, isCode } from "./claims/queries";

/**
 * Where a claim link leads, for anybody. A code comes behind `#`, is taken out of the address at once and kept in memory
 * only; one that comes in the path is moved there first. A campaign's id is no secret and stays.
 */
export default function ClaimPage() {
  const { code: inPath = "" } = useParams();
  const linked = useMailedCode("/claim");
  const [typed, setTyped] = useState("");
  if (inPath !== "" && isCode(inPath)) return <Navigate to={`/claim#${inPath.toUpperCase()}`} replace />;
  const code = isCampaign(inPath) ? inPath : typed || linked;
  if (code === "") return <CodeEntry onCode={setTyped} wrong={inPath !== ""} />;
  return <OneClaim key={code} code={code} onAnother={setTyped} />;
}

function OneClaim({ code, onAnother }: { code: string; onAnother: (code: string) => void }) {
  const { t, language } = useWords();
  const me = useQuery(meQuery).data;
  const { data, error, refetch } = useQuery(claimPageQuery(code, language));
  const [signingIn, setSigningIn] = useState(false);
  const [entering, setEntering] = useState(false);
  if (entering) return <CodeEntry onCode={onAnother} />;
  if (!data) {
    return (
      <main className="page page-narrow">
        <h1>{t("claimpage.title")}</h1>
        {error ? <ClaimTrouble error={error} again={() => void refetch()} onAnother={() => setEntering(true)} /> : <Loading />}
      </main>
    );
  }
  if (signingIn && me === null) {
    return (
      <>
        <div className="page page-narrow page-before">
          <Preview told={data} />
        </div>
        <SignIn />
      </>
    );
  }
  return (
    <main className="page page-narrow">
      <h1>{t("claimpage.title")}</h1>
      <Preview told={data} />
      {me === undefined ? (
        <Loading />
      ) : (
        <ClaimStage code={code} told={data} me={me} onSignIn={() => setSigningIn(true)} onCode={() => setEntering(true)} />
      )}
      <CampaignTerms told={data} />
    </main>
  );
}
