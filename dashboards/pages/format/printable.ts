// What a guest or a stranger wrote, made safe to look at: what would move, hide or turn text is shown as what it is. Pure.

/** Sequences that move a terminal's cursor or colour its text: they say nothing to a reader. What would set a title stays: words could hide in it. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[78=>c])/g;
/** Controls; and what turns the direction of text or takes no room, with which a line can look like another. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(ANSI, '').replace(UNSEEN, (one) => {
    const code = one.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
