/** Where a long act stands; the step under way turns. */
export function Steps({ names, done }: { names: readonly string[]; done: number }) {
  return (
    <ol className="steps">
      {names.map((name, place) => (
        <li
          key={name}
          className={place < done ? "step-done" : place === done ? "step-now" : undefined}
          aria-current={place === done ? "step" : undefined}
        >
          <span className="step-mark" aria-hidden="true">
            {place < done ? "✓" : ""}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}
