// The colours of the page as they are now, for a canvas that knows no style sheet.

const NAMES = ['ink', 'faint', 'line', 'link', 'plot-band', 'better', 'worse'] as const;

export type Colours = Readonly<Record<(typeof NAMES)[number], string>> & { readonly font: string };

/** A custom property is told as it is written; only as the colour of something it is told as what it comes to. */
export function coloursOf(element: Element): Colours {
  const probe = document.createElement('i');
  element.append(probe);
  const found = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return { ...(Object.fromEntries(found) as Record<(typeof NAMES)[number], string>), font: `11px ${getComputedStyle(element).fontFamily}` };
}
