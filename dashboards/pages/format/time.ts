// Spans and moments as people read them. Pure: whoever calls says what time it is.

export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${two(whole % 60)} s`;
  if (whole < 86_400) return `${String(Math.floor(whole / 3600))} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${String(Math.floor(whole / 86_400))} d ${two(Math.floor((whole % 86_400) / 3600))} h`;
}

export function ago(then: number, now: number): string {
  const seconds = Math.round((now - then) / 1000);
  if (seconds < 45) return 'just now';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${String(hours)} h ago`;
  return `${String(Math.round(hours / 24))} d ago`;
}

/** "2026-11-29 16:47", in the reader's own zone. */
export function moment(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${day(at)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function day(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** What an input of type datetime-local wants, and back; undefined of what is no moment yet, as of a year of which one digit is typed. */
export function toField(iso: string | undefined): string {
  return iso === undefined ? '' : moment(iso).replace(' ', 'T');
}

export function fromField(text: string): string | undefined {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) || at.getTime() < 0 ? undefined : at.toISOString();
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
