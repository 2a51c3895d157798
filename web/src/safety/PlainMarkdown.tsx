import type { ReactNode } from "react";

/** The few shapes of our own privacy page: headings, paragraphs, lists, tables, bold and code. Links become their text. */
export function PlainMarkdown({ text }: { text: string }) {
  return text
    .trim()
    .split(/\n{2,}/u)
    .map((block, place) => <Block key={place} lines={block.split("\n")} />);
}

function Block({ lines }: { lines: readonly string[] }) {
  const [first = ""] = lines;
  const heading = /^(#{1,2}) (.*)$/u.exec(first);
  if (heading) {
    const words = inline(heading[2] ?? "");
    return heading[1] === "#" ? <h1>{words}</h1> : <h2>{words}</h2>;
  }
  if (first.startsWith("|")) return <Table lines={lines} />;
  if (first.startsWith("- ")) {
    const entries: string[] = [];
    for (const line of lines) {
      if (line.startsWith("- ")) entries.push(line.slice(2));
      else entries.push(`${entries.pop() ?? ""}${gap(line)}${line.trim()}`);
    }
    return (
      <ul className="dots">
        {entries.map((entry, place) => (
          <li key={place}>{inline(entry)}</li>
        ))}
      </ul>
    );
  }
  return <p>{inline(lines.reduce((before, line) => `${before}${gap(line)}${line}`))}</p>;
}

/** Chinese lines are joined without a space. */
const gap = (line: string) => (/^\s*[\u3000-\u9fff\uff00-\uffef]/u.test(line) ? "" : " ");

function Table({ lines }: { lines: readonly string[] }) {
  const [head = [], , ...rows] = lines.map((line) => line.split("|").slice(1, -1));
  return (
    <div className="table-wrap" role="region" aria-label={head.join(" ").trim()} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, place) => (
              <th key={place} scope="col">
                {inline(cell.trim())}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => (
                <td key={place}>{inline(cell.trim())}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(text: string): ReactNode[] {
  const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1");
  return plain.split(/(\*\*[^*]+\*\*|`[^`]+`)/u).map((part, place) => {
    if (part.startsWith("**")) return <strong key={place}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("`")) return <code key={place}>{part.slice(1, -1)}</code>;
    return part;
  });
}
