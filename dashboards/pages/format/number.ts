// Figures as people read them. Pure.

/** "+2.43 %"; more digits where there is little. A true minus sign, as wide as the plus. */
export function percent(value: number | null): string {
  return value === null ? '-' : `${signed(value)} %`;
}

/** Of a change that is known: what rose from nothing has no percentage. */
export function sayChange(pct: number | null): string {
  return pct === null ? 'from nothing' : percent(pct);
}

export function signed(value: number): string {
  const size = Math.abs(value);
  const text = size < 0.1 ? size.toFixed(3) : size < 1000 ? size.toFixed(2) : size.toFixed(0);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** Four digits that count, and a letter for what is large. */
export function figure(value: number | null): string {
  if (value === null) return '-';
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)} G`;
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)} k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} MB`;
  if (count >= 1e3) return `${(count / 1e3).toFixed(1)} kB`;
  return `${String(count)} B`;
}

export function counted(count: number, what: string, many = `${what}s`): string {
  return `${grouped(count)} ${count === 1 ? what : many}`;
}

/** Thin spaces between thousands, so that no language takes them for a decimal point. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** A p value: exact ones may be very small. */
export function sayP(p: number | null): string {
  if (p === null) return '-';
  if (p >= 0.001) return p.toPrecision(2);
  const [digits = '', power = ''] = p.toExponential(1).split('e');
  return p === 0 ? '0' : `${digits} × 10${superscript(Number(power))}`;
}

const RAISED: Readonly<Record<string, string>> = { '-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹' };

function superscript(value: number): string {
  return String(value).replace(/./g, (one) => RAISED[one] ?? '');
}
