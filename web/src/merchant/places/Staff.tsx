import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, remove } from "../../api/client";
import { useWords } from "../../i18n/language";
import { CopyText } from "../../parts/CopyText";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useMe } from "../../session/session";
import { Ask } from "../parts/Ask";
import { Choice } from "../parts/Choice";
import { wordsAt } from "../parts/fieldProblem";
import { Listed } from "../parts/Listed";
import { invitationsQuery, membersQuery } from "../queries";
import type { InvitationMade, Member, MemberRole } from "../shapes";
import { useShop } from "../shop";

const ROLES: readonly MemberRole[] = ["cashier", "manager", "owner", "sponsor", "auditor"];

/** Who works here; only an owner changes it. */
export function Staff({ owner }: { owner: boolean }) {
  const { t } = useWords();
  const shop = useShop();
  const query = useQuery(membersQuery(shop.id));
  return (
    <div className="column">
      <section className="card" aria-labelledby="staff">
        <h2 id="staff">{t("merchant.staff")}</h2>
        <Listed query={query} empty={t("staff.none")}>
          {(members) => (
            <ul className="rows">
              {members.map((member) => (
                <li key={member.person_id} className="row-between">
                  <span>
                    <strong>{member.display_name}</strong>
                    {member.email && <small className="quiet block">{member.email}</small>}
                  </span>
                  {owner ? <MemberActs member={member} /> : <span className="chip">{t(`merchant.role.${member.role}`)}</span>}
                </li>
              ))}
            </ul>
          )}
        </Listed>
        {owner && <AddMember />}
      </section>
      {owner && <Invitations />}
    </div>
  );
}

function MemberActs({ member }: { member: Member }) {
  const { t } = useWords();
  const shop = useShop();
  const me = useMe();
  const client = useQueryClient();
  const settled = () => client.invalidateQueries({ queryKey: membersQuery(shop.id).queryKey });
  const change = useMutation({
    mutationFn: (role: MemberRole) => post(`/organisations/${shop.id}/members`, { email: member.email, role }),
    onSettled: settled,
  });
  if (member.person_id === me.person.id || member.email === null) return <span className="chip">{t(`merchant.role.${member.role}`)}</span>;
  return (
    <span className="row">
      <select
        aria-label={t("staff.role_of", { name: member.display_name })}
        value={member.role}
        disabled={change.isPending}
        className="select-small"
        onChange={(event) => change.mutate(event.target.value as MemberRole)}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {t(`merchant.role.${role}`)}
          </option>
        ))}
      </select>
      <Ask
        name={t("staff.remove")}
        title={t("staff.remove_title", { name: member.display_name })}
        act={() => remove(`/organisations/${shop.id}/members/${member.person_id}`).finally(settled)}
        danger
      >
        <p>{t("staff.remove_text")}</p>
      </Ask>
      <ProblemNotice error={change.error} />
    </span>
  );
}

function AddMember() {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<MemberRole>("cashier");
  const add = useMutation({
    mutationFn: () => post(`/organisations/${shop.id}/members`, { email: email.trim(), role }),
    onSuccess: () => {
      setEmail("");
      return client.invalidateQueries({ queryKey: membersQuery(shop.id).queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const wrong = wordsAt(add.error, "email");
  return (
    <form className="form form-new" onSubmit={submit}>
      <div className="pair">
        <Field label={t("merchant.staff_email")} type="email" value={email} required autoComplete="off" error={wrong} onChange={(event) => setEmail(event.target.value)} />
        <RoleChoice role={role} onChange={setRole} />
      </div>
      {!wrong && <ProblemNotice error={add.error} />}
      <button className="button" disabled={add.isPending}>
        {t("staff.add")}
      </button>
    </form>
  );
}

function RoleChoice({ role, onChange }: { role: MemberRole; onChange: (role: MemberRole) => void }) {
  const { t } = useWords();
  return (
    <Choice
      label={t("staff.role")}
      value={role}
      hint={t(`staff.${role}_may`)}
      onChange={(event) => onChange(event.target.value as MemberRole)}
      options={ROLES.map((one) => [one, t(`merchant.role.${one}`)])}
    />
  );
}

/** For people who are not registered yet: the link works once, for one address. */
function Invitations() {
  const { t, date } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const query = useQuery(invitationsQuery(shop.id));
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<MemberRole>("cashier");
  const settled = () => client.invalidateQueries({ queryKey: invitationsQuery(shop.id).queryKey });
  const invite = useMutation({
    mutationFn: () => post<InvitationMade>(`/organisations/${shop.id}/invitations`, { email: email.trim(), role }),
    onSuccess: () => setEmail(""),
    onSettled: settled,
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  const wrong = wordsAt(invite.error, "email");
  return (
    <section className="card" aria-labelledby="invitations">
      <h2 id="invitations">{t("staff.invitations")}</h2>
      <p className="quiet small">{t("staff.invite_text")}</p>
      <Listed query={query} empty={t("staff.no_invitations")}>
        {(invitations) => (
          <ul className="rows">
            {invitations.map((invitation) => (
              <li key={invitation.id} className="row-between">
                <span>
                  {invitation.email}
                  <small className="quiet block">
                    {t(`merchant.role.${invitation.role}`)} · {t("staff.until", { date: date(invitation.expires_at) })}
                  </small>
                </span>
                <Ask
                  name={t("staff.revoke")}
                  title={t("staff.revoke_title")}
                  act={() => remove(`/organisations/${shop.id}/invitations/${invitation.id}`).finally(settled)}
                  danger
                />
              </li>
            ))}
          </ul>
        )}
      </Listed>
      <form className="form form-new" onSubmit={submit}>
        <div className="pair">
          <Field label={t("staff.email")} type="email" value={email} required autoComplete="off" error={wrong} onChange={(event) => setEmail(event.target.value)} />
          <RoleChoice role={role} onChange={setRole} />
        </div>
        {!wrong && <ProblemNotice error={invite.error} />}
        <button className="button button-quiet" disabled={invite.isPending}>
          {t("staff.invite")}
        </button>
        {invite.data && (
          <div className="notice notice-good" role="status">
            <p>{t("staff.invited", { email: invite.data.email })}</p>
            <CopyText text={`${location.origin}/invitation#${invite.data.token}`} label={t("staff.invite_link")} />
          </div>
        )}
      </form>
    </section>
  );
}
