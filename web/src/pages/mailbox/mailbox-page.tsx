import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { getMail, listMail } from "../../api/shop.ts";
import type { Mail, MailList } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { t } from "../../i18n/index.ts";
import { locale } from "../../i18n/format.ts";
import "./mailbox.css";

function when(at: string): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

/** The text with its web addresses as links; ours stay in this page. */
function linked(text: string) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((piece, i) =>
    i % 2 === 1 ? (
      <a key={i} href={piece}>
        {piece}
      </a>
    ) : (
      piece
    ),
  );
}

/** Mail that a demo wrote instead of sending: the list, and one mail beside it. */
export function MailboxPage({ mail }: { mail: string | null }) {
  const list = useSignal<MailList["items"] | null>(null);
  const open = useSignal<Mail | null>(null);
  const failure = useSignal<Problem | null>(null);

  const load = async (): Promise<void> => {
    try {
      if (mail !== null) open.value = await getMail(mail);
      else list.value = (await listMail()).items;
      failure.value = null;
    } catch (thrown) {
      failure.value = asProblem(thrown);
    }
  };
  useTitle(t("mailbox.title"));
  useEffect(() => {
    open.value = null;
    void load();
  }, [mail]);

  if (failure.value) return <Failure problem={failure.value} onRetry={() => void load()} />;
  if (mail !== null)
    return (
      <main id="main" class="page narrow mailbox">
        <p class="mailbox-back">
          <a href={paths.mailbox()}>← {t("mailbox.back")}</a>
        </p>
        <h1 tabIndex={-1}>{open.value?.subject ?? "\u00a0"}</h1>
        {open.value && (
          <>
            <p class="quiet">
              {t("mailbox.to", { to: open.value.to })} · {when(open.value.date)}
            </p>
            <div class="mailbox-text">{linked(open.value.text)}</div>
          </>
        )}
      </main>
    );
  return (
    <main id="main" class="page narrow mailbox">
      <h1 tabIndex={-1}>{t("mailbox.title")}</h1>
      <p class="lead">{t("mailbox.lead")}</p>
      {list.value?.length === 0 && <p>{t("mailbox.empty")}</p>}
      <ul>
        {list.value?.map((each) => (
          <li key={each.id}>
            <a href={`${paths.mailbox()}/${encodeURIComponent(each.id)}`}>
              <strong>{each.subject}</strong>
              <span class="quiet">
                {t("mailbox.to", { to: each.to })} · {when(each.date)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}
