import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";

import { post, put, remove } from "../api/client";
import { addressOf, chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Empty } from "./Empty";
import { contactsQuery } from "./queries";
import { Screen } from "./Screen";
import { Select } from "./Select";
import type { Contact } from "./shapes";

/** Names for the accounts one sends to. */
export default function ContactsPage() {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(contactsQuery);
  return (
    <Screen title={t("contacts.title")} back="/holder/more">
      <p className="quiet">{t("contacts.text")}</p>
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : data.length === 0 ? (
        <Empty>{t("contacts.none")}</Empty>
      ) : (
        <ul className="card rows">
          {data.map((contact) => (
            <li key={contact.id}>
              <ContactLine contact={contact} />
            </li>
          ))}
        </ul>
      )}
      <AddContact />
    </Screen>
  );
}

function ContactLine({ contact }: { contact: Contact }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const [renaming, setRenaming] = useState(false);
  const [typed, setTyped] = useState(contact.name);
  const changed = () => client.invalidateQueries({ queryKey: contactsQuery.queryKey });
  const rename = useMutation({
    mutationFn: () => put(`/address-book/${contact.id}`, { name: typed, note: contact.note }),
    onSuccess: async () => {
      setRenaming(false);
      await changed();
    },
  });
  const forget = useMutation({ mutationFn: () => remove(`/address-book/${contact.id}`), onSuccess: changed });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  const to = new URLSearchParams({ to: addressOf(contact.account), chain: chainOf(contact.account) });
  return (
    <div className="contact">
      {renaming ? (
        <form className="row row-end" onSubmit={submit}>
          <Field
            label={t("contacts.name")}
            value={typed}
            required
            autoFocus
            maxLength={80}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button className="button button-quiet" disabled={rename.isPending}>
            {t("contacts.save")}
          </button>
        </form>
      ) : (
        <div className="line-text">
          <strong>{contact.name}</strong>
          <span className="quiet small">{name(chainOf(contact.account))}</span>
          <CopyText text={addressOf(contact.account)} label={contact.name} />
          {contact.note && <span className="small">{contact.note}</span>}
        </div>
      )}
      <div className="row contact-acts">
        <Link
          to={`/holder/send?${to}`}
          className="button button-quiet"
          aria-label={t("contacts.send", { name: contact.name })}
        >
          {t("holder.send")}
        </Link>
        {!renaming && (
          <button type="button" className="button button-plain" onClick={() => setRenaming(true)}>
            {t("contacts.rename")}
          </button>
        )}
        <button
          type="button"
          className="button button-plain"
          aria-label={t("contacts.remove_it", { name: contact.name })}
          disabled={forget.isPending}
          onClick={() => forget.mutate()}
        >
          {t("contacts.remove")}
        </button>
      </div>
      <ProblemNotice error={rename.error ?? forget.error} />
    </div>
  );
}

function AddContact() {
  const { t } = useWords();
  const { chains, name: chainName } = useChainNames();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [chain, setChain] = useState("");
  const [address, setAddress] = useState("");
  const [note, setNote] = useState("");
  const chosen = chain || chains[0]?.chain || "";
  const add = useMutation({
    mutationFn: () => post<Contact>("/address-book", { name, note: note || null, account: `${chosen}:${address.trim()}` }),
    onSuccess: async () => {
      setName("");
      setAddress("");
      setNote("");
      await client.invalidateQueries({ queryKey: contactsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="card form" onSubmit={submit}>
      <div className="pair">
        <Field
          label={t("contacts.name")}
          value={name}
          required
          maxLength={80}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <Select label={t("contacts.chain")} value={chosen} onChange={(event) => setChain(event.target.value)}>
          {chains.map((each) => (
            <option key={each.chain} value={each.chain}>
              {chainName(each.chain)}
            </option>
          ))}
        </Select>
      </div>
      <Field
        label={t("contacts.address")}
        value={address}
        required
        maxLength={100}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setAddress(event.target.value)}
      />
      <Field label={t("contacts.note")} value={note} maxLength={200} onChange={(event) => setNote(event.target.value)} />
      <ProblemNotice error={add.error} />
      {add.data && (
        <p className="good" role="status">
          {t("contacts.added", { name: add.data.name })}
        </p>
      )}
      <button className="button button-quiet" disabled={add.isPending}>
        {t("contacts.add")}
      </button>
    </form>
  );
}
