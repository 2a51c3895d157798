import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { get, post } from "../api/client";
import type { Page } from "../api/types";
import type { components } from "../api/schema";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";

type Member = components["schemas"]["MemberRead"];

/** Who works in the shop; the owner adds cashiers. */
export function Staff({ organisation }: { organisation: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const queryKey = ["members", organisation];
  const members = useQuery({ queryKey, queryFn: () => get<Page<Member>>(`/organisations/${organisation}/members`) });
  const add = useMutation({
    mutationFn: () => post(`/organisations/${organisation}/members`, { email: email.trim(), role: "cashier" }),
    onSuccess: () => {
      setEmail("");
      return client.invalidateQueries({ queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="card" aria-labelledby="staff">
      <h2 id="staff">{t("merchant.staff")}</h2>
      <p className="quiet small">{t("merchant.staff_text")}</p>
      <ul className="plain">
        {members.data?.items.map((member) => (
          <li key={member.person_id} className="row-between">
            <span>{member.display_name}</span>
            <span className="chip">{t(`merchant.role.${member.role}`)}</span>
          </li>
        ))}
      </ul>
      <form className="row row-end" onSubmit={submit}>
        <Field
          label={t("merchant.staff_email")}
          type="email"
          value={email}
          required
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
        />
        <button className="button button-quiet" disabled={add.isPending}>
          {t("merchant.staff_add")}
        </button>
      </form>
      <ProblemNotice error={add.error ?? members.error} />
    </section>
  );
}
