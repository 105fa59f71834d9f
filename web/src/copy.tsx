import { useEffect, useState } from 'preact/hooks';

interface CopyProps {
  text: string;
  /** As in "Copy …". */
  what: string;
}

const SAID_MS = 3_000;

/** A text to be taken elsewhere, whole; where the browser lets no page write to the clipboard, it is marked to be copied by hand. */
export function Copied({ text, what }: CopyProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (event: MouseEvent) => {
    const shown = (event.currentTarget as HTMLElement).previousElementSibling as HTMLTextAreaElement;
    shown.select();
    if ('clipboard' in navigator)
      navigator.clipboard.writeText(text).then(
        () => setCopied(true),
        () => shown.focus(),
      );
  };
  return (
    <div class="to-copy" data-long={text.length > 100}>
      <span class="small quiet" aria-hidden="true">
        {what[0]!.toUpperCase() + what.slice(1)}
      </span>
      <textarea
        class="mono"
        readOnly
        rows={text.length > 100 ? 5 : text.length > 36 ? 2 : 1}
        aria-label={what}
        value={text}
        onFocus={selectAll}
      />
      <button type="button" class="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
        <span class="unseen"> {what}</span>
      </button>
      <span class="unseen" role="status">
        {copied ? `${what} copied` : ''}
      </span>
    </div>
  );
}

const selectAll = ({ currentTarget }: FocusEvent): void => (currentTarget as HTMLTextAreaElement).select();
